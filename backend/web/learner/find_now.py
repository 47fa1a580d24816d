"""« Trouver maintenant »: from an open request to a proposed session in one tap, between campaigns."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache

import matching
from backend.accounts.models import Person
from backend.campaigns.domain.instance import period_of
from backend.campaigns.domain.instant import Choice, Search, find_choices, propose_choice, refusal_of
from backend.common.errors import ConflictError, NotFoundError
from backend.common.formats import DAYS, format_time
from backend.needs.domain.requests import access_request_for
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role
from backend.tutoring.enums import STANDING_STATES
from backend.tutoring.models import Session
from backend.web.learner.why import MORE_SESSIONS, NEW_TUTOR, OTHER_TIME, Why
from backend.web.shared.access import CONFLICT, PersonRequest, acting
from backend.web.shared.limits import refuse_flood
from backend.web.shared.wording import REASONS_FOR_LEARNER

SEARCHES_A_MINUTE = 30
SCORING = matching.Scoring()


class ChoiceForm(forms.Form):
    """Which of the choices on the page; nothing here is typed."""

    tutor = forms.IntegerField(min_value=1, max_value=2**62)
    start = forms.CharField(max_length=40)

    def clean_start(self) -> dt.datetime:
        try:
            start = parse_datetime(self.cleaned_data["start"])
        except ValueError:
            start = None
        if start is None or start.tzinfo is None:
            raise forms.ValidationError("Choisissez un des moments proposés.")
        return start


@dataclass(frozen=True, slots=True)
class Line:
    """A choice as the page shows it."""

    choice: Choice
    network: Network

    @property
    def starts_at(self) -> dt.datetime:
        return self.choice.starts_at

    @property
    def ends_at(self) -> dt.datetime:
        return self.choice.ends_at

    @property
    def place(self) -> str:
        return self.choice.site.name if self.choice.site else "à distance"

    @property
    def why(self) -> str:
        """What speaks for this choice, in one sentence."""
        *reasons, last = _reasons(self.choice)
        return f"Pourquoi : {', '.join(reasons)} et {last}."


@never_cache
@acting
def find_now(request: PersonRequest, request_id: int) -> HttpResponse:
    if refusal := refuse_flood(request, action="find-now", per_minute=SEARCHES_A_MINUTE):
        return refusal
    found = _own_request(request.user, request_id)
    if request.method == "POST":
        return _propose(request, found)
    return _draw(request, found)


def _own_request(person: Person, request_id: int) -> HelpRequest:
    found = access_request_for(person, request_id)
    if found.person_id != person.pk:
        raise NotFoundError
    require_role(person, found.network, Role.LEARNER)
    return found


def _propose(request: PersonRequest, found: HelpRequest) -> HttpResponse:
    """Whoever lost a race reads why, above what is free now."""
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    tutor, start = form.cleaned_data["tutor"], form.cleaned_data["start"]
    try:
        session = propose_choice(request=found, author=request.user, tutor_id=tutor, starts_at=start)
    except ConflictError as error:
        fresh = _own_request(request.user, found.pk)
        return _draw(request, fresh, problem=error.message, status=CONFLICT)
    messages.success(request, f"C’est proposé : la réponse de {session.tutor.name} vous sera envoyée.")
    return redirect("session", session_id=session.pk)


def _draw(request: PersonRequest, found: HelpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    refusal = refusal_of(found)
    search = find_choices(found) if refusal is None else None
    context = {
        "found": found,
        "problem": problem,
        "refusal": refusal.message if refusal else "",
        "session": _session_of(found) if refusal else None,
        "lines": [Line(choice, found.network) for choice in search.choices] if search else [],
        "why": _tell_why(search) if search else None,
    }
    return render(request, "requests/find_now.html", context, status=status)


def _session_of(found: HelpRequest) -> Session | None:
    standing = Session.objects.filter(participations__request=found, state__in=STANDING_STATES)
    return standing.select_related("network").first()


def _reasons(choice: Choice) -> Iterator[str]:
    """Two at least."""
    yield "sa compétence sur ce sujet est validée"
    if choice.terms.prior_tutor:
        yield "vous avez déjà travaillé ensemble"
    if choice.terms.profession >= SCORING.same_profession:
        yield "vous exercez la même profession"
    elif choice.terms.profession:
        yield "vos professions sont proches"
    yield "vous êtes libres en même temps"


def _tell_why(search: Search) -> Why | None:
    """Why nobody was found, and what would help, as the engine verified it; no tutor is named."""
    if search.unserved is None:
        return None
    ways = [_tell_way(search, change) for change in search.unserved.unblock]
    return Why(REASONS_FOR_LEARNER[search.unserved.reason], list(dict.fromkeys(ways)))


def _tell_way(search: Search, change: matching.Unblock) -> str:
    match change:
        case matching.MoreSessions():
            return MORE_SESSIONS
        case matching.MoreTime(learner=None):
            return OTHER_TIME
        case matching.MoreTime():
            period, zone = period_of(search.campaign), search.campaign.network.zone
            start, end = period.start_of(change.start), period.start_of(change.end)
            day = DAYS[start.astimezone(zone).weekday()]
            return f"Ajoutez un moment libre le {day}, de {format_time(start, zone)} à {format_time(end, zone)}."
        case _:
            return NEW_TUTOR
