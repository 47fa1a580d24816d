"""« Ouvrir une campagne »: three questions and one button; everything else waits under « Réglages avancés »."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.forms.boundfield import BoundField
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from backend.campaigns.domain.campaigns import open_campaign
from backend.campaigns.domain.weights import PRESETS
from backend.campaigns.enums import Audience, Preset
from backend.campaigns.models import SESSION_MINUTES, Campaign, OwnPreset
from backend.common.clock import now
from backend.common.errors import DomainError
from backend.common.formats import MONTHS, format_day, format_day_number, format_minutes
from backend.common.patient_numbers import validate_no_patient_number
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.web.coordinator.presets import PresetLine, lines_of
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse

MONDAYS_OFFERED = 10
WEEKS_OFFERED = (1, 2, 3, 4, 6, 8, 12)
USUAL_WEEKS, USUAL_MINUTES = 3, 45
OWN = "own-"
CALLS = (Audience.EVERYONE, Audience.TUTORS, Audience.LEARNERS, Audience.NOBODY)
QUESTIONS = ("network", "first_day", "weeks", "session_minutes", "audience")


class OpeningForm(forms.Form):
    network = forms.ChoiceField(label="Réseau")
    first_day = forms.ChoiceField(
        label="Quand commence-t-elle ?", help_text="Les séances ont lieu à partir de ce lundi."
    )
    weeks = forms.TypedChoiceField(
        label="Pendant combien de semaines ?",
        choices=[(weeks, f"{weeks} semaine{'s' * (weeks > 1)}") for weeks in WEEKS_OFFERED],
        initial=USUAL_WEEKS,
        coerce=int,
    )
    session_minutes = forms.TypedChoiceField(
        label="Combien de temps dure une séance ?",
        choices=[(minutes, format_minutes(minutes)) for minutes in SESSION_MINUTES],
        initial=USUAL_MINUTES,
        coerce=int,
        widget=forms.RadioSelect,
    )
    audience = forms.ChoiceField(
        label="Qui est invité à participer ?",
        help_text="Un message part à chaque personne. Vous pourrez en relancer plus tard.",
        choices=[(audience.value, audience.label) for audience in CALLS],
        initial=Audience.EVERYONE,
        widget=forms.RadioSelect,
    )
    title = forms.CharField(
        label="Nom de la campagne",
        help_text="Sans nom, elle porte celui de sa première semaine.",
        required=False,
        max_length=120,
        validators=[validate_no_patient_number],
    )
    collect_until = forms.DateField(
        label="Dernier jour pour demander de l’aide ou donner du temps",
        help_text="Il est dit dans les messages. Rien ne se ferme tout seul.",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Écrivez une date, par exemple 2026-12-04."},
    )
    group_size_max = forms.IntegerField(
        label="Personnes aidées par séance, au plus",
        help_text="Un groupe réunit des personnes qui ont la même demande et qui l’acceptent.",
        min_value=1,
        max_value=12,
        initial=1,
    )
    preset = forms.ChoiceField(label="Ce qui passe en premier", widget=forms.RadioSelect, initial=Preset.BALANCED)
    lent_tutors = forms.BooleanField(
        label="Compter aussi les tuteurs que des CPTS voisines vous prêtent",
        help_text="Seulement ceux qui l’acceptent pour cette campagne.",
        required=False,
    )

    def __init__(self, networks: list[Network], data: QueryDict | None = None) -> None:
        super().__init__(data, use_required_attribute=False)
        self.networks = {network.slug: network for network in networks}
        self.own = {f"{OWN}{preset.pk}": preset for preset in OwnPreset.objects.filter(network__in=networks)}
        self._offer("network", [(network.slug, network.name) for network in networks])
        self._offer("first_day", [(day.isoformat(), format_day(day).capitalize()) for day in mondays(networks[0])])
        named = [(preset.value, preset.label) for preset in Preset if preset != Preset.OWN]
        self._offer("preset", [*named, *((key, preset.name) for key, preset in self.own.items())])
        if len(networks) < 2:
            del self.fields["network"]

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # they are all choices

    @property
    def questions(self) -> list[BoundField]:
        return [self[name] for name in QUESTIONS if name in self.fields]

    @property
    def advanced(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name not in QUESTIONS]

    @property
    def advanced_is_open(self) -> bool:
        """What is wrong must be seen."""
        return any(field.errors for field in self.advanced)

    def open(self, request: PersonRequest) -> Campaign:
        data = self.cleaned_data
        first_day = dt.date.fromisoformat(data["first_day"])
        own = self.own.get(data["preset"])
        slug = data.get("network")
        return open_campaign(
            network=self.networks[slug] if slug else next(iter(self.networks.values())),
            author=request.user,
            title=data["title"] or title_for(first_day),
            first_day=first_day,
            weeks=data["weeks"],
            session_minutes=data["session_minutes"],
            group_size_max=data["group_size_max"],
            preset=Preset.OWN if own else Preset(data["preset"]),
            own_preset=own,
            collect_until=data["collect_until"],
            lent_tutors=data["lent_tutors"],
            audience=Audience(data["audience"]),
        )


@acting
def show_opening(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    form, status = OpeningForm(networks), 200
    if request.method == "POST":
        form, status = OpeningForm(networks, request.POST), UNPROCESSABLE
        if form.is_valid():
            try:
                campaign = form.open(request)
            except DomainError as error:
                status = refuse(form, error)
            else:
                messages.success(request, _told(campaign))
                return redirect("campaign", campaign_id=campaign.pk)
    return render(request, "campaigns/open.html", {"form": form, "presets": _presets(form)}, status=status)


def mondays(network: Network) -> list[dt.date]:
    """The next ones, in the network's own time."""
    today = now().astimezone(network.zone).date()
    first = today + dt.timedelta(days=7 - today.weekday())
    return [first + dt.timedelta(weeks=rank) for rank in range(MONDAYS_OFFERED)]


def title_for(first_day: dt.date) -> str:
    """« Campagne du 7 décembre »."""
    return f"Campagne du {format_day_number(first_day)} {MONTHS[first_day.month - 1]}"


def _presets(form: OpeningForm) -> list[PresetLine]:
    """Each with what it multiplies, term by term."""
    return lines_of(PRESETS, form.own.values())


def _told(campaign: Campaign) -> str:
    if campaign.calls.exists():
        return "La campagne est ouverte, et les personnes invitées ont un message."
    return "La campagne est ouverte. Personne n’est prévenu pour l’instant."
