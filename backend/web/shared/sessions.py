"""« Séances »: the list, and the page of one session with everything that may be done there."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import DomainError
from backend.common.formats import format_instant
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.tutoring.domain.access import access_session_for, visible_sessions_for
from backend.tutoring.domain.arbitration import undecided_in
from backend.tutoring.domain.moves import NO_ANSWER
from backend.tutoring.enums import STANDING_STATES, OfferState, SessionState
from backend.tutoring.models import Participation, Session, TimeOffer
from backend.tutoring.rules import has_started
from backend.web.shared.access import CONFLICT, UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse
from backend.web.shared.access import return_address as address_after
from backend.web.shared.attendance import read_afterwards
from backend.web.shared.attendance_forms import ActionForm
from backend.web.shared.cards import SessionCard, cards_of
from backend.web.shared.session_forms import COMMANDS
from backend.web.shared.wording import own_wording

UPCOMING, TO_ANSWER, PAST = "a-venir", "a-repondre", "passees"
FILTERS = {UPCOMING: "À venir", TO_ANSWER: "À répondre", PAST: "Passées"}
HISTORY = {
    SessionState.PROPOSED: "Proposée",
    SessionState.CONFIRMED: "Acceptée",
    SessionState.HELD: "Tenue, présences confirmées",
    SessionState.DECLINED: "Déclinée",
    SessionState.CANCELLED: "Annulée",
    SessionState.MISSED: "Personne n’est venu",
}
OFFER_HISTORY = {
    OfferState.ACCEPTED: "Accepté par tout le monde, séance déplacée",
    OfferState.DECLINED: "Autre moment refusé",
    OfferState.WITHDRAWN: "Autre moment retiré",
    OfferState.LAPSED: "Autre moment sans suite",
}
REASONS = {NO_ANSWER: "sans réponse"}
STEPS = ("Proposée", "Réponse du tuteur", "Séance", "Présences")


@reading
def list_sessions(request: PersonRequest) -> HttpResponse:
    wanted = request.GET.get("quand", UPCOMING)
    wanted = wanted if wanted in FILTERS else UPCOMING
    coordinated = coordinated_networks(request.user)
    page = page_of(request, _filtered(request.user, wanted, coordinated))
    context = {
        "page": page,
        "cards": cards_of(page.object_list, request.user, coordinated),
        "filters": FILTERS.items(),
        "wanted": wanted,
        "coordinates": bool(coordinated),
    }
    return render(request, "sessions/list.html", context)


@acting
def show_session(request: PersonRequest, session_id: int) -> HttpResponse:
    session = access_session_for(request.user, session_id)
    if request.method == "POST":
        return _act(request, session)
    return _draw(request, session)


def coordinated_networks(person: Person) -> list[int]:
    """Primary keys of the networks the person coordinates; one query."""
    rows = Membership.objects.active().filter(person=person, roles__role=Role.COORDINATOR)
    return list(rows.values_list("network_id", flat=True))


def _filtered(person: Person, wanted: str, coordinated: list[int]) -> QuerySet[Session]:
    sessions, instant = visible_sessions_for(person), now()
    standing = Q(state__in=STANDING_STATES, ends_at__gt=instant)
    if wanted == UPCOMING:
        return sessions.filter(standing).order_by("starts_at", "pk")
    if wanted == PAST:
        return sessions.exclude(standing).order_by("-starts_at", "-pk")
    return sessions.filter(_awaiting(person, coordinated)).order_by("starts_at", "pk")


def _awaiting(person: Person, coordinated: list[int]) -> Q:
    """Sessions where something waits for this very person: the same as ``SessionCard.asks_reader``, and disputes."""
    instant = now()
    mine = Participation.objects.filter(person=person)
    unmarked = Participation.objects.filter(session__tutor=person, by_tutor=None)
    confirmed_since = Q(state=SessionState.CONFIRMED, starts_at__lte=instant)
    return (
        Q(tutor=person, state=SessionState.PROPOSED, starts_at__gt=instant)
        | (confirmed_since & Q(pk__in=unmarked.values("session")))
        | (confirmed_since & Q(pk__in=mine.filter(by_learner=None, decided=None).values("session")))
        | Q(
            state__in=STANDING_STATES,
            starts_at__gt=instant,
            pk__in=mine.filter(agreed_at=None).values("session"),
        )
        | (_takes_part(person) & Q(state__in=STANDING_STATES, starts_at__gt=instant, pk__in=_offers_to_answer(person)))
        | Q(pk__in=undecided_in(coordinated).order_by().values("session"))
    )


def _takes_part(person: Person) -> Q:
    return Q(tutor=person) | Q(pk__in=Participation.objects.filter(person=person).values("session"))


def _offers_to_answer(person: Person) -> QuerySet[TimeOffer, int]:
    """Sessions with another time that the person neither proposed nor accepted, for a subquery."""
    offers = TimeOffer.objects.filter(state=OfferState.OPEN, starts_at__gt=now()).exclude(author=person)
    return offers.exclude(accepted_by=person).values_list("session", flat=True)


def _act(request: PersonRequest, session: Session) -> HttpResponse:
    """Do what the form asks; a refusal is told on the session's page as it stands now, with what was typed."""
    action = request.POST.get("action", "")
    if action not in COMMANDS:
        raise BadRequest
    command = COMMANDS[action]
    form, status = command.form(session, request.POST), UNPROCESSABLE
    if form.is_valid():
        try:
            command.perform(session.pk, request.user, form)
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, command.done)
            return redirect(address_after(request, reverse("session", args=[session.pk])))
    return _draw(request, access_session_for(request.user, session.pk), {action: form}, status)


def _draw(
    request: PersonRequest, session: Session, bound: dict[str, ActionForm] | None = None, status: int = 200
) -> HttpResponse:
    card = SessionCard(session, request.user, session.network_id in coordinated_networks(request.user))
    forms = {action: COMMANDS[action].form(session) for action in card.actions} | (bound or {})
    # A form whose action is over is no longer on the page: what it was refused for stands on top.
    gone = next((form for action, form in forms.items() if action not in card.actions), None)
    context = {
        "card": card,
        "session": session,
        "forms": {str(action).replace("-", "_"): form for action, form in forms.items()},
        "problems": gone.non_field_errors() if gone else [],
        "failed": next(iter(bound.values()), None) if bound and not gone else None,
        "wording": own_wording(request.user, session.notion),
        "history": history_of(session),
        "steps": steps_of(session),
        "afterwards": read_afterwards(card),
    }
    return render(request, "sessions/page.html", context, status=CONFLICT if gone else status)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a session's history."""

    at: dt.datetime
    author: Person | None
    words: str
    reason: str = ""


def history_of(session: Session) -> list[Step]:
    """What happened, in order: moves of the state, and other times that were proposed."""
    moves = [
        Step(move.at, move.author, HISTORY[SessionState(move.target)], REASONS.get(move.reason, move.reason))
        for move in session.transitions.select_related("author")
    ]
    offers = TimeOffer.objects.filter(session=session).select_related("author", "closed_by").order_by("pk")
    steps = [*moves, *(step for offer in offers for step in _steps_of_offer(offer, session))]
    return sorted(steps, key=lambda step: step.at)


def _steps_of_offer(offer: TimeOffer, session: Session) -> Iterator[Step]:
    moment = format_instant(offer.starts_at, session.network.zone)
    yield Step(offer.created_at, offer.author, f"Autre moment proposé ({moment})")
    if offer.closed_at is not None:
        yield Step(offer.closed_at, offer.closed_by, OFFER_HISTORY[OfferState(offer.state)])


def steps_of(session: Session) -> list[tuple[str, str]]:
    """(words, state) of each step to a session held; nothing once it is called off."""
    if session.state not in {*STANDING_STATES, SessionState.HELD}:
        return []
    rank = 1 if session.state == SessionState.PROPOSED else 2
    if session.state == SessionState.CONFIRMED and has_started(session):
        rank = 3
    if session.state == SessionState.HELD:
        rank = len(STEPS)
    return [(words, "done" if n < rank else "current" if n == rank else "") for n, words in enumerate(STEPS)]
