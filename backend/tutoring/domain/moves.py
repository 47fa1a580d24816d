"""Moves of a session's state, and what a move does to its people, its time and its requests."""

from backend.accounts.models import Person
from backend.agenda.domain.occupancy import release_cells
from backend.common.clock import now
from backend.common.errors import ConflictError, NotFoundError
from backend.common.transitions import record_move
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState
from backend.tutoring.domain.access import access_session_for
from backend.tutoring.enums import SESSION_MOVES, OfferState, SessionState
from backend.tutoring.models import Session, TimeOffer
from backend.tutoring.rules import Action, allowed_actions

# Why a session is over when nobody said anything; a page says « sans réponse ».
NO_ANSWER = "no_answer"


def lock_session_for(person: Person, session_id: int, action: Action) -> Session:
    """Lock a session the person may see and check that ``action`` is open to them.

    Raises ``NotFoundError``, or ``ConflictError`` with the code ``cannot_<action>``.
    """
    access_session_for(person, session_id)
    session = Session.objects.select_for_update(of=("self",)).filter(pk=session_id).first()
    if session is None:  # taken back with its publication, in this very moment
        raise NotFoundError
    if action not in allowed_actions(session, person):
        code = f"cannot_{action.replace('-', '_')}"
        raise ConflictError(f"Cette séance est {session.get_state_display()} : ce n’est plus possible.", code=code)
    return session


def move_session(session: Session, target: SessionState, *, author: Person | None, reason: str = "") -> None:
    """Move a locked session on; raises ``ForbiddenMoveError``."""
    record_move(session, target, table=SESSION_MOVES, log=session.transitions, author=author, reason=reason)


def call_off(session: Session, target: SessionState, author: Person | None, reason: str) -> None:
    """End a locked session; everybody's cells are free and the requests wait again."""
    move_session(session, target, author=author, reason=reason)
    release_cells(source=session.source)
    close_offer(session, OfferState.LAPSED, author)
    for participation in session.participations.select_related("request"):
        move_request(request=participation.request, target=RequestState.OPEN, author=author, reason=target)


def close_offer(session: Session, state: OfferState, author: Person | None) -> TimeOffer | None:
    """End the discussion of another time, whether or not that time is past; the offer, if there was one."""
    offer = session.time_offers.filter(state=OfferState.OPEN).first()
    if offer is not None:
        offer.state, offer.closed_at, offer.closed_by = state, now(), author
        offer.save(update_fields=["state", "closed_at", "closed_by"])
    return offer
