"""« Mes demandes »: the list, and the page of one request with everything that may be done there."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import DomainError, ForbiddenMoveError, NotFoundError
from backend.needs.domain.entering import confirm_by_code, confirm_own_request
from backend.needs.domain.requests import access_request_for, change_request, withdraw_request
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest, HelpRequestTransition
from backend.networks.models import Membership
from backend.skills.enums import Level
from backend.web.learner.ask import show_attack, steps_at
from backend.web.learner.home import RequestLine, lines_of, requests_of
from backend.web.learner.request_form import RequestForm, values_of
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse

DONE = 302
UNDER_WAY, OVER = "en-cours", "terminees"
FILTERS = {UNDER_WAY: "En cours", OVER: "Terminées"}
OVER_STATES = (RequestState.MET, RequestState.WITHDRAWN)
LEVELS = {0: "pas encore"} | {level.value: str(level.label) for level in Level}
HISTORY = {
    RequestState.UNCONFIRMED: "Saisie, à confirmer",
    RequestState.OPEN: "En attente d’une proposition",
    RequestState.PLANNED: "Une séance est proposée",
    RequestState.MET: "Aide reçue",
    RequestState.WITHDRAWN: "Retirée",
}
REASONS = {"expired": "pas confirmée à temps"}


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Le code reçu par la personne",
        help_text="Six chiffres, dans le courriel qui vient de lui être envoyé. Elle vous le lit.",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "code-input"}),
        error_messages={"required": "Écrivez le code."},
    )


@dataclass(frozen=True, slots=True)
class Rights:
    """What the reader may do with a request now."""

    is_mine: bool
    can_withdraw: bool
    can_change: bool
    can_confirm: bool
    can_type_code: bool


@reading
def list_my_requests(request: PersonRequest) -> HttpResponse:
    wanted = request.GET.get("etat", UNDER_WAY)
    wanted = wanted if wanted in FILTERS else UNDER_WAY
    page = page_of(request, _filtered(request.user, wanted))
    context = {
        "page": page,
        "lines": lines_of(list(page.object_list)),
        "filters": FILTERS.items(),
        "wanted": wanted,
        "entered": _entered_by(request.user),
    }
    return render(request, "requests/list.html", context)


@acting
def show_request(request: PersonRequest, request_id: int) -> HttpResponse:
    found = access_request_for(request.user, request_id)
    if request.method != "POST":
        return _draw(request, found, CodeForm(use_required_attribute=False))
    match request.POST.get("action"):
        case "withdraw":
            return _withdraw(request, found)
        case "confirm":
            return _confirm(request, found)
        case "code":
            return _type_code(request, found)
    raise BadRequest


@acting
def change_my_request(request: PersonRequest, request_id: int) -> HttpResponse:
    """The same questions as when asking, with what was answered then."""
    found = access_request_for(request.user, request_id)
    if found.person_id != request.user.pk:
        raise NotFoundError
    if found.state != RequestState.OPEN:
        raise ForbiddenMoveError("Cette demande ne peut plus être modifiée.", code=f"not_from_{found.state}")
    data = request.POST if request.method == "POST" else None
    form = form_of(found, data)
    status = 200
    if data is not None and "resume" not in data:
        if form.is_valid() and form.is_under_attack:
            return show_attack(request, reverse("request", args=[found.pk]))
        status = _change(request, found, form) if form.is_valid() else UNPROCESSABLE
        if status == DONE:
            messages.success(request, "Votre demande est modifiée.")
            return redirect("request", request_id=found.pk)
    return render(request, "requests/change.html", {"found": found, "form": form}, status=status)


def form_of(found: HelpRequest, data: QueryDict | None) -> RequestForm:
    """The form filled in with what the request says."""
    own = Membership.objects.filter(person=found.person, network=found.network).values_list("site", flat=True).first()
    initial = values_of(found, own)
    return RequestForm(
        person=found.person, network=found.network, capacities=[found.capacity], data=data, initial=initial
    )


def rights_of(person: Person, found: HelpRequest) -> Rights:
    is_mine, unconfirmed = found.person_id == person.pk, found.state == RequestState.UNCONFIRMED
    entered = unconfirmed and found.entered_by_id == person.pk
    in_time = unconfirmed and found.code.expires_at > now()
    return Rights(
        is_mine=is_mine,
        can_withdraw=(is_mine and found.state == RequestState.OPEN) or ((is_mine or entered) and in_time),
        can_change=is_mine and found.state == RequestState.OPEN,
        can_confirm=is_mine and in_time,
        can_type_code=entered and in_time,
    )


def _filtered(person: Person, wanted: str) -> QuerySet[HelpRequest]:
    requests = requests_of(person)
    return requests.filter(state__in=OVER_STATES) if wanted == OVER else requests.exclude(state__in=OVER_STATES)


def _entered_by(person: Person) -> list[HelpRequest]:
    """Those the person entered for others, still to confirm."""
    waiting = HelpRequest.objects.filter(entered_by=person, state=RequestState.UNCONFIRMED, code__expires_at__gt=now())
    return list(waiting.select_related("person", "capacity"))


def _change(request: PersonRequest, found: HelpRequest, form: RequestForm) -> int:
    """The status to answer; ``DONE`` once it is changed."""
    try:
        change_request(request=found, author=request.user, terms=form.terms)
    except DomainError as error:
        return refuse(form, error)
    return DONE


def _withdraw(request: PersonRequest, found: HelpRequest) -> HttpResponse:
    withdraw_request(request=found, author=request.user)
    messages.success(request, "Demande retirée.")
    return redirect("request", request_id=found.pk) if found.person_id == request.user.pk else redirect("requests")


def _confirm(request: PersonRequest, found: HelpRequest) -> HttpResponse:
    if found.person_id != request.user.pk:
        raise NotFoundError
    if found.state == RequestState.UNCONFIRMED:
        confirm_own_request(request=found, author=request.user)
    messages.success(request, "C’est confirmé : votre demande est envoyée.")
    return redirect("request", request_id=found.pk)


def _type_code(request: PersonRequest, found: HelpRequest) -> HttpResponse:
    form, status = CodeForm(request.POST, use_required_attribute=False), UNPROCESSABLE
    if form.is_valid():
        try:
            confirm_by_code(request=found, author=request.user, code=form.cleaned_data["code"])
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, f"C’est confirmé : la demande de {found.person.name} est envoyée.")
            return redirect("requests")
    return _draw(request, found, form, status)


def _draw(request: PersonRequest, found: HelpRequest, form: CodeForm, status: int = 200) -> HttpResponse:
    rights = rights_of(request.user, found)
    line: RequestLine = lines_of([found])[0]
    context = {
        "found": found,
        "line": line,
        "rights": rights,
        "form": form,
        "facts": _facts(found),
        "history": _history(found),
        "steps": steps_at(2) if "envoyee" in request.GET else None,
        "is_late": found.state == RequestState.UNCONFIRMED and found.code.expires_at <= now(),
    }
    return render(request, "requests/page.html", context, status=status)


def _facts(found: HelpRequest) -> list[tuple[str, str]]:
    ways = ["à distance"] if found.remote else []
    ways += [site.name for site in found.sites.all()]
    start = "" if found.level_start is None else f"{LEVELS[found.level_start]} → "
    facts = [
        ("Pour quand", str(found.get_urgency_display())),
        ("Comment", ", ".join(ways)),
        ("Niveau", f"{start}{LEVELS[found.level_wanted]}"),
        ("À plusieurs", "oui, si possible" if found.group_ok else "non"),
        ("Sur le temps de travail", "oui" if found.on_working_time else "non"),
    ]
    return [*facts, ("À savoir", found.context)] if found.context else facts


def _history(found: HelpRequest) -> list[tuple[HelpRequestTransition, str, str]]:
    moves = found.transitions.select_related("author")
    return [(move, HISTORY[RequestState(move.target)], REASONS.get(move.reason, move.reason)) for move in moves]
