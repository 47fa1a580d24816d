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
    PROPOSE_TIME = "propose-time"
    ACCEPT_TIME = "accept-time"
    DECLINE_TIME = "decline-time"
    CANCEL = "cancel"
    ATTENDANCE = "attendance"
    CONFIRM = "confirm"
    DECIDE = "decide"


def allowed_actions(session: Session, person: Person, *, coordinates: bool = False) -> list[Action]:
    """Actions open to ``person`` now, in the order a page shows them.

    Reads ``session.participations.all()`` and ``session.time_offers.all()``: prefetch them for lists. ``coordinates``
    says whether the person has the coordinator's role in the session's network.
    """
    actions = _tutor_actions(session) if session.tutor_id == person.pk else []
    mine = next((part for part in session.participations.all() if part.person_id == person.pk), None)
    if mine is not None:
        actions += _learner_actions(session, mine)
    if actions:
        actions += _offer_actions(session, person)
    if coordinates and any(awaits_decision(session, part) for part in session.participations.all()):
        actions.append(Action.DECIDE)
    return actions


def _tutor_actions(session: Session) -> list[Action]:
    started = has_started(session)
    match session.state:
        case SessionState.PROPOSED if not started:
            return [Action.ACCEPT, Action.DECLINE, Action.PROPOSE_TIME]
        case SessionState.DECLINED if session.no_answer and not started:
            return [Action.ACCEPT]
        case SessionState.CONFIRMED:
            return [Action.ATTENDANCE] if started else [Action.PROPOSE_TIME, Action.CANCEL]
    return []


def _learner_actions(session: Session, mine: Participation) -> list[Action]:
    if session.state not in STANDING_STATES:
        return []
    if not has_started(session):
        return [*([] if mine.agreed_at else [Action.AGREE]), Action.PROPOSE_TIME, Action.CANCEL]
    awaited = session.state == SessionState.CONFIRMED and mine.by_learner is None and mine.decided is None
    return [Action.CONFIRM] if awaited else []


def _offer_actions(session: Session, person: Person) -> list[Action]:
    """Say yes to the other time under discussion, or no; whoever proposed it takes it back."""
    offer = session.open_offer
    if offer is None or session.state not in STANDING_STATES or has_started(session):
        return []
    if offer.author_id == person.pk or person in offer.accepted_by.all():
        return [Action.DECLINE_TIME]
    return [Action.ACCEPT_TIME, Action.DECLINE_TIME]


def awaits_decision(session: Session, participation: Participation) -> bool:
    """Whether the coordinator decides: the two differ, or somebody kept silent for a week."""
    if session.state != SessionState.CONFIRMED:
        return False
    silent = participation.attendance == Attendance.AWAITED and session.ends_at + SILENCE <= now()
    return silent or participation.attendance == Attendance.DISPUTED


def is_uncontested(session: Session, participation: Participation) -> bool:
    """Whether only one of the two spoke, and the other let a week go by."""
    spoke = (participation.by_tutor is None) != (participation.by_learner is None)
    return spoke and awaits_decision(session, participation)


def has_started(session: Session) -> bool:
    return session.starts_at <= now()
