"""What a person may do with a session, and when."""

import datetime as dt
from enum import StrEnum

from backend.accounts.models import Person
from backend.common.clock import now
from backend.tutoring.enums import STANDING_STATES, Attendance, SessionState
from backend.tutoring.models import Participation, Session

# After the end of a session.
SILENCE = dt.timedelta(days=7)


class Action(StrEnum):
    """Names of the actions, as in the API."""

    ACCEPT = "accept"
    DECLINE = "decline"
    AGREE = "agree"
    CANCEL = "cancel"
    ATTENDANCE = "attendance"
    CONFIRM = "confirm"
    DECIDE = "decide"


def allowed_actions(session: Session, person: Person, *, coordinates: bool = False) -> list[Action]:
    """Actions open to ``person`` now, in the order a page shows them.

    Reads ``session.participations.all()``: prefetch it for lists. ``coordinates`` says whether the person has the
    coordinator's role in the session's network.
    """
    actions = _tutor_actions(session) if session.tutor_id == person.pk else []
    mine = next((part for part in session.participations.all() if part.person_id == person.pk), None)
    if mine is not None:
        actions += _learner_actions(session, mine)
    if coordinates and any(awaits_decision(session, part) for part in session.participations.all()):
        actions.append(Action.DECIDE)
    return actions


def _tutor_actions(session: Session) -> list[Action]:
    if session.state == SessionState.PROPOSED:
        return [Action.ACCEPT, Action.DECLINE]
    if session.state == SessionState.CONFIRMED:
        return [Action.ATTENDANCE] if has_started(session) else [Action.CANCEL]
    return []


def _learner_actions(session: Session, mine: Participation) -> list[Action]:
    if session.state not in STANDING_STATES:
        return []
    if not has_started(session):
        return [Action.CANCEL] if mine.agreed_at else [Action.AGREE, Action.CANCEL]
    awaited = session.state == SessionState.CONFIRMED and mine.by_learner is None and mine.decided is None
    return [Action.CONFIRM] if awaited else []


def awaits_decision(session: Session, participation: Participation) -> bool:
    """Whether the coordinator decides: the two differ, or somebody kept silent for a week."""
    if session.state != SessionState.CONFIRMED:
        return False
    silent = participation.attendance == Attendance.AWAITED and session.ends_at + SILENCE <= now()
    return silent or participation.attendance == Attendance.DISPUTED


def has_started(session: Session) -> bool:
    return session.starts_at <= now()
