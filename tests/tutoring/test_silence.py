"""Deadlines that pass, reminders that are told once, and answers that come late."""

import datetime as dt

import pytest

from backend.agenda.domain.occupancy import Claim, take_cells
from backend.agenda.models import Occupancy
from backend.common.clock import told_at
from backend.common.errors import DomainError
from backend.needs.domain.avoidance import avoid_person
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.models import Membership
from backend.notifications.models import Notification
from backend.notifications.tasks import tick
from backend.tutoring.domain.answers import accept_session, decline_session
from backend.tutoring.domain.silence import decline_unanswered, remind_of_tomorrow, remind_tutors
from backend.tutoring.domain.times import accept_time, propose_time
from backend.tutoring.models import Session
from backend.tutoring.rules import allowed_actions
from tests.support.scene import BEFORE, REASON, START, Scene

pytestmark = pytest.mark.django_db

DEADLINE = START - dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def asked(scene: Scene) -> Scene:
    """The tutor has until the day before the session."""
    Session.objects.update(answer_by=DEADLINE)
    return scene


def told(scene: Scene, role: str, what: str) -> int:
    return Notification.objects.filter(inbox__person=scene.play(role), key__contains=what).count()


def fall_silent(scene: Scene) -> Session:
    with told_at(DEADLINE):
        assert decline_unanswered() == 1
    return Session.objects.get(pk=scene.session.pk)


def test_silence_declines_at_the_deadline_and_not_before(asked: Scene) -> None:
    with told_at(DEADLINE - SECOND):
        assert (decline_unanswered(), asked.state()) == (0, "proposed")
    session = fall_silent(asked)
    assert (session.state, session.no_answer, asked.requests()) == ("declined", True, ["open", "open"])
    assert not Occupancy.objects.exists()
    move = session.transitions.order_by("-pk")[0]
    assert (move.author, move.reason) == (None, "no_answer")
    assert [told(asked, role, ":declined") for role in ("tutor", "first", "second")] == [1, 1, 1]


def test_the_scheduler_does_it(asked: Scene) -> None:
    with told_at(DEADLINE):
        tick.call()
        tick.call()
    assert (asked.state(), asked.session.transitions.count()) == ("declined", 2)


def test_a_session_that_begins_before_its_deadline_is_declined_when_it_begins(scene: Scene) -> None:
    Session.objects.update(answer_by=START + dt.timedelta(days=9))
    with told_at(START - SECOND):
        assert decline_unanswered() == 0
    with told_at(START):
        assert decline_unanswered() == 1


def test_who_answered_is_left_alone(asked: Scene) -> None:
    accept_session(session_id=asked.session.pk, author=asked.tutor)
    with told_at(START):
        assert decline_unanswered() == 0


def test_a_tutor_who_waits_for_another_time_is_not_silent(asked: Scene) -> None:
    propose_time(session_id=asked.session.pk, author=asked.tutor, starts_at=START + dt.timedelta(weeks=1))
    with told_at(DEADLINE):
        assert decline_unanswered() == 0
    with told_at(START):
        assert decline_unanswered() == 1


def test_a_late_yes_counts_while_everybody_is_free(asked: Scene) -> None:
    session = fall_silent(asked)
    with told_at(DEADLINE + dt.timedelta(hours=3)):
        assert allowed_actions(session, asked.tutor) == ["accept"]
        assert allowed_actions(session, asked.first) == []
        accept_session(session_id=session.pk, author=asked.tutor)
    assert (asked.state(), asked.requests()) == ("confirmed", ["planned", "planned"])
    assert [asked.cells(person) for person in (asked.tutor, asked.first, asked.second)] == [[0, 1, 2]] * 3
    assert not Session.objects.get().no_answer
    assert told(asked, "first", ":confirmed") == 1


def test_a_refusal_is_not_taken_back(asked: Scene) -> None:
    decline_session(session_id=asked.session.pk, author=asked.tutor, reason=REASON)
    with pytest.raises(DomainError) as refused:
        accept_session(session_id=asked.session.pk, author=asked.tutor)
    assert refused.value.code == "cannot_accept"


def block(scene: Scene, obstacle: str) -> None:
    request = HelpRequest.objects.get(person=scene.first)
    if obstacle == "taken":
        take_cells(claims=[Claim("session:0", (scene.second.pk,), START, START + dt.timedelta(minutes=15))])
    elif obstacle == "withdrawn":
        move_request(request=request, target=RequestState.WITHDRAWN, author=scene.first)
    elif obstacle == "planned elsewhere":
        move_request(request=request, target=RequestState.PLANNED, author=None)
    elif obstacle == "gone":
        Membership.objects.filter(person=scene.second).update(left_at=BEFORE)
    else:
        avoid_person(author=scene.second, other=scene.tutor)


@pytest.mark.parametrize(
    ("obstacle", "code"),
    [
        ("taken", "cells_taken"),
        ("withdrawn", "cannot_accept"),
        ("planned elsewhere", "cannot_accept"),
        ("gone", "cannot_accept"),
        ("avoided", "cannot_accept"),
    ],
)
def test_a_late_yes_is_refused_once_something_stands_in_the_way(asked: Scene, obstacle: str, code: str) -> None:
    session = fall_silent(asked)
    block(asked, obstacle)
    with told_at(DEADLINE), pytest.raises(DomainError) as refused:
        accept_session(session_id=session.pk, author=asked.tutor)
    assert refused.value.code == code
    assert (asked.state(), asked.cells(asked.tutor)) == ("declined", [])


def test_a_late_yes_is_too_late_once_it_has_begun(asked: Scene) -> None:
    session = fall_silent(asked)
    with told_at(START):
        assert allowed_actions(session, asked.tutor) == []


# Reminders


def test_the_last_day_to_answer_is_told_once(asked: Scene) -> None:
    morning = DEADLINE - dt.timedelta(hours=16)
    with told_at(morning - SECOND):
        assert remind_tutors() == 0
    with told_at(morning):
        assert (remind_tutors(), remind_tutors()) == (1, 0)
    assert (told(asked, "tutor", "answer-due"), told(asked, "first", "answer-due")) == (1, 0)


def test_nobody_is_reminded_of_what_is_answered(asked: Scene) -> None:
    accept_session(session_id=asked.session.pk, author=asked.tutor)
    with told_at(DEADLINE - SECOND):
        assert remind_tutors() == 0


def test_the_day_before_is_told_once_to_everybody(asked: Scene) -> None:
    accept_session(session_id=asked.session.pk, author=asked.tutor)
    eve = START - dt.timedelta(days=1)
    with told_at(eve - SECOND):
        assert remind_of_tomorrow() == 0
    with told_at(eve):
        assert (remind_of_tomorrow(), remind_of_tomorrow()) == (1, 0)
    assert [told(asked, role, ":eve:") for role in ("tutor", "first", "second", "coordinator")] == [1, 1, 1, 0]


def test_a_session_that_moved_is_reminded_of_again(asked: Scene) -> None:
    accept_session(session_id=asked.session.pk, author=asked.tutor)
    with told_at(START - dt.timedelta(hours=20)):
        remind_of_tomorrow()
        propose_time(session_id=asked.session.pk, author=asked.tutor, starts_at=START + dt.timedelta(weeks=1))
        for person in (asked.first, asked.second):
            accept_time(session_id=asked.session.pk, author=person)
    with told_at(START + dt.timedelta(days=6, hours=1)):
        assert remind_of_tomorrow() == 1


def test_a_confirmation_on_the_eve_is_its_own_reminder(asked: Scene) -> None:
    Session.objects.update(answer_by=START)
    with told_at(START - dt.timedelta(hours=3)):
        accept_session(session_id=asked.session.pk, author=asked.tutor)
        assert remind_of_tomorrow() == 0
