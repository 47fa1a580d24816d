"""« Autre moment »: another time that all have free, kept under discussion until every other party accepts."""

import datetime as dt
import math
from collections.abc import Iterable

from django.db import transaction

from backend.accounts.models import Person
from backend.agenda.domain.availability import Interval, Period, find_free_intervals
from backend.agenda.domain.occupancy import CellsTakenError, Claim, find_clashes, move_cells
from backend.common.clock import CELL_MINUTES, cell_at, is_on_cell, now
from backend.common.errors import ConflictError, DomainError
from backend.events.bus import publish
from backend.events.types import SessionMoved, TimeDeclined, TimeOffered
from backend.tutoring.domain.moves import close_offer, lock_session_for, move_session
from backend.tutoring.enums import OfferState, SessionState
from backend.tutoring.models import Session, TimeOffer
from backend.tutoring.rules import Action

# How far after its own time, or after today, a session may be moved.
WEEKS_AHEAD = 4
# Everybody needs the time to read it.
NOTICE = dt.timedelta(hours=12)


def find_common_times(session: Session) -> list[dt.datetime]:
    """Starts, cell by cell, at which everybody of a session has its whole length free; five queries."""
    period, common = _common_intervals(session)
    length = session.minutes // CELL_MINUTES
    starts = (period.start_of(cell) for first, end in common for cell in range(first, end - length + 1))
    return [start for start in starts if start != session.starts_at]


@transaction.atomic
def propose_time(*, session_id: int, author: Person, starts_at: dt.datetime) -> Session:
    """Put another time under discussion; what was under discussion before is replaced.

    Raises ``DomainError`` for a time that makes no sense, ``ConflictError`` when somebody is not free then.
    """
    session = lock_session_for(author, session_id, Action.PROPOSE_TIME)
    _check_time(session, starts_at)
    replaced = close_offer(session, OfferState.DECLINED, author)
    if replaced is not None and replaced.author_id == author.pk:
        replaced.state = OfferState.WITHDRAWN
        replaced.save(update_fields=["state"])
    offer = session.time_offers.create(author=author, starts_at=starts_at, instead_of=session.starts_at)
    publish(TimeOffered(offer.pk))
    return session


@transaction.atomic
def accept_time(*, session_id: int, author: Person) -> Session:
    """Say yes to the other time; with the last yes the session moves there at once and is confirmed.

    Raises ``CellsTakenError`` when somebody was taken meanwhile: nothing moves, and the offer stands.
    """
    session = lock_session_for(author, session_id, Action.ACCEPT_TIME)
    offer = session.time_offers.get(state=OfferState.OPEN)
    offer.accepted_by.add(author)
    if _everybody_accepts(session, offer):
        _move(session, offer, author)
    return session


@transaction.atomic
def decline_time(*, session_id: int, author: Person) -> Session:
    """Say no to the other time, or take back one's own: the session stays when it is."""
    session = lock_session_for(author, session_id, Action.DECLINE_TIME)
    offer = session.time_offers.get(state=OfferState.OPEN)
    close_offer(session, OfferState.WITHDRAWN if offer.author_id == author.pk else OfferState.DECLINED, author)
    publish(TimeDeclined(offer.pk))
    return session


def settle_after_departure(session: Session, departed: Person) -> None:
    """Somebody left a locked session: their offer goes with them; one that only they had not accepted takes effect."""
    offer = session.time_offers.filter(state=OfferState.OPEN).first()
    if offer is None:
        return
    if offer.author_id == departed.pk:
        close_offer(session, OfferState.LAPSED, departed)
    elif offer.is_open and _everybody_accepts(session, offer):
        try:
            with transaction.atomic():
                _move(session, offer, departed)
        except CellsTakenError:
            # Leaving is a right: it does not wait for the others' calendars.
            close_offer(session, OfferState.LAPSED, departed)


def _everybody_accepts(session: Session, offer: TimeOffer) -> bool:
    return people_of(session) <= {offer.author_id, *offer.accepted_by.values_list("pk", flat=True)}


def _move(session: Session, offer: TimeOffer, author: Person) -> None:
    ends_at = offer.starts_at + dt.timedelta(minutes=session.minutes)
    move_cells(claim=Claim(session.source, tuple(people_of(session)), offer.starts_at, ends_at))
    session.starts_at, session.ends_at, session.eve_reminded_at = offer.starts_at, ends_at, None
    session.save(update_fields=["starts_at", "ends_at", "eve_reminded_at"])
    session.participations.update(agreed_at=now())
    close_offer(session, OfferState.ACCEPTED, author)
    if session.state == SessionState.PROPOSED:
        # The tutor proposed this time or accepted it: there is nothing left to ask.
        move_session(session, SessionState.CONFIRMED, author=author)
    publish(SessionMoved(session.pk, author.pk))


def people_of(session: Session) -> set[int]:
    """Primary keys of the tutor and the learners."""
    return {session.tutor_id, *session.participations.values_list("person_id", flat=True)}


def _check_time(session: Session, starts_at: dt.datetime) -> None:
    message = ""
    if not is_on_cell(starts_at):
        message = "Choisissez une heure pleine, un quart, une demie ou trois quarts."
    elif starts_at < now() + NOTICE:
        message = "Choisissez un moment dans douze heures au plus tôt."
    elif starts_at == session.starts_at:
        message = "La séance est déjà à ce moment-là."
    if message:
        raise DomainError(message, code="time_refused", fields={"starts_at": [message]})
    ends_at = starts_at + dt.timedelta(minutes=session.minutes)
    if clashes := find_clashes([Claim(session.source, tuple(people_of(session)), starts_at, ends_at)]):
        raise CellsTakenError(set().union(*clashes.values()))
    period, common = _common_intervals(session)
    first = cell_at(starts_at) - period.first_cell
    end = first + session.minutes // CELL_MINUTES
    if not any(start <= first and end <= stop for start, stop in common):
        message = "Tout le monde n’est pas libre à ce moment-là. Choisissez parmi les moments communs."
        raise ConflictError(message, code="not_common")


def _common_intervals(session: Session) -> tuple[Period, list[Interval]]:
    """Cells that everybody of the session has free, the session's own among them."""
    network = session.network
    today = now().astimezone(network.zone).date()
    ahead = max(0, (session.starts_at.astimezone(network.zone).date() - today).days)
    period = Period(today, math.ceil(ahead / 7) + WEEKS_AHEAD, network.zone)
    free = find_free_intervals(
        people=people_of(session), period=period, network=network, not_before=now() + NOTICE, ignoring=[session.source]
    )
    first, *others = free.values()
    common = first
    for intervals in others:
        common = _intersect(common, intervals)
    return period, common


def _intersect(one: Iterable[Interval], other: list[Interval]) -> list[Interval]:
    pairs = ((max(start, begin), min(end, stop)) for start, end in one for begin, stop in other)
    return [(start, end) for start, end in pairs if start < end]
