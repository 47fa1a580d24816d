"""What sending checks, what is told of it, and how a message is taken back."""

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
import time_machine

from backend.common.errors import ConflictError, NotFoundError, TooFastError
from backend.conversations.domain.choices import choose_reading_shown
from backend.conversations.domain.messages import (
    PACE_COUNT,
    MaybePatientWarning,
    mark_read,
    send_message,
    withdraw_message,
)
from backend.conversations.domain.moderation import report_message
from backend.conversations.domain.opening import part_from
from backend.conversations.domain.queries import messages_after, messages_before, unread_among
from backend.conversations.domain.retention import close_conversations, erase_conversations
from backend.conversations.models import Message, MessageReport
from backend.events import bus
from backend.events.types import Event, MemberRemoved, MessageSent, MessageWithdrawn, ReadMarked
from tests.support.cast import Cast

NOW = dt.datetime(2026, 12, 3, 9, tzinfo=dt.UTC)
KINDS = (MessageSent, MessageWithdrawn, ReadMarked, MemberRemoved)


@pytest.fixture
def told() -> Iterator[list[Event]]:
    """What conversations publish, in order."""
    heard: list[Event] = []
    for kind in KINDS:
        bus._transactional[kind].append(heard.append)
    yield heard
    for kind in KINDS:
        bus._transactional[kind].remove(heard.append)


def write(cast: Cast, body: str = "Bonjour", *, confirmed: bool = False) -> Message:
    return send_message(
        conversation_id=cast.here.conversation.pk,
        sender=cast.here.learner,
        client_id=uuid.uuid4(),
        body=body,
        confirmed=confirmed,
    )


def test_what_happens_is_told_with_keys_alone(cast: Cast, told: list[Event]) -> None:
    here, talk = cast.here, cast.here.conversation
    message = write(cast)
    mark_read(person=here.tutor, conversation_id=talk.pk, number=2)
    mark_read(person=here.tutor, conversation_id=talk.pk, number=1)
    choose_reading_shown(person=here.tutor, shown=True)
    mark_read(person=here.tutor, conversation_id=talk.pk, number=99)
    for _ in range(2):
        withdraw_message(person=here.learner, conversation_id=talk.pk, number=3)
    item = Message.objects.get(target=message)
    part_from(conversation=talk, person=here.learner)
    assert told == [
        MessageSent(talk.pk, message.pk),
        ReadMarked(talk.pk, here.tutor.pk, 2, is_shown=False),
        ReadMarked(talk.pk, here.tutor.pk, 3, is_shown=True),
        MessageWithdrawn(talk.pk, item.pk),
        MemberRemoved(talk.pk, here.learner.pk),
    ]


def test_the_twenty_first_message_in_ten_seconds_waits(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(PACE_COUNT):
            write(cast)
        with pytest.raises(TooFastError) as refused:
            write(cast)
        assert (refused.value.code, refused.value.seconds) == ("too_fast", 10)
        clock.shift(10)
        assert write(cast).number == PACE_COUNT + 3


def test_a_retry_is_never_too_fast(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        messages = [write(cast) for _ in range(PACE_COUNT)]
        again = send_message(
            conversation_id=cast.here.conversation.pk,
            sender=cast.here.learner,
            client_id=messages[0].client_id or uuid.uuid4(),
            body="Bonjour",
        )
    assert again == messages[0]


def test_what_may_tell_of_a_patient_is_stored_once_confirmed(cast: Cast) -> None:
    body = "Ma patiente Mme Durand n’arrive pas à se connecter"
    with pytest.raises(MaybePatientWarning) as warned:
        write(cast, body)
    assert warned.value.code == "maybe_patient"
    assert not Message.objects.filter(body=body).exists()
    assert write(cast, body, confirmed=True).body == body


def test_a_closed_conversation_is_read_and_not_written(cast: Cast) -> None:
    talk = cast.here.conversation
    first = write(cast)
    assert (close_conversations([talk.pk]), close_conversations([talk.pk])) == (1, 0)
    with pytest.raises(ConflictError) as refused:
        write(cast)
    assert refused.value.code == "closed"
    # What was acknowledged stays so, and may be taken back.
    assert first.client_id
    again = send_message(conversation_id=talk.pk, sender=cast.here.learner, client_id=first.client_id, body="Bonjour")
    assert again == first
    withdraw_message(person=cast.here.learner, conversation_id=talk.pk, number=first.number)
    assert len(messages_after(cast.here.tutor, talk.pk, 0)) == 4


def test_erasing_leaves_no_text(cast: Cast) -> None:
    talk = cast.here.conversation
    withdraw_message(person=cast.here.learner, conversation_id=talk.pk, number=2)
    report_message(person=cast.here.learner, conversation_id=talk.pk, number=1, reason="Déplacé")
    assert (erase_conversations([talk.pk]), erase_conversations([talk.pk])) == (1, 0)
    talk.refresh_from_db()
    assert talk.closed_at
    assert talk.erased_at
    assert not MessageReport.objects.exists()
    assert list(Message.objects.values_list("conversation", flat=True).distinct()) != [talk.pk]
    assert messages_after(cast.here.tutor, talk.pk, 0) == []
    assert talk.pk not in unread_among(cast.here.tutor)


def test_a_withdrawn_message_keeps_its_place_and_no_text(cast: Cast) -> None:
    here, talk = cast.here, cast.here.conversation
    message = write(cast, "À oublier")
    assert unread_among(here.tutor)[talk.pk] == 2
    withdraw_message(person=here.learner, conversation_id=talk.pk, number=message.number)
    assert not Message.objects.filter(body="À oublier").exists()
    assert [(item.number, item.target) for item in messages_after(here.tutor, talk.pk, 2)] == [(3, None), (4, 3)]
    assert [(item.number, item.withdrawn) for item in messages_before(talk, None, 2)] == [(2, False), (3, True)]
    assert unread_among(here.tutor)[talk.pk] == 1


def test_only_its_author_takes_a_message_back(cast: Cast) -> None:
    here, talk = cast.here, cast.here.conversation
    for person in (here.tutor, here.coordinator, cast.elsewhere.learner):
        with pytest.raises(NotFoundError):
            withdraw_message(person=person, conversation_id=talk.pk, number=2)
    assert not Message.objects.filter(withdrawn_at__isnull=False).exists()


def test_what_was_missed_comes_in_order_and_by_portions(cast: Cast) -> None:
    talk = cast.here.conversation
    for _ in range(5):
        write(cast)
    assert [item.number for item in messages_after(cast.here.tutor, talk.pk, 2, limit=3)] == [3, 4, 5]
    with pytest.raises(NotFoundError):
        messages_after(cast.here.coordinator, talk.pk, 0)
