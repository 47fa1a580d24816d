"""« Voisins »: agreements to lend tutors, and a coordination shared with an overloaded network."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.accounts.models import Person
from backend.common.errors import DomainError
from backend.networks.domain.agreements import (
    accept_agreement,
    access_agreement_for,
    agreements_of,
    end_agreement,
    possible_neighbours,
    propose_agreement,
    refuse_agreement,
)
from backend.networks.domain.shared_coordination import (
    accept_coordination,
    access_coordination_for,
    ask_for_coordination,
    coordinations_of,
    coordinators_elsewhere,
    end_coordination,
    refuse_coordination,
)
from backend.networks.enums import AccordState, Role
from backend.networks.models import Agreement, Network, SharedCoordination
from backend.networks.rules import networks_with_role
from backend.referentials.models import Notion
from backend.web.coordinator.reports import choose_one, network_tabs
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse
from backend.web.shared.wording import Tag

LEND, BORROW = "preter", "emprunter"
TAGS = {
    AccordState.PROPOSED: Tag("à accepter", "warm", "clock"),
    AccordState.ACTIVE: Tag("en vigueur", "good", "check"),
    AccordState.REFUSED: Tag("refusé", "quiet", "close"),
    AccordState.ENDED: Tag("terminé", "quiet", "close"),
}
type Act[Accord] = Callable[[Accord, Person], object]
AGREEMENT_ACTS: dict[str, Act[Agreement]] = {
    "accepter": lambda agreement, author: accept_agreement(agreement=agreement, author=author),
    "refuser": lambda agreement, author: refuse_agreement(agreement=agreement, author=author),
    "terminer": lambda agreement, author: end_agreement(agreement=agreement, author=author),
}
SHARED_ACTS: dict[str, Act[SharedCoordination]] = {
    "accepter": lambda shared, author: accept_coordination(shared=shared, author=author),
    "refuser": lambda shared, author: refuse_coordination(shared=shared, author=author),
    "terminer": lambda shared, author: end_coordination(shared=shared, author=author),
}


class AgreementForm(forms.Form):
    neighbour = forms.ModelChoiceField(
        Network.objects.none(), label="CPTS voisine", to_field_name="slug", empty_label="Choisir une CPTS"
    )
    direction = forms.ChoiceField(
        label="Sens de l’accord",
        choices=[(BORROW, "Elle nous prête des tuteurs"), (LEND, "Nous lui prêtons des tuteurs")],
        widget=forms.RadioSelect,
        initial=BORROW,
    )
    hours_per_month = forms.DecimalField(
        label="Heures par mois, au plus",
        help_text="Pour tous les tuteurs prêtés ensemble, par demi-heures : 4 ou 7,5 par exemple.",
        localize=True,
        max_digits=5,
        error_messages={"required": "Donnez un nombre d’heures.", "invalid": "Donnez un nombre, par exemple 7,5."},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    notions = forms.ModelMultipleChoiceField(
        Notion.objects.all(),
        label="Sujets",
        help_text="Sans choix, l’accord vaut pour tous les sujets.",
        required=False,
        to_field_name="slug",
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )

    def __init__(self, network: Network, data: Any = None) -> None:
        super().__init__(data, use_required_attribute=False, auto_id="agreement_%s")
        self.fields["neighbour"].queryset = possible_neighbours(network)  # type: ignore[attr-defined]


class CoordinationForm(forms.Form):
    coordinator = forms.ChoiceField(label="Personne")

    def __init__(self, network: Network, data: Any = None) -> None:
        super().__init__(data, use_required_attribute=False, auto_id="coordination_%s")
        self.found = {str(row.pk): row for row in coordinators_elsewhere(network)}
        choices = [(key, f"{row.person.name}, {row.network.name}") for key, row in self.found.items()]
        self.fields["coordinator"].choices = [("", "Choisir une personne"), *choices]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Line:
    """An accord as one network sees it, with what its reader may do."""

    key: int
    title: str
    detail: str
    tag: Tag
    acts: list[tuple[str, str]]
    notions: list[str]
    hours: Decimal | None = None


@acting
def show_neighbours(request: PersonRequest) -> HttpResponse:
    coordinated = networks_with_role(request.user, Role.COORDINATOR)
    network = choose_one(coordinated, request.GET.get("reseau", ""))
    if request.method != "POST":
        return _draw(request, coordinated, network)
    match request.POST.get("action"):
        case "proposer":
            return _propose(request, coordinated, network)
        case "demander":
            return _ask(request, coordinated, network)
        case "accord":
            return _act(request, network, AGREEMENT_ACTS, access_agreement_for)
        case "coordination":
            return _act(request, network, SHARED_ACTS, access_coordination_for)
    raise BadRequest


def _propose(request: PersonRequest, coordinated: list[Network], network: Network) -> HttpResponse:
    form, status = AgreementForm(network, request.POST), UNPROCESSABLE
    if form.is_valid():
        given = form.cleaned_data
        pair = (network, given["neighbour"]) if given["direction"] == LEND else (given["neighbour"], network)
        try:
            propose_agreement(
                author=request.user,
                lender=pair[0],
                borrower=pair[1],
                by=network,
                hours_per_month=given["hours_per_month"],
                notions=given["notions"],
            )
        except DomainError as error:
            status = refuse(form, error)
        else:
            return _done(request, network, f"Accord proposé à {given['neighbour'].name}.")
    return _draw(request, coordinated, network, agreement_form=form, status=status)


def _ask(request: PersonRequest, coordinated: list[Network], network: Network) -> HttpResponse:
    form, status = CoordinationForm(network, request.POST), UNPROCESSABLE
    if form.is_valid():
        asked = form.found[form.cleaned_data["coordinator"]]
        try:
            ask_for_coordination(network=network, neighbour=asked.network, person=asked.person, author=request.user)
        except DomainError as error:
            status = refuse(form, error)
        else:
            return _done(request, network, f"Demande envoyée à {asked.person.name}.")
    return _draw(request, coordinated, network, coordination_form=form, status=status)


def _act[Accord](
    request: PersonRequest,
    network: Network,
    acts: dict[str, Act[Accord]],
    access: Callable[[Person, int], Accord],
) -> HttpResponse:
    key, act = request.POST.get("key", ""), request.POST.get("act", "")
    if act not in acts or not key.isdecimal() or len(key) > 18:
        raise BadRequest
    acts[act](access(request.user, int(key)), request.user)
    return _done(request, network, "C’est enregistré.")


def _done(request: PersonRequest, network: Network, words: str) -> HttpResponse:
    messages.success(request, words)
    still_there = network.slug in {row.slug for row in networks_with_role(request.user, Role.COORDINATOR)}
    return redirect(f"{reverse('neighbours')}?reseau={network.slug}" if still_there else reverse("welcome"))


def _draw(
    request: PersonRequest,
    coordinated: list[Network],
    network: Network,
    *,
    agreement_form: AgreementForm | None = None,
    coordination_form: CoordinationForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "network": network,
        "networks": network_tabs(coordinated),
        "address": f"{reverse('neighbours')}?reseau={network.slug}",
        "failed": agreement_form or coordination_form,
        "agreement_form": agreement_form or AgreementForm(network),
        "coordination_form": coordination_form or CoordinationForm(network),
        "agreements": [_agreement_line(row, network) for row in agreements_of(network)],
        "coordinations": [_coordination_line(row, network, request.user) for row in coordinations_of(network)],
    }
    return render(request, "neighbours/page.html", context, status=status)


def _agreement_line(agreement: Agreement, network: Network) -> Line:
    lends = agreement.lender_id == network.pk
    other = agreement.borrower if lends else agreement.lender
    title = f"{network.name} prête à {other.name}" if lends else f"{other.name} prête à {network.name}"
    state = AccordState(agreement.state)
    return Line(
        agreement.pk,
        title,
        f"Proposé par {agreement.proposed_by.name}",
        TAGS[state],
        list(_acts(state, answers=agreement.proposed_by_id != network.pk)),
        [notion.title for notion in agreement.notions.all()],
        agreement.hours_per_month,
    )


def _coordination_line(shared: SharedCoordination, network: Network, reader: Person) -> Line:
    state = AccordState(shared.state)
    return Line(
        shared.pk,
        f"{shared.person.name} ({shared.neighbour.name}) pour {shared.network.name}",
        f"Demandé par {shared.network.name}",
        TAGS[state],
        list(_acts(state, answers=shared.person_id == reader.pk)),
        [],
    )


def _acts(state: AccordState, *, answers: bool) -> Iterable[tuple[str, str]]:
    if state == AccordState.ACTIVE:
        return [("terminer", "Mettre fin")]
    if state != AccordState.PROPOSED:
        return []
    return [("accepter", "Accepter"), ("refuser", "Refuser")] if answers else [("terminer", "Retirer la proposition")]
