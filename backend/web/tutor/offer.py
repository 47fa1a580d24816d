"""« Mon offre »: what a tutor gives each of their networks, and how people meet them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.campaigns.domain.instance import max_sessions
from backend.campaigns.models import Campaign
from backend.common.errors import DomainError, NotFoundError
from backend.common.formats import format_count, format_minutes
from backend.needs.domain.offers import HOURS_MAX, offers_by, save_offer
from backend.needs.models import TutorOffer
from backend.networks.enums import Role
from backend.networks.models import Network, Site
from backend.networks.rules import networks_with_role
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse
from backend.web.shared.availability import lacks_windows
from backend.web.shared.foresight import campaigns_ahead

# What a campaign is unless its coordinator says otherwise.
USUAL = Campaign()


class OfferForm(forms.Form):
    """The offer to one network; only its own sites may be chosen."""

    hours_per_month = forms.DecimalField(
        label="Heures par mois",
        help_text=f"De 0 à {HOURS_MAX}, par demi-heures : 1,5 par exemple. 0 vous met en pause.",
        localize=True,
        max_digits=5,
        error_messages={
            "required": "Donnez un nombre d’heures, ou 0.",
            "invalid": "Donnez un nombre, par exemple 1,5.",
        },
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    remote = forms.BooleanField(label="À distance, par vidéo ou téléphone", required=False)
    sites = forms.MultipleChoiceField(label="Sur place", required=False, widget=forms.CheckboxSelectMultiple)
    room_link = forms.CharField(
        label="Lien de votre salle de visioconférence",
        help_text="Toujours le même, qui commence par https://. Il devient le bouton « Rejoindre ».",
        max_length=200,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    telephone = forms.CharField(
        label="Ou un numéro de téléphone",
        help_text="Les personnes que vous aidez le verront.",
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, network: Network, sites: Sequence[Site], data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id=f"offer_{network.pk}_%s", use_required_attribute=False, **options)
        self.by_key = {str(site.pk): site for site in sites}
        if sites:
            self.fields["sites"].choices = [(str(site.pk), site.name) for site in sites]  # type: ignore[attr-defined]
        else:
            del self.fields["sites"]

    @property
    def chosen_sites(self) -> list[Site]:
        return [self.by_key[key] for key in self.cleaned_data.get("sites", ())]


@dataclass(frozen=True, slots=True)
class OfferCard:
    """One network's form, with what its hours make in the next campaign; ``saved`` once something was."""

    network: Network
    form: OfferForm
    sentence: str
    saved: bool


class Desk:
    """The tutor's networks with their sites, offers and next campaigns, in a handful of queries."""

    def __init__(self, request: PersonRequest) -> None:
        self.request, self.person = request, request.user
        self.networks = networks_with_role(self.person, Role.TUTOR)
        self.offers = offers_by(self.person)
        self.sites: dict[int, list[Site]] = {network.pk: [] for network in self.networks}
        for site in Site.objects.filter(network__in=self.networks):
            self.sites[site.network_id].append(site)
        self.campaigns: dict[int, Campaign] = {}
        for campaign in campaigns_ahead(self.networks):
            self.campaigns.setdefault(campaign.network_id, campaign)

    def form(self, network: Network, data: Any = None) -> OfferForm:
        initial = _initial(self.offers.get(network.pk))
        return OfferForm(network, self.sites[network.pk], data, initial=initial)

    def posted_network(self) -> Network:
        """The network that the form names, among the tutor's own."""
        wanted = self.request.POST.get("network", "")
        found = next((network for network in self.networks if network.slug == wanted), None)
        if found is None:
            raise NotFoundError
        return found


@acting
def show_offer(request: PersonRequest) -> HttpResponse:
    desk = Desk(request)
    if request.method == "POST":
        return _save(desk)
    return _draw(desk)


def tell_sessions(hours: Decimal, campaign: Campaign | None) -> str:
    """How many sessions some hours a month make in a campaign, in one sentence."""
    if not hours:
        return "En pause : aucune séance ne vous sera proposée."
    plan = campaign or USUAL
    sessions = max_sessions(hours, weeks=plan.weeks, minutes=plan.session_minutes)
    many = f"{format_count(sessions, 'séance')} de {format_minutes(plan.session_minutes)} au plus"
    when = f"pendant « {campaign.title} »" if campaign else "pendant une campagne"
    return f"Soit {many} {when} ({format_count(plan.weeks, 'semaine')})."


def _save(desk: Desk) -> HttpResponse:
    network = desk.posted_network()
    form, status = desk.form(network, desk.request.POST), UNPROCESSABLE
    if form.is_valid():
        data = form.cleaned_data
        try:
            offer = save_offer(
                person=desk.person,
                network=network,
                hours_per_month=data["hours_per_month"],
                remote=data["remote"],
                sites=form.chosen_sites,
                room_link=data["room_link"],
                telephone=data["telephone"],
            )
        except DomainError as error:
            status = refuse(form, error)
        else:
            sentence = tell_sessions(offer.hours_per_month, desk.campaigns.get(network.pk))
            messages.success(desk.request, f"Offre enregistrée pour {network.name}. {sentence}")
            return redirect("offer")
    return _draw(desk, refused={network.pk: form}, status=status)


def _draw(desk: Desk, *, refused: dict[int, OfferForm] | None = None, status: int = 200) -> HttpResponse:
    forms_sent = refused or {}
    cards = []
    for network in desk.networks:
        offer = desk.offers.get(network.pk)
        sentence = tell_sessions(offer.hours_per_month, desk.campaigns.get(network.pk)) if offer else ""
        form = forms_sent.get(network.pk) or desk.form(network)
        cards.append(OfferCard(network, form, sentence, saved=offer is not None))
    context = {"cards": cards, "lacks_windows": lacks_windows(desk.person)}
    return render(desk.request, "tutor/offer.html", context, status=status)


def _initial(offer: TutorOffer | None) -> dict[str, Any]:
    if offer is None:
        return {"remote": True}
    return {
        "hours_per_month": offer.hours_per_month.normalize() + 0,
        "remote": offer.remote,
        "sites": [str(site.pk) for site in offer.sites.all()],
        "room_link": offer.room_link,
        "telephone": offer.telephone,
    }
