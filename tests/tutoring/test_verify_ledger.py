"""`tandem verify-ledger`: a verdict for each network, and exit status 1 when one is wrong."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backend.credits.domain.ledger import NewEntry, account_of, write_entries
from backend.credits.enums import EntryKind
from backend.credits.models import Entry
from backend.networks.models import Network
from backend.referentials.enums import Area
from tests.support.factories import NetworkFactory
from tests.support.scene import Scene
from tests.support.tampering import execute_without_triggers


@pytest.fixture
def held(confirmed: Scene) -> Scene:
    confirmed.settle(present=True)
    return confirmed


def verify(*arguments: str) -> list[str]:
    """The lines printed when nothing is wrong."""
    printed = StringIO()
    call_command("verify-ledger", *arguments, stdout=printed, no_color=True)
    return printed.getvalue().splitlines()


def verify_wrong(*arguments: str) -> tuple[list[str], str]:
    """The lines printed, and the last word, when something is wrong."""
    printed = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("verify-ledger", *arguments, stdout=printed, no_color=True)
    assert refused.value.returncode == 1
    return printed.getvalue().splitlines(), str(refused.value)


def test_a_ledger_that_is_right(held: Scene, network: Network) -> None:
    slugs = sorted(Network.objects.values_list("slug", flat=True))
    head = Entry.objects.order_by("-sequence")[0].hash
    assert verify() == [
        f"{slug}: ok, 3 entries, 9.00 points, 135 minutes, head {head[:12]}"
        if slug == network.slug
        else f"{slug}: ok, 0 entries, 0 points, 0 minutes, head none"
        for slug in slugs
    ]


def test_a_changed_entry_is_named(held: Scene, network: Network) -> None:
    execute_without_triggers("UPDATE credits_entry SET minutes = 60 WHERE sequence = 2")
    printed, refused = verify_wrong()
    assert f"{network.slug}: WRONG: entry 2: its content does not match its hash" in printed
    assert refused == "The ledger of 1 of 2 networks is not what it should be."


def test_an_entry_without_session_is_named(held: Scene, network: Network) -> None:
    invented = NewEntry(account_of(held.tutor), EntryKind.TUTORING, Area.DATA, Decimal(100), 60, "session:0")
    write_entries(network=network, entries=[invented])
    printed, _ = verify_wrong("--network", network.slug)
    assert printed == [f"{network.slug}: WRONG: entry 4: no held session is its source (session:0)"]


def test_one_network_alone(held: Scene, network: Network) -> None:
    execute_without_triggers("DELETE FROM credits_entry WHERE sequence = 3")
    other = NetworkFactory.create()
    assert verify("--network", other.slug) == [f"{other.slug}: ok, 0 entries, 0 points, 0 minutes, head none"]
    assert verify_wrong("--network", network.slug)[1] == "The ledger of 1 of 1 networks is not what it should be."
    assert verify_wrong("--network", "jamais-vu") == ([], "There is no network 'jamais-vu'.")
