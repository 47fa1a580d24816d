"""Pairs who met, and the end of conversations of sessions."""

import datetime as dt

import pytest

from backend.common.clock import told_at
from backend.common.errors import NotFoundError
from backend.conversations.models import Message
from backend.tutoring.domain.talks import end_past_talks, open_pair_with, people_met
from backend.tutoring.enums import SessionState
from tests.support.cast import Cast
from tests.support.factories import ParticipationFactory


def agree(cast: Cast, state: SessionState = SessionState.CONFIRMED) -> None:
    session = cast.here.session
    session.state = state
    session.save(update_fields=["state"])


@pytest.mark.parametrize("state", [SessionState.CONFIRMED, SessionState.HELD])
def test_people_who_met_have_one_conversation(cast: Cast, state: SessionState) -> None:
    here = cast.here
    agree(cast, state)
    assert list(people_met(here.learner)) == [here.tutor]
    first = open_pair_with(person=here.learner, other_id=here.tutor.pk)
    assert open_pair_with(person=here.tutor, other_id=here.learner.pk) == first
    assert set(first.members.values_list("person", flat=True)) == {here.learner.pk, here.tutor.pk}


def test_two_learners_of_one_group_have_met(cast: Cast) -> None:
    agree(cast)
    other = ParticipationFactory.create(session=cast.here.session).person
    assert set(people_met(cast.here.learner)) == {cast.here.tutor, other}
    open_pair_with(person=cast.here.learner, other_id=other.pk)


@pytest.mark.parametrize("state", [SessionState.PROPOSED, SessionState.DECLINED, SessionState.CANCELLED])
def test_a_session_that_nobody_agreed_on_is_no_meeting(cast: Cast, state: SessionState) -> None:
    agree(cast, state)
    with pytest.raises(NotFoundError):
        open_pair_with(person=cast.here.learner, other_id=cast.here.tutor.pk)


def test_nobody_writes_to_strangers_nor_themselves(cast: Cast) -> None:
    agree(cast)
    here = cast.here
    for other in (here.coordinator, here.learner, cast.elsewhere.tutor):
        with pytest.raises(NotFoundError):
            open_pair_with(person=here.learner, other_id=other.pk)


@pytest.mark.parametrize(
    ("days", "closed", "kept"), [(89, False, True), (90, True, True), (364, True, True), (365, True, False)]
)
def test_talks_of_sessions_close_and_are_erased_by_age(cast: Cast, days: int, *, closed: bool, kept: bool) -> None:
    here = cast.here
    with told_at(here.session.ends_at + dt.timedelta(days=days)):
        for _ in range(2):
            end_past_talks()
    here.conversation.refresh_from_db()
    assert (here.conversation.closed_at is not None) == closed
    assert Message.objects.filter(conversation=here.conversation).exists() == kept
    assert Message.objects.filter(conversation=here.lounge).count() == 2


def test_a_network_may_say_how_long(cast: Cast) -> None:
    here = cast.here
    here.network.conversation_open_days, here.network.conversation_kept_days = 10, 20
    here.network.save()
    with told_at(here.session.ends_at + dt.timedelta(days=20)):
        end_past_talks()
    assert not Message.objects.filter(conversation=here.conversation).exists()
    assert Message.objects.filter(conversation=cast.elsewhere.conversation).exists()
