"""The harness keeps its own promises."""

import socket

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from backend.credits.models import Entry
from tests.support.cast import Cast
from tests.support.factories import EntryFactory


@pytest.mark.django_db(transaction=True)
def test_flush_empties_the_ledger_and_guards_it_again() -> None:
    EntryFactory.create()
    call_command("flush", interactive=False, verbosity=0)
    assert Entry.objects.count() == 0
    entry = EntryFactory.create()
    for change in (Entry.objects.all().delete, lambda: Entry.objects.update(points=0)):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    assert list(Entry.objects.all()) == [entry]


def test_a_test_that_leaves_this_machine_fails() -> None:
    with socket.socket() as outside, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(pytest.fail.Exception, match=r"annuaire\.example"):
        socket.getaddrinfo("annuaire.example", 443)


def test_the_two_networks_share_nobody(cast: Cast) -> None:
    here = set(cast.here.network.memberships.values_list("person", flat=True))
    elsewhere = set(cast.elsewhere.network.memberships.values_list("person", flat=True))
    assert here.isdisjoint(elsewhere)
    assert len(here) == len(elsewhere) == 4
    assert not cast.admin.memberships.exists()
