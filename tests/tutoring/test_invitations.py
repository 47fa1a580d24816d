"""What calendars are told by mail: each change once, in order, to each person alone."""

import datetime as dt
import email.message
from typing import Any

import icalendar
import pytest
from django.core import mail
from pytest_django import Settings

from backend.accounts.models import Person
from backend.agenda.domain.feeds import choose_titles
from backend.common.clock import now, told_at
from backend.notifications.domain.notify import mute_kinds
from backend.notifications.domain.outbox import deliver_due
from backend.notifications.enums import Kind, MailState
from backend.notifications.models import OutboxMessage
from backend.tutoring.domain.answers import accept_session, agree_session, cancel_session
from backend.tutoring.domain.times import accept_time, propose_time
from tests.support.scene import REASON, START, Scene

pytestmark = pytest.mark.django_db

REFUSING = {"default": {"BACKEND": "tests.support.mail.RefusingBackend"}}
DELIVERING = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}


@pytest.fixture
def agreed(scene: Scene) -> Scene:
    """The tutor accepted; what was proposed is no more to send."""
    OutboxMessage.objects.all().delete()
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    return scene


def told(person: Person) -> list[tuple[str, int]]:
    """Method and sequence of each calendar part written to a person, in order."""
    rows = OutboxMessage.objects.filter(address=person.email).exclude(calendar="").order_by("pk")
    return [(row.method, sequence_of(row.calendar)) for row in rows]


def sequence_of(calendar: str) -> int:
    (event,) = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    return int(str(event["SEQUENCE"]))


def move(scene: Scene, quarters: int) -> None:
    """The tutor offers another time, and both learners take it."""
    starts_at = START + quarters * dt.timedelta(minutes=15)
    propose_time(session_id=scene.session.pk, author=scene.tutor, starts_at=starts_at)
    for learner in (scene.first, scene.second):
        accept_time(session_id=scene.session.pk, author=learner)


def test_a_confirmation_invites_everybody_once(agreed: Scene) -> None:
    for person in (agreed.tutor, agreed.first, agreed.second):
        assert told(person) == [("REQUEST", 1)]
        assert OutboxMessage.objects.filter(address=person.email).count() == 1


def test_moves_and_the_cancellation_rise_for_everybody(agreed: Scene) -> None:
    for quarters in (1, 2, 3):
        move(agreed, quarters)
    cancel_session(session_id=agreed.session.pk, author=agreed.tutor, reason=REASON)
    for person in (agreed.tutor, agreed.first, agreed.second):
        assert told(person) == [(method, rank) for rank, method in enumerate(["REQUEST"] * 4 + ["CANCEL"], start=1)]


def test_whoever_leaves_a_group_is_alone_told_to_forget_it(agreed: Scene) -> None:
    cancel_session(session_id=agreed.session.pk, author=agreed.first, reason=REASON)
    assert told(agreed.first) == [("REQUEST", 1), ("CANCEL", 2)]
    assert told(agreed.second) == told(agreed.tutor) == [("REQUEST", 1)]


def test_what_was_never_confirmed_is_never_cancelled(scene: Scene) -> None:
    scene.bring_to("cancelled")
    assert not OutboxMessage.objects.exclude(calendar="").exists()


def test_each_mail_names_its_reader_alone(agreed: Scene) -> None:
    agree_session(session_id=agreed.session.pk, author=agreed.second)
    move(agreed, 1)
    people = {agreed.tutor, agreed.first, agreed.second}
    for row in OutboxMessage.objects.exclude(calendar=""):
        plain = row.calendar.replace("\r\n ", "")
        assert f"mailto:{row.address}" in plain
        assert not [other for other in people if other.email != row.address and other.email in plain]
    first = OutboxMessage.objects.filter(address=agreed.first.email, method="REQUEST").order_by("pk")[0]
    assert "PARTSTAT=NEEDS-ACTION" in first.calendar.replace("\r\n ", "")
    tutor = OutboxMessage.objects.filter(address=agreed.tutor.email).order_by("pk")[0]
    assert "PARTSTAT=ACCEPTED" in tutor.calendar.replace("\r\n ", "")


def test_the_title_is_neutral_unless_its_reader_chose_otherwise(scene: Scene) -> None:
    choose_titles(person=scene.first, full=True)
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    title = scene.session.notion.title
    loud = {
        row.address: title in row.calendar.replace("\r\n ", "") for row in OutboxMessage.objects.exclude(calendar="")
    }
    assert loud == {scene.tutor.email: False, scene.first.email: True, scene.second.email: False}


def parts_of(message: Any) -> dict[str, email.message.Message]:
    return {part.get_content_type(): part for part in message.message().walk()}


def test_the_mail_says_in_words_what_its_calendar_part_says(agreed: Scene) -> None:
    deliver_due()
    (sent,) = (message for message in mail.outbox if message.to == [agreed.first.email])
    parts = parts_of(sent)
    assert set(parts) == {"multipart/alternative", "text/plain", "text/calendar"}
    calendar = parts["text/calendar"]
    assert (calendar.get_param("method"), calendar.get_content_charset()) == ("REQUEST", "utf-8")
    content = calendar.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert icalendar.Calendar.from_ical(content)["METHOD"] == "REQUEST"
    assert "Fermez tout dossier" in sent.body


def test_a_mail_without_calendar_is_plain(scene: Scene) -> None:
    deliver_due()
    assert {message.message().get_content_type() for message in mail.outbox} <= {"text/plain"}


def test_no_cancellation_overtakes_its_invitation(agreed: Scene, settings: Settings) -> None:
    """The invitation is put off by a failure; what follows waits, whatever runs and however often."""
    OutboxMessage.objects.exclude(address=agreed.first.email).delete()
    settings.MAILERS = REFUSING
    deliver_due()
    settings.MAILERS = DELIVERING
    cancel_session(session_id=agreed.session.pk, author=agreed.tutor, reason=REASON)
    OutboxMessage.objects.exclude(address=agreed.first.email).delete()
    assert [deliver_due() for _ in range(3)] == [0, 0, 0]
    with told_at(now() + dt.timedelta(minutes=2)):
        assert [deliver_due() for _ in range(3)] == [1, 1, 0]
    methods = [parts_of(message)["text/calendar"].get_param("method") for message in mail.outbox]
    assert methods == ["REQUEST", "CANCEL"]


def test_an_abandoned_mail_holds_up_nobody(agreed: Scene) -> None:
    cancel_session(session_id=agreed.session.pk, author=agreed.tutor, reason=REASON)
    OutboxMessage.objects.filter(method="REQUEST").update(state=MailState.FAILED)
    assert deliver_due() == 3


def test_who_wants_no_mails_is_not_invited(scene: Scene) -> None:
    OutboxMessage.objects.all().delete()
    mute_kinds(person=scene.first, kinds=[Kind.SESSION])
    mute_kinds(person=scene.tutor, kinds=[Kind.SESSION])
    accept_session(session_id=scene.session.pk, author=scene.tutor)
    cancel_session(session_id=scene.session.pk, author=scene.tutor, reason=REASON)
    assert told(scene.first) == told(scene.tutor) == []
    assert told(scene.second) == [("REQUEST", 1), ("CANCEL", 2)]


def test_what_is_in_a_calendar_is_put_right_for_whoever_muted_since(agreed: Scene) -> None:
    mute_kinds(person=agreed.first, kinds=[Kind.SESSION])
    cancel_session(session_id=agreed.session.pk, author=agreed.tutor, reason=REASON)
    assert told(agreed.first) == [("REQUEST", 1), ("CANCEL", 2)]
