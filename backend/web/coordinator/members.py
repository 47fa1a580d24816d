"""« Membres »: who belongs to the networks one coordinates, and what may be done for each."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from backend.common.errors import DomainError
from backend.common.patient_numbers import validate_no_patient_number
from backend.networks.domain.members import ORDERS, MemberSearch, search_members
from backend.networks.domain.membership import (
    REASON_LENGTH_MAX,
    change_site,
    give_role,
    hand_coordination_over,
    leave_network,
    reinstate_member,
    suspend_member,
    take_role,
)
from backend.networks.enums import MemberState, Role
from backend.networks.models import Membership, Network, Site
from backend.networks.rules import (
    access_membership_for,
    may_sign_in_on_paper,
    member_state,
    networks_with_role,
    require_role,
)
from backend.referentials.models import Profession
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse
from backend.web.shared.identity import SiteField, group_sites
from backend.web.shared.profile import ROLE_WORDS
from backend.web.shared.wording import Tag

MEMBERS_PER_PAGE = 50
ALL = "toutes"
STATE_WORDS = {MemberState.ACTIVE: "Actives", MemberState.SUSPENDED: "Suspendues", MemberState.LEFT: "Terminées"}
STATE_TAGS = {
    MemberState.ACTIVE: Tag("active", "good", "check"),
    MemberState.SUSPENDED: Tag("suspendue", "warm", "clock"),
    MemberState.LEFT: Tag("terminée", "quiet", "close"),
}
ORDER_WORDS = {"nom": "Nom", "profession": "Profession", "lieu": "Lieu", "arrivee": "Arrivée la plus récente"}
ROLE_CHOICES = [(role.value, ROLE_WORDS[role].capitalize()) for role in Role]
# What changes much is asked twice: its own page first, a button there.
CONFIRMED = {
    "suspendre": "Suspendre la participation",
    "partir": "Enregistrer le départ",
    "transmettre": "Transmettre ma coordination",
    "retirer": "Retirer un rôle",
}


class FilterForm(forms.Form):
    """The questions of the list, all in its address; a value that makes no sense leaves its question open."""

    q = forms.CharField(label="Nom ou adresse", required=False, max_length=200)
    etat = forms.ChoiceField(label="Participation", required=False)
    role = forms.ChoiceField(label="Rôle", required=False)
    profession = forms.ChoiceField(label="Profession", required=False)
    lieu = forms.ChoiceField(label="Lieu", required=False)
    reseau = forms.ChoiceField(label="Réseau", required=False)
    tri = forms.ChoiceField(label="Trier par", required=False)

    def __init__(self, data: QueryDict, networks: list[Network]) -> None:
        super().__init__({"etat": MemberState.ACTIVE.value, "tri": "nom", **data.dict()}, use_required_attribute=False)
        professions = Profession.objects.filter(
            pk__in=Membership.objects.filter(network__in=networks).values("person__profession")
        )
        sites = Site.objects.filter(network__in=networks).order_by("kind", "name")
        self._offer("etat", [*((state.value, words) for state, words in STATE_WORDS.items()), (ALL, "Toutes")])
        self._offer("role", [("", "Tous"), *ROLE_CHOICES])
        self._offer("profession", [("", "Toutes"), *((row.slug, row.label) for row in professions)])
        self._offer("lieu", [("", "Tous"), *group_sites(sites)])
        self._offer("reseau", [("", "Tous"), *((network.slug, network.name) for network in networks)])
        self._offer("tri", list(ORDER_WORDS.items()))
        if len(networks) < 2:
            del self.fields["reseau"]

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # they are all choices

    @property
    def search(self) -> MemberSearch:
        self.is_valid()
        data = self.cleaned_data
        return MemberSearch(
            words=data.get("q", ""),
            role=data.get("role", ""),
            profession=data.get("profession", ""),
            site=int(data["lieu"]) if data.get("lieu") else None,
            network=data.get("reseau", ""),
            state="" if data.get("etat", "") == ALL else data.get("etat") or MemberState.ACTIVE,
        )

    @property
    def order(self) -> tuple[str, ...]:
        return ORDERS[self.cleaned_data.get("tri") or "nom"]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Pourquoi",
        help_text="La personne lira ces mots.",
        required=False,
        max_length=REASON_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[validate_no_patient_number],
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label="Rôle à confier", choices=ROLE_CHOICES, error_messages={"required": "Choisissez un rôle."}
    )


class SiteForm(forms.Form):
    site = SiteField(label="Lieu de travail")

    def __init__(self, membership: Membership, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"site": membership.site_id})
        site = self.fields["site"]
        if isinstance(site, SiteField):
            site.offer(membership.network)


@reading
def list_members(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    form = FilterForm(request.GET, networks)
    page = page_of(request, _members(networks, form), MEMBERS_PER_PAGE)
    context = {
        "form": form,
        "page": page,
        "rows": [Row(membership) for membership in page.object_list],
        "several": len(networks) > 1,
        "is_filtered": any(value for name, value in request.GET.items() if name != "page"),
    }
    return render(request, "members/list.html", context)


class Row:
    """A member in the list."""

    def __init__(self, membership: Membership) -> None:
        self.membership = membership
        self.tag = STATE_TAGS[member_state(membership)]
        self.roles = roles_in_words(membership)


def roles_in_words(membership: Membership) -> str:
    """« tutorat, coordination », in the order of the roles; reads ``roles.all()``, prefetch it for lists."""
    held = {given.role for given in membership.roles.all()}
    return ", ".join(ROLE_WORDS[role] for role in Role if role in held)


def _members(networks: list[Network], form: FilterForm) -> QuerySet[Membership]:
    found = search_members(Membership.objects.filter(network__in=networks), form.search)
    return found.select_related("person__profession", "site", "network").prefetch_related("roles").order_by(*form.order)


@acting
def show_member(request: PersonRequest, membership_id: int) -> HttpResponse:
    membership = access_membership_for(request.user, membership_id)
    if request.method == "POST":
        return _act(request, membership)
    if request.GET.get("faire") in CONFIRMED:
        return _ask(request, membership, request.GET["faire"], ReasonForm())
    return _draw(request, membership)


def _act(request: PersonRequest, membership: Membership) -> HttpResponse:
    match request.POST.get("action"):
        case "confier":
            return _give(request, membership)
        case "lieu":
            return _move(request, membership)
        case "reprendre":
            reinstate_member(membership=membership, author=request.user)
            return _done(request, membership, "La participation reprend.")
        case str() as action if action in CONFIRMED:
            return _confirm(request, membership, action)
    raise BadRequest


def _give(request: PersonRequest, membership: Membership) -> HttpResponse:
    form, status = RoleForm(request.POST), UNPROCESSABLE
    if form.is_valid():
        try:
            give_role(membership=membership, role=Role(form.cleaned_data["role"]), author=request.user)
        except DomainError as error:
            status = refuse(form, error)
        else:
            return _done(request, membership, "Rôle confié.")
    return _draw(request, membership, role_form=form, status=status)


def _move(request: PersonRequest, membership: Membership) -> HttpResponse:
    form = SiteForm(membership, request.POST)
    if form.is_valid():
        change_site(membership=membership, site=form.cleaned_data["site"], author=request.user)
        return _done(request, membership, "Lieu de travail enregistré.")
    return _draw(request, membership, site_form=form, status=UNPROCESSABLE)


def _confirm(request: PersonRequest, membership: Membership, action: str) -> HttpResponse:
    form, status = ReasonForm(request.POST), UNPROCESSABLE
    if form.is_valid():
        try:
            words = _do(request, membership, action, form.cleaned_data["reason"])
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, words)
            stays = action != "transmettre"
            return redirect("member", membership_id=membership.pk) if stays else redirect("welcome")
    return _ask(request, membership, action, form, status)


def _do(request: PersonRequest, membership: Membership, action: str, reason: str) -> str:
    author = request.user
    match action:
        case "suspendre":
            suspend_member(membership=membership, author=author, reason=reason)
            return "Participation suspendue : cette personne ne voit plus le réseau, ses séances à venir sont libérées."
        case "partir":
            leave_network(membership=membership, author=author, reason=reason)
            return "Départ enregistré : ses séances à venir sont libérées."
        case "transmettre":
            hand_coordination_over(membership=membership, author=author)
            return f"{membership.person.name} assure maintenant la coordination."
    take_role(membership=membership, role=_role_to_take(request), author=author, reason=reason)
    return "Rôle retiré."


def _role_to_take(request: PersonRequest) -> Role:
    asked = request.POST.get("role") or request.GET.get("role", "")
    if asked not in Role.values:
        raise BadRequest
    return Role(asked)


def _ask(
    request: PersonRequest, membership: Membership, action: str, form: ReasonForm, status: int = 200
) -> HttpResponse:
    """The page that asks whether this is meant."""
    role = _role_to_take(request) if action == "retirer" else None
    context = {
        "membership": membership,
        "action": action,
        "label": CONFIRMED[action],
        "role": role,
        "role_words": ROLE_WORDS[role] if role else "",
        "form": form,
    }
    return render(request, "members/confirm.html", context, status=status)


def _done(request: PersonRequest, membership: Membership, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("member", membership_id=membership.pk)


def _draw(
    request: PersonRequest,
    membership: Membership,
    *,
    role_form: RoleForm | None = None,
    site_form: SiteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    require_role(request.user, membership.network, Role.COORDINATOR)
    state = member_state(membership)
    held = {given.role for given in membership.roles.all()}
    context = {
        "membership": membership,
        "tag": STATE_TAGS[state],
        "state": state,
        "is_self": membership.person_id == request.user.pk,
        "roles": [(role, ROLE_WORDS[role]) for role in Role if role in held],
        "coordinates": Role.COORDINATOR in held,
        "role_form": role_form or _role_form(held),
        "site_form": site_form or SiteForm(membership),
        "may_print": may_sign_in_on_paper(membership, request.user),
        "changes": membership.changes.select_related("author").order_by("at", "pk"),
        "role_words": ROLE_WORDS,
    }
    return render(request, "members/page.html", context, status=status)


def _role_form(held: set[str]) -> RoleForm | None:
    """Only roles that are missing can be given."""
    form = RoleForm()
    choices = [(value, words) for value, words in ROLE_CHOICES if value not in held]
    form.fields["role"].choices = choices  # type: ignore[attr-defined]  # a choice field
    return form if choices else None
