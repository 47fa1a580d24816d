"""« Ce que vous avez vu »: a coordinator validates what a tutor did before their eyes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.common.errors import DomainError
from backend.common.patient_numbers import validate_no_patient_number
from backend.needs.domain.phrases import search_in_own_words
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.networks.rules import networks_with_role
from backend.referentials.models import Notion
from backend.skills.domain.credentials import observe_notion
from backend.skills.enums import Level
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, refuse
from backend.web.shared.notion_words import words_for
from backend.web.tutor.claim_forms import LEVELS, DayField
from backend.web.tutor.claims_add import QUERY_LENGTH_MAX, RESULTS_A_PAGE


class ObservationForm(forms.Form):
    person = forms.TypedChoiceField(
        label="Qui avez-vous vu faire ?",
        coerce=int,
        error_messages={"required": "Choisissez une personne.", "invalid_choice": "Choisissez une personne."},
    )
    level = forms.TypedChoiceField(label="Niveau validé", choices=LEVELS, coerce=int, initial=Level.INTERMEDIATE.value)
    sentence = forms.CharField(
        label="Ce que vous avez vu, en une phrase",
        help_text="La personne lira ces mots.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[validate_no_patient_number],
        error_messages={"required": "Dites ce que vous avez vu, en une phrase."},
    )
    expires_on = DayField(label="Valable jusqu’au", help_text="Sans date, la validation n’expire pas.", required=False)

    def __init__(self, members: list[Membership], data: Any = None) -> None:
        self.members = {member.pk: member for member in members}
        super().__init__(data, use_required_attribute=False)
        names = [(member.pk, f"{member.person.name}, {member.network.name}") for member in members]
        self.fields["person"].choices = [("", "Choisissez"), *names]  # type: ignore[attr-defined]


@acting
def observe(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    notion = Notion.objects.filter(slug=request.GET.get("capacite", "")).first()
    if notion is None:
        return _search(request)
    members = tutors_of(networks, request)
    form, status = ObservationForm(members, request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            data = form.cleaned_data
            member = form.members[data["person"]]
            try:
                claim = observe_notion(
                    author=request.user,
                    person=member.person,
                    network=member.network,
                    notion=notion,
                    level=data["level"],
                    sentence=data["sentence"],
                    expires_on=data["expires_on"],
                )
            except DomainError as error:
                status = refuse(form, error)
            else:
                messages.success(request, f"Validé pour {member.person.name}. La personne est prévenue.")
                return redirect("claim", claim_id=claim.pk)
    context = {"notion": notion, "wording": words_for(request.user, [notion])[notion.pk], "form": form}
    return render(request, "claims/observe.html", context, status=status)


def tutors_of(networks: list[Network], request: PersonRequest) -> list[Membership]:
    """Active tutors of these networks but the reader, by name."""
    members = Membership.objects.active().filter(network__in=networks, roles__role=Role.TUTOR)
    rows = members.exclude(person=request.user).select_related("person", "network")
    return list(rows.order_by("person__last_name", "person__first_name", "pk"))


def _search(request: PersonRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:QUERY_LENGTH_MAX]
    context: dict[str, object] = {"words": words}
    if words:
        context["page"] = page_of(request, search_in_own_words(words, request.user), RESULTS_A_PAGE)
    return render(request, "claims/observe.html", context)
