"""Answers to a proposed or confirmed session: accept, decline, agree, cancel."""

from django.db import transaction

from backend.accounts.models import Person
from backend.agenda.domain.occupancy import release_cells
from backend.agenda.models import Occupancy
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError
from backend.common.patient_numbers import refuse_patient_number
from backend.common.transitions import record_move
from backend.events.bus import publish
from backend.events.types import LearnerLeft, SessionCancelled, SessionConfirmed, SessionDeclined
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState
from backend.tutoring.domain.access import access_session_for
from backend.tutoring.enums import SESSION_MOVES, SessionState
from backend.tutoring.models import Participation, Session
from backend.tutoring.rules import Action, allowed_actions


def lock_session_for(person: Person, session_id: int, action: Action) -> Session:
    """Lock a session the person may see and check that ``action`` is open to them.

    Raises ``NotFoundError``, or ``ConflictError`` with the code ``cannot_<action>``.
    """
    access_session_for(person, session_id)
    session = Session.objects.select_for_update(of=("self",)).get(pk=session_id)
    if action not in allowed_actions(session, person):
        raise ConflictError(
            f"Cette séance est {session.get_state_display()} : ce n’est plus possible.", code=f"cannot_{action}"
        )
    return session


@transaction.atomic
def accept_session(*, session_id: int, author: Person) -> Session:
    session = lock_session_for(author, session_id, Action.ACCEPT)
    move_session(session, SessionState.CONFIRMED, author=author)
    publish(SessionConfirmed(session.pk))
    return session


@transaction.atomic
def decline_session(*, session_id: int, author: Person, reason: str) -> Session:
    """The tutor says no; everybody's cells are free again and the requests wait for another proposal."""
    session = lock_session_for(author, session_id, Action.DECLINE)
    require_reason(reason)
    call_off(session, SessionState.DECLINED, author, reason)
    publish(SessionDeclined(session.pk))
    return session


@transaction.atomic
def agree_session(*, session_id: int, author: Person) -> Session:
    """The learner says « Ça me va »; silence means the same."""
    session = lock_session_for(author, session_id, Action.AGREE)
    session.participations.filter(person=author).update(agreed_at=now())
    return session


@transaction.atomic
def cancel_session(*, session_id: int, author: Person, reason: str) -> Session:
    """Either side calls it off; a learner who is not alone leaves the group, and the session stands."""
    session = lock_session_for(author, session_id, Action.CANCEL)
    require_reason(reason)
    others = session.participations.exclude(person=author)
    if author.pk != session.tutor_id and others.exists():
        leave_group(session, author, reason)
        publish(LearnerLeft(session.pk, author.pk))
    else:
        call_off(session, SessionState.CANCELLED, author, reason)
        publish(SessionCancelled(session.pk, author.pk))
    return session


def require_reason(reason: str) -> None:
    if not reason.strip():
        raise DomainError("Dites pourquoi, en quelques mots.", code="reason_required", fields={"reason": ["Requis."]})
    refuse_patient_number(reason, field="reason")


def move_session(session: Session, target: SessionState, *, author: Person | None, reason: str = "") -> None:
    record_move(session, target, table=SESSION_MOVES, log=session.transitions, author=author, reason=reason)


def call_off(session: Session, target: SessionState, author: Person, reason: str) -> None:
    """End a locked session; everybody's cells are free and the requests wait again."""
    move_session(session, target, author=author, reason=reason)
    release_cells(source=session.source)
    for participation in session.participations.select_related("request"):
        move_request(request=participation.request, target=RequestState.OPEN, author=author, reason=target)


def leave_group(session: Session, author: Person, reason: str) -> None:
    """Take one learner out of a locked session that stands for the others."""
    participation = Participation.objects.select_related("request").get(session=session, person=author)
    move_request(request=participation.request, target=RequestState.OPEN, author=author, reason=reason)
    Occupancy.objects.filter(source=session.source, person=author).delete()
    session.conversation.members.filter(person=author).delete()
    participation.delete()
