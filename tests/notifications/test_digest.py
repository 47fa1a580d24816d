"""Half an hour unread: one mail, without the text, not in quiet hours, and only once."""

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
import time_machine

from backend.accounts.models import Person
from backend.conversations.domain.messages import mark_read, send_message, withdraw_message
from backend.conversations.models import ConversationMember
from backend.notifications.domain.digest import send_digests
from backend.notifications.domain.notify import News, mute_kinds, notify
from backend.notifications.domain.quiet import choose_quiet_hours, end_of_quiet
from backend.notifications.enums import Kind
from backend.notifications.models import Inbox, OutboxMessage
from tests.support.cast import Cast
from tests.support.factories import PersonFactory

# 10:00 in Paris.
START = dt.datetime(2026, 12, 3, 9, tzinfo=dt.UTC)


@pytest.fixture
def clock(cast: Cast) -> Iterator[time_machine.Traveller]:
    # What the cast said is of the past, and was read.
    for member in ConversationMember.objects.select_related("conversation"):
        member.last_read = member.mailed_up_to = member.conversation.last_number
        member.save()
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def write(cast: Cast, body: str = "Un secret", sender: Person | None = None) -> int:
    talk = cast.here.conversation
    sender = sender or cast.here.tutor
    return send_message(conversation_id=talk.pk, sender=sender, client_id=uuid.uuid4(), body=body).number


def mails() -> list[tuple[str, str]]:
    return list(OutboxMessage.objects.order_by("pk").values_list("address", "subject"))


def digest_after(clock: time_machine.Traveller, minutes: int) -> None:
    clock.shift(dt.timedelta(minutes=minutes))
    for _ in range(2):
        send_digests()


def test_half_an_hour_unread_is_told_once_without_the_text(cast: Cast, clock: time_machine.Traveller) -> None:
    write(cast)
    write(cast)
    digest_after(clock, 29)
    assert mails() == []
    digest_after(clock, 1)
    assert mails() == [(cast.here.learner.email, "Vous avez 2\N{NO-BREAK SPACE}messages non lus")]
    body = OutboxMessage.objects.get().body
    assert "secret" not in body
    assert cast.here.conversation.title in body
    assert body.count("/messages/\n") == 1
    assert "/profil/choix/" in body
    digest_after(clock, 600)
    assert len(mails()) == 1


def test_a_later_message_is_told_again(cast: Cast, clock: time_machine.Traveller) -> None:
    write(cast)
    digest_after(clock, 30)
    write(cast)
    digest_after(clock, 30)
    assert [subject for _, subject in mails()] == [
        "Vous avez 1\N{NO-BREAK SPACE}message non lu",
        "Vous avez 2\N{NO-BREAK SPACE}messages non lus",
    ]


@pytest.mark.parametrize("reason", ["read", "withdrawn", "one's own", "muted", "not followed", "gone from the network"])
def test_what_is_told_to_nobody(cast: Cast, clock: time_machine.Traveller, reason: str) -> None:
    here, talk = cast.here, cast.here.conversation
    number = write(cast)
    match reason:
        case "read":
            mark_read(person=here.learner, conversation_id=talk.pk, number=number)
        case "withdrawn":
            withdraw_message(person=here.tutor, conversation_id=talk.pk, number=number)
        case "one's own":
            withdraw_message(person=here.tutor, conversation_id=talk.pk, number=number)
            write(cast, sender=here.learner)
            mark_read(person=here.tutor, conversation_id=talk.pk, number=99)
        case "muted":
            mute_kinds(person=here.learner, kinds=[Kind.MESSAGE])
        case "not followed":
            talk.members.filter(person=here.learner).delete()
        case _:
            here.learner.memberships.update(left_at=START)
    digest_after(clock, 60)
    assert mails() == []


def test_nothing_leaves_in_quiet_hours_nor_what_was_read_until_then(cast: Cast, clock: time_machine.Traveller) -> None:
    choose_quiet_hours(person=cast.here.learner, start=dt.time(9), end=dt.time(12))
    first = write(cast)
    digest_after(clock, 60)
    assert mails() == []
    mark_read(person=cast.here.learner, conversation_id=cast.here.conversation.pk, number=first)
    write(cast)
    digest_after(clock, 59)
    assert mails() == []
    digest_after(clock, 1)
    assert mails() == [(cast.here.learner.email, "Vous avez 1\N{NO-BREAK SPACE}message non lu")]


@pytest.mark.parametrize(
    ("start", "end", "at", "expected"),
    [
        # Paris in December is one hour ahead, in July two.
        ("20:00", "07:00", "2026-12-03T19:30:00Z", "2026-12-04T06:00:00Z"),
        ("20:00", "07:00", "2026-12-04T02:00:00Z", "2026-12-04T06:00:00Z"),
        ("20:00", "07:00", "2026-12-04T06:00:00Z", "2026-12-04T06:00:00Z"),
        ("20:00", "07:00", "2026-12-03T18:59:00Z", "2026-12-03T18:59:00Z"),
        ("12:00", "14:00", "2026-07-03T10:00:00Z", "2026-07-03T12:00:00Z"),
        # The night the clocks go forward: seven is still seven.
        ("20:00", "07:00", "2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"),
    ],
)
def test_quiet_hours_end_by_the_clock_of_the_person(start: str, end: str, at: str, expected: str, db: None) -> None:
    person = PersonFactory.create()
    inbox = Inbox(person=person, quiet_start=dt.time.fromisoformat(start), quiet_end=dt.time.fromisoformat(end))
    assert end_of_quiet(inbox, dt.datetime.fromisoformat(at)) == dt.datetime.fromisoformat(expected)


def test_other_news_waits_for_the_end_of_quiet_hours_too(cast: Cast, clock: time_machine.Traveller) -> None:
    choose_quiet_hours(person=cast.here.learner, start=dt.time(9), end=dt.time(12))
    for person in (cast.here.learner, cast.here.tutor):
        notify(person=person, news=News(key="k", kind=Kind.SESSION, title="Une séance", url="/seances/"))
    due = dict(OutboxMessage.objects.values_list("address", "due_at"))
    assert due == {
        cast.here.learner.email: START + dt.timedelta(hours=2),
        cast.here.tutor.email: START,
    }
