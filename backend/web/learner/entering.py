"""Asking beside somebody: a coordinator finds them by name, a colleague must know their address."""

from collections.abc import Iterable

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.accounts.models import Person
from backend.common.errors import NotFoundError, RoleRequiredError
from backend.common.folding import fold
from backend.needs.domain.entering import HELPERS
from backend.needs.domain.phrases import capacities_of, find_phrase
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.web.learner.ask import Asking, draw_subjects, find_capacity, show_details
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, reading
from backend.web.shared.limits import refuse_flood

KNOWN = "asking_for"
KNOWN_MAX = 20
PER_MINUTE = 60
UNKNOWN = "Aucune personne aidée de votre réseau n’a cette adresse."


class AddressForm(forms.Form):
    email = forms.EmailField(
        label="Son adresse électronique",
        help_text="Celle de son compte Tandem. Elle y recevra un code.",
        error_messages={"required": "Écrivez son adresse.", "invalid": "Écrivez une adresse complète."},
    )


@acting
def choose_person(request: PersonRequest) -> HttpResponse:
    """Whom one helps to ask; a colleague's guesses are counted, and told no more than « nobody »."""
    networks, coordinated = _networks_of(request.user)
    if not networks:
        raise RoleRequiredError
    form, status = AddressForm(request.POST if request.method == "POST" else None, use_required_attribute=False), 200
    if request.method == "POST":
        if flood := refuse_flood(request, action="ask-for", per_minute=PER_MINUTE):
            return flood
        if form.is_valid() and (found := _member_at(request.user, networks, form.cleaned_data["email"])):
            _remember(request, found)
            return redirect("ask_for_person", membership_id=found.pk)
        if form.is_valid():
            form.add_error("email", UNKNOWN)
        status = UNPROCESSABLE
    words = request.GET.get("q", "").strip()[:200]
    page = page_of(request, list(_named(request.user, coordinated, words)))
    context = {"form": form, "coordinates": bool(coordinated), "words": words, "page": page}
    return render(request, "ask/person.html", context, status=status)


@reading
def choose_subject(request: PersonRequest, membership_id: int) -> HttpResponse:
    return draw_subjects(request, asking_for(request, membership_id))


@acting
def ask_about_phrase(request: PersonRequest, membership_id: int, phrase: str) -> HttpResponse:
    asking, found = asking_for(request, membership_id), find_phrase(phrase)
    return show_details(request, asking, capacities_of(found, asking.person), found)


@acting
def ask_about_capacity(request: PersonRequest, membership_id: int, key: str) -> HttpResponse:
    return show_details(request, asking_for(request, membership_id), [find_capacity(key)])


def asking_for(request: PersonRequest, membership_id: int) -> Asking:
    """Whom a coordinator coordinates, or whose address a colleague has just shown to know."""
    networks, coordinated = _networks_of(request.user)
    membership = _learners(networks).filter(pk=membership_id).exclude(person=request.user).first()
    if membership is None:
        raise NotFoundError
    if membership.network_id not in coordinated and membership.pk not in request.session.get(KNOWN, []):
        raise NotFoundError
    return Asking(request.user, membership.person, [membership.network], membership.pk)


def _networks_of(person: Person) -> tuple[set[int], set[int]]:
    """Networks (primary keys) where the person may enter requests, and those they coordinate."""
    rows = Membership.objects.active().filter(person=person, roles__role__in=HELPERS)
    held = set(rows.values_list("network_id", "roles__role"))
    return {network for network, _ in held}, {network for network, role in held if role == Role.COORDINATOR}


def _learners(networks: Iterable[int]) -> QuerySet[Membership]:
    rows = Membership.objects.active().with_role(Role.LEARNER).filter(network__in=networks)
    return rows.select_related("person__profession", "network").order_by(
        "person__last_name", "person__first_name", "pk"
    )


def _member_at(author: Person, networks: set[int], email: str) -> Membership | None:
    return _learners(networks).filter(person__email=email.lower()).exclude(person=author).first()


def _named(author: Person, coordinated: set[int], words: str) -> Iterable[Membership]:
    """Members of the networks one coordinates whose name holds every word; nobody before there are words."""
    wanted = fold(words).split()
    rows = _learners(coordinated).exclude(person=author) if wanted and coordinated else []
    return (row for row in rows if all(word in fold(row.person.name) for word in wanted))


def _remember(request: PersonRequest, membership: Membership) -> None:
    """An address that was known opens that one person's pages, for this session."""
    known = [key for key in request.session.get(KNOWN, []) if key != membership.pk]
    request.session[KNOWN] = [*known, membership.pk][-KNOWN_MAX:]
