"""« Séances »: the list, and the page of one session with everything that may be done there."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import DomainError
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.tutoring.domain.access import access_session_for, visible_sessions_for
from backend.tutoring.enums import STANDING_STATES, SessionState
from backend.tutoring.models import Participation, Session, SessionTransition
from backend.tutoring.rules import SILENCE, Action
from backend.web.shared.access import CONFLICT, UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse
from backend.web.shared.access import return_address as address_after
from backend.web.shared.cards import SessionCard, cards_of
from backend.web.shared.session_forms import COMMANDS, ActionForm
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
REASONS = {"no_answer": "sans réponse"}


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
        Q(tutor=person, state=SessionState.PROPOSED)
        | (confirmed_since & Q(pk__in=unmarked.values("session")))
        | (confirmed_since & Q(pk__in=mine.filter(by_learner=None, decided=None).values("session")))
        | Q(
            state__in=STANDING_STATES,
            starts_at__gt=instant,
            pk__in=mine.filter(agreed_at=None).values("session"),
        )
        | Q(pk__in=disputes_in(coordinated).values("session"))
    )


def disputes_in(networks: list[int]) -> QuerySet[Participation]:
    """Attendances that a coordinator decides, as ``awaits_decision`` says: told differently, or a week of silence."""
    silent = Q(by_tutor=None) | Q(by_learner=None)
    undecided = Participation.objects.filter(
        session__network__in=networks, session__state=SessionState.CONFIRMED, decided=None
    )
    return undecided.filter(
        (silent & Q(session__ends_at__lte=now() - SILENCE)) | (~silent & ~Q(by_tutor=F("by_learner")))
    )


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
        "forms": {str(action): form for action, form in forms.items()},
        "problems": gone.non_field_errors() if gone else [],
        "failed": next(iter(bound.values()), None) if bound and not gone else None,
        "wording": own_wording(request.user, session.notion),
        "history": _history(session),
        "can_answer": Action.ACCEPT in card.actions,
    }
    return render(request, "sessions/page.html", context, status=CONFLICT if gone else status)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a session's history."""

    move: SessionTransition
    words: str
    reason: str


def _history(session: Session) -> list[Step]:
    moves = session.transitions.select_related("author")
    return [Step(move, HISTORY[SessionState(move.target)], REASONS.get(move.reason, move.reason)) for move in moves]
