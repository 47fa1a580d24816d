"""« Aider une CPTS voisine »: a tutor's own yes, campaign by campaign."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.campaigns.domain.loans import (
    access_campaign_to_help,
    campaigns_to_help,
    lend_hours,
    loans_by,
    take_hours_back,
)
from backend.campaigns.models import Campaign, Loan
from backend.common.errors import DomainError
from backend.networks.enums import Role
from backend.networks.rules import networks_with_role
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse


class LoanForm(forms.Form):
    hours_per_month = forms.DecimalField(
        label="Heures par mois que je prête",
        help_text="Par demi-heures, dans la limite de mon offre : 1,5 par exemple.",
        localize=True,
        max_digits=5,
        error_messages={"required": "Donnez un nombre d’heures.", "invalid": "Donnez un nombre, par exemple 1,5."},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, campaign: Campaign, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id=f"loan_{campaign.pk}_%s", use_required_attribute=False, **options)


@dataclass(frozen=True, slots=True)
class Card:
    campaign: Campaign
    loan: Loan | None
    form: LoanForm


@acting
def show_loans(request: PersonRequest) -> HttpResponse:
    networks_with_role(request.user, Role.TUTOR)
    if request.method != "POST":
        return _draw(request)
    key = request.POST.get("campaign", "")
    if request.POST.get("action") not in {"preter", "reprendre"} or not key.isdecimal() or len(key) > 18:
        raise BadRequest
    campaign = access_campaign_to_help(request.user, int(key))
    if request.POST["action"] == "reprendre":
        take_hours_back(campaign=campaign, tutor=request.user)
        messages.success(request, f"Vous n’aidez plus {campaign.network.name} dans cette campagne.")
        return redirect("loans")
    return _lend(request, campaign)


def _lend(request: PersonRequest, campaign: Campaign) -> HttpResponse:
    form, status = LoanForm(campaign, request.POST), UNPROCESSABLE
    if form.is_valid():
        hours = form.cleaned_data["hours_per_month"]
        try:
            lend_hours(campaign=campaign, tutor=request.user, hours_per_month=hours)
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, f"Merci : vous aidez {campaign.network.name} dans cette campagne.")
            return redirect("loans")
    return _draw(request, {campaign.pk: form}, status)


def _draw(request: PersonRequest, sent: dict[int, LoanForm] | None = None, status: int = 200) -> HttpResponse:
    loans = loans_by(request.user)
    cards = []
    for campaign in campaigns_to_help(request.user):
        loan = loans.get(campaign.pk)
        initial = {"hours_per_month": loan.hours_per_month.normalize() + 0} if loan else {}
        form = (sent or {}).get(campaign.pk) or LoanForm(campaign, initial=initial)
        cards.append(Card(campaign, loan, form))
    failed = next(iter((sent or {}).values()), None)
    return render(request, "tutor/loans.html", {"cards": cards, "failed": failed}, status=status)
