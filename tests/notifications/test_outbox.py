"""A mail leaves if and only if what it tells was committed, whatever dies in between."""

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from django.core import mail
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from backend.common.clock import now, told_at
from backend.notifications.domain.outbox import LEASE, PAUSES, deliver_due, write_mail
from backend.notifications.enums import MailState
from backend.notifications.models import OutboxMessage
from backend.notifications.tasks import tick
from tests.support.mail import DyingBackend

pytestmark = pytest.mark.django_db

REFUSING = {"default": {"BACKEND": "tests.support.mail.RefusingBackend"}}
DYING = {"default": {"BACKEND": "tests.support.mail.DyingBackend"}}


def write(key: str = "news:1", address: str = "alix@exemple.example") -> OutboxMessage:
    return write_mail(key=key, address=address, subject="Une séance", body="Bonjour")


@transaction.atomic
def write_then_fall() -> None:
    write()
    raise RuntimeError("what the mail tells did not happen")


def test_a_mail_written_is_sent_once() -> None:
    write()
    tick.call()
    tick.call()
    assert [(message.to, message.subject, message.body) for message in mail.outbox] == [
        (["alix@exemple.example"], "Une séance", "Bonjour")
    ]
    row = OutboxMessage.objects.get()
    assert (row.state, row.attempts, row.error) == (MailState.SENT, 1, "")


def test_same_key_makes_one_mail() -> None:
    first, second = write(), write(address="other@exemple.example")
    assert first.pk == second.pk
    assert deliver_due() == 1
    assert mail.outbox[0].to == ["alix@exemple.example"]


def test_nothing_leaves_when_the_transaction_falls() -> None:
    with pytest.raises(RuntimeError):
        write_then_fall()
    assert deliver_due() == 0
    assert mail.outbox == []


def test_a_delayed_mail_waits() -> None:
    write_mail(key="late", address="a@exemple.example", subject="s", body="b", delay=dt.timedelta(minutes=10))
    assert deliver_due() == 0
    with told_at(now() + dt.timedelta(minutes=11)):
        assert deliver_due() == 1


def test_failures_wait_longer_and_longer_then_end(settings: Settings) -> None:
    settings.MAILERS = REFUSING
    row = write()
    instant = now()
    for rank, pause in enumerate(PAUSES, start=1):
        with told_at(instant):
            assert deliver_due() == 0
            row.refresh_from_db()
            assert (row.state, row.attempts, row.due_at) == (MailState.WAITING, rank, instant + pause)
            assert deliver_due() == 0
        row.refresh_from_db()
        assert row.attempts == rank
        instant += pause
    with told_at(instant):
        deliver_due()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (MailState.FAILED, len(PAUSES) + 1)
    assert row.error == "ConnectionRefusedError: no server for 1 mails"


def test_one_bad_mail_does_not_hold_the_others(settings: Settings) -> None:
    settings.MAILERS = REFUSING
    write("bad")
    deliver_due()
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    write("good", "good@exemple.example")
    assert deliver_due() == 1
    assert mail.outbox[0].to == ["good@exemple.example"]


@pytest.fixture
def _dying_server(settings: Settings) -> Iterator[None]:
    settings.MAILERS = DYING
    DyingBackend.dies = True
    yield
    DyingBackend.dies = True


@pytest.mark.usefixtures("_dying_server")
def test_a_process_that_dies_after_sending_sends_again_with_the_same_identifier() -> None:
    write()
    with pytest.raises(SystemExit):
        deliver_due()
    DyingBackend.dies = False
    assert deliver_due() == 0, "the lease still holds"
    with told_at(now() + LEASE + dt.timedelta(seconds=1)):
        assert deliver_due() == 1
    identifiers = [message.message()["Message-ID"] for message in mail.outbox]
    assert len(identifiers) == 2
    assert identifiers[0] == identifiers[1]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_send_each_mail_once() -> None:
    for rank in range(40):
        write(f"news:{rank}")
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        while deliver_due(limit=3):
            pass
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(mail.outbox) == 40
    assert OutboxMessage.objects.filter(state=MailState.SENT, attempts=1).count() == 40
