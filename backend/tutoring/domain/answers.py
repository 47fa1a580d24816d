"""Answers to a proposed or confirmed session: accept, decline, agree, cancel."""

from django.db import transaction

from backend.accounts.models import Person
from backend.agenda.domain.occupancy import Claim, take_cells
from backend.agenda.models import Occupancy
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError
from backend.common.patient_numbers import refuse_patient_number
from backend.conversations.domain.opening import part_from
from backend.events.bus import publish
from backend.events.types import LearnerLeft, SessionCancelled, SessionConfirmed, SessionDeclined
from backend.needs.domain.avoidance import avoided_pairs_among, holds_avoided_pair
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.models import Membership
from backend.tutoring.domain.moves import call_off, lock_session_for, move_session
from backend.tutoring.domain.silence import BEFORE_SESSION
from backend.tutoring.domain.times import people_of, settle_after_departure
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Participation, Session
from backend.tutoring.rules import Action


@transaction.atomic
def accept_session(*, session_id: int, author: Person) -> Session:
    """The tutor says yes. Late, after silence declined it, only while everybody is free and nothing else came of it.

    Raises ``CellsTakenError`` when somebody no longer is.
    """
    session = lock_session_for(author, session_id, Action.ACCEPT)
    if session.state == SessionState.DECLINED:
        _take_up_again(session, author)
    move_session(session, SessionState.CONFIRMED, author=author)
    if session.starts_at <= now() + BEFORE_SESSION:
        # The news of the confirmation is the reminder.
        session.eve_reminded_at = now()
        session.save(update_fields=["eve_reminded_at"])
    publish(SessionConfirmed(session.pk))
    return session


def _take_up_again(session: Session, author: Person) -> None:
    people = people_of(session)
    members = Membership.objects.active().filter(network=session.network, person__in=people)
    requests = list(HelpRequest.objects.filter(participations__session=session).order_by("pk"))
    if (
        members.count() != len(people)
        or holds_avoided_pair(people, avoided_pairs_among(people))
        or any(request.state != RequestState.OPEN for request in requests)
    ):
        raise ConflictError("Cette demande a trouvé une autre réponse entre-temps.", code="cannot_accept")
    take_cells(claims=[Claim(session.source, tuple(people), session.starts_at, session.ends_at)])
    for request in requests:
        move_request(request=request, target=RequestState.PLANNED, author=author)
    session.no_answer = False
    session.save(update_fields=["no_answer"])


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


def leave_group(session: Session, author: Person, reason: str) -> None:
    """Take one learner out of a locked session that stands for the others."""
    participation = Participation.objects.select_related("request").get(session=session, person=author)
    move_request(request=participation.request, target=RequestState.OPEN, author=author, reason=reason)
    Occupancy.objects.filter(source=session.source, person=author).delete()
    part_from(conversation=session.conversation, person=author)
    participation.delete()
    settle_after_departure(session, author)
