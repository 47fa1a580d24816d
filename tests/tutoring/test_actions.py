"""Who may do what with a session, and when: every action × every role × every state."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from backend.accounts.models import Person
from backend.common.clock import told_at
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.tutoring.domain.answers import accept_session, agree_session, cancel_session, decline_session
from backend.tutoring.domain.attendance import confirm_presence, decide_attendance, record_attendance
from backend.tutoring.models import Session
from backend.tutoring.rules import Action, allowed_actions
from tests.support.scene import AFTER, BEFORE, REASON, START, WEEK_LATER, Scene

pytestmark = pytest.mark.django_db


def do(action: Action, scene: Scene, author: Person) -> None:
    key = scene.session.pk
    learners = [scene.first.pk, scene.second.pk]
    actions: dict[Action, Callable[[], object]] = {
        Action.ACCEPT: lambda: accept_session(session_id=key, author=author),
        Action.DECLINE: lambda: decline_session(session_id=key, author=author, reason=REASON),
        Action.AGREE: lambda: agree_session(session_id=key, author=author),
        Action.CANCEL: lambda: cancel_session(session_id=key, author=author, reason=REASON),
        Action.ATTENDANCE: lambda: record_attendance(session_id=key, author=author, present=learners, absent=[]),
        Action.CONFIRM: lambda: confirm_presence(session_id=key, author=author, present=True),
        Action.DECIDE: lambda: decide_attendance(
            session_id=key, author=author, learner_id=scene.first.pk, present=True
        ),
    }
    actions[action]()


ANSWERS = {Action.ACCEPT, Action.DECLINE}
# (state, when) → role → what is open. Whoever and whatever is not named here is refused.
OPEN: dict[tuple[str, dt.datetime], dict[str, set[Action]]] = {
    ("proposed", BEFORE): {"tutor": ANSWERS, "first": {Action.AGREE, Action.CANCEL}},
    ("proposed", AFTER): {"tutor": ANSWERS},
    ("proposed", WEEK_LATER): {"tutor": ANSWERS},
    ("confirmed", BEFORE): {"tutor": {Action.CANCEL}, "first": {Action.AGREE, Action.CANCEL}},
    ("confirmed", START): {"tutor": {Action.ATTENDANCE}, "first": {Action.CONFIRM}},
    ("confirmed", AFTER): {"tutor": {Action.ATTENDANCE}, "first": {Action.CONFIRM}},
    ("confirmed", WEEK_LATER): {
        "tutor": {Action.ATTENDANCE},
        "first": {Action.CONFIRM},
        "coordinator": {Action.DECIDE},
    },
    **{(state, when): {} for state in ("held", "missed", "declined", "cancelled") for when in (BEFORE, WEEK_LATER)},
}
ROLES = ("tutor", "first", "coordinator", "stranger")
SITUATIONS = [
    pytest.param(state, when, role, id=f"{state} {when:%d %Hh} {role}") for state, when in OPEN for role in ROLES
]


def expected_refusal(action: Action, role: str, state: str) -> tuple[str, bool]:
    """Code, and whether it is a 409."""
    # Two learners left the cancelled session one by one: the first of them is a stranger by now.
    if role == "stranger" or (state, role) == ("cancelled", "first"):
        return "not_found", False
    if action == Action.DECIDE and role != "coordinator":
        return "role_required", False
    return f"cannot_{action}", True


@contextmanager
def undone() -> Iterator[None]:
    """What the block writes is gone after it: one scene serves all actions."""
    point = transaction.savepoint_create()
    yield
    transaction.savepoint_rollback(point)


@pytest.mark.parametrize(("state", "when", "role"), SITUATIONS)
def test_every_action_of_every_role_in_every_state(state: str, when: dt.datetime, role: str, scene: Scene) -> None:
    scene.bring_to(state)
    author, rows = scene.play(role), scene.session.transitions.count()
    expected = OPEN[state, when].get(role, set())
    with told_at(when):
        session = Session.objects.get(pk=scene.session.pk)
        assert set(allowed_actions(session, author, coordinates=role == "coordinator")) == expected
        for action in expected:
            with undone():
                do(action, scene, author)
        for action in set(Action) - expected:
            with undone():
                with pytest.raises(DomainError) as refused:
                    do(action, scene, author)
                found = (refused.value.code, isinstance(refused.value, ConflictError))
                assert found == expected_refusal(action, role, state)
                assert (scene.state(), scene.session.transitions.count()) == (state, rows)


def test_absent_and_not_yours_are_the_same(scene: Scene) -> None:
    answers = []
    for key in (scene.session.pk, scene.session.pk + 1000):
        with pytest.raises(NotFoundError) as refused:
            accept_session(session_id=key, author=scene.stranger)
        answers.append((refused.value.code, refused.value.message))
    assert answers[0] == answers[1]
