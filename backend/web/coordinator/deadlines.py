"""« Réponses »: how many working days tutors have to answer, and what happens to what they decline."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.common.errors import DomainError, NotFoundError
from backend.networks.domain.habits import ANSWER_DAYS, set_answer_rules
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse

ALONE, ASK = "alone", "ask"


class RulesForm(forms.Form):
    answer_days = forms.IntegerField(
        label="Jours ouvrés pour répondre",
        help_text="Week-ends et jours fériés ne comptent pas. Sans réponse, la séance est retirée.",
        min_value=ANSWER_DAYS.start,
        max_value=ANSWER_DAYS.stop - 1,
        error_messages={
            "required": "Donnez un nombre de jours.",
            "invalid": "Écrivez un nombre de jours, 3 par exemple.",
            "min_value": "Donnez de 1 à 30 jours ouvrés.",
            "max_value": "Donnez de 1 à 30 jours ouvrés.",
        },
    )
    repair = forms.ChoiceField(
        label="Quand une séance est déclinée ou annulée",
        choices=[
            (ASK, "Me proposer une réparation, que j’approuve"),
            (ALONE, "Proposer d’autres séances sans attendre"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez.", "invalid_choice": "Choisissez."},
    )


@acting
def show_deadlines(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    wanted = request.GET.get("reseau", networks[0].slug)
    network = next((row for row in networks if row.slug == wanted), None)
    if network is None:
        raise NotFoundError
    if request.method != "POST":
        repair = ALONE if network.auto_repair else ASK
        form = RulesForm(initial={"answer_days": network.answer_days, "repair": repair})
        return _draw(request, networks, network, form)
    form, status = RulesForm(request.POST), UNPROCESSABLE
    if form.is_valid():
        days, alone = form.cleaned_data["answer_days"], form.cleaned_data["repair"] == ALONE
        try:
            set_answer_rules(network=network, author=request.user, answer_days=days, auto_repair=alone)
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, "Réglages enregistrés, pour les séances proposées à partir de maintenant.")
            return redirect(_address(network))
    return _draw(request, networks, network, form, status)


def _address(network: Network) -> str:
    return f"{reverse('deadlines')}?reseau={network.slug}"


def _draw(
    request: PersonRequest, networks: list[Network], network: Network, form: RulesForm, status: int = 200
) -> HttpResponse:
    context = {
        "networks": [(row.slug, row.name) for row in networks] if len(networks) > 1 else [],
        "network": network,
        "address": _address(network),
        "form": form,
    }
    return render(request, "follow_up/rules.html", context, status=status)
