"""« Priorités »: what each preset multiplies, and the network's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from backend.campaigns.domain.presets import delete_preset, factors_in, save_preset
from backend.campaigns.domain.weights import BASE, GAP, PRESETS, SITE, URGENCY, WAITING, Factors
from backend.campaigns.enums import Preset
from backend.campaigns.models import OwnPreset
from backend.common.errors import DomainError
from backend.common.patient_numbers import validate_no_patient_number
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse

SAVE, DELETE = "save", "delete"
# (name of the factor, words, what it is worth once, what that means)
TERMS = (
    ("urgency", "Urgence", URGENCY, "par degré : « ce mois-ci » compte une fois, « bloquant » deux fois"),
    ("gap", "Écart demandé", GAP, "par niveau entre le niveau de départ et le niveau visé"),
    ("waiting", "Ancienneté", WAITING, "par campagne déjà passée sans proposition, trois au plus"),
    ("site", "Site prioritaire", SITE, "si la personne travaille sur un site signalé comme peu doté"),
)


@dataclass(frozen=True, slots=True)
class PresetLine:
    name: str
    factors: list[int]
    key: int | None = None


class PresetForm(forms.Form):
    network = forms.ChoiceField(label="Réseau")
    name = forms.CharField(label="Nom du réglage", max_length=40, validators=[validate_no_patient_number])

    def __init__(self, networks: list[Network], data: QueryDict | None = None) -> None:
        super().__init__(data, use_required_attribute=False)
        self.networks = {network.slug: network for network in networks}
        for name, words, worth, _ in TERMS:
            self.fields[name] = forms.IntegerField(
                label=f"{words} : multiplier {worth} par", min_value=0, max_value=5, initial=1
            )
        self.fields["network"].choices = [(network.slug, network.name) for network in networks]  # type: ignore[attr-defined]  # it has choices
        if len(networks) < 2:
            del self.fields["network"]

    def save(self, request: PersonRequest) -> OwnPreset:
        data = self.cleaned_data
        slug = data.get("network")
        return save_preset(
            network=self.networks[slug] if slug else next(iter(self.networks.values())),
            author=request.user,
            name=data["name"],
            factors=Factors(**{name: data[name] for name, *_ in TERMS}),
        )


@acting
def show_presets(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    form, status = PresetForm(networks), 200
    if request.method == "POST":
        if request.POST.get("action") == DELETE:
            return _delete(request)
        if request.POST.get("action") != SAVE:
            raise BadRequest
        form, status = PresetForm(networks, request.POST), UNPROCESSABLE
        if form.is_valid():
            try:
                preset = form.save(request)
            except DomainError as error:
                status = refuse(form, error)
            else:
                messages.success(request, f"« {preset.name} » est enregistré. Choisissez-le en ouvrant une campagne.")
                return redirect("presets")
    own = OwnPreset.objects.filter(network__in=networks)
    context = {"form": form, "terms": TERMS, "base": BASE, "presets": lines_of(PRESETS, own)}
    return render(request, "campaigns/presets.html", context, status=status)


def lines_of(presets: Mapping[Preset, Factors], own: Iterable[OwnPreset]) -> list[PresetLine]:
    named = [PresetLine(preset.label, _row(presets[preset])) for preset in Preset if preset != Preset.OWN]
    return [*named, *(PresetLine(preset.name, _row(factors_in(preset)), preset.pk) for preset in own)]


def _row(factors: Factors) -> list[int]:
    return [getattr(factors, name) for name, *_ in TERMS]


def _delete(request: PersonRequest) -> HttpResponse:
    key = request.POST.get("preset", "")
    if not key.isdecimal() or len(key) > 17:
        raise BadRequest
    delete_preset(preset_id=int(key), author=request.user)
    messages.success(request, "Le réglage est supprimé. Les campagnes ouvertes avec lui le gardent.")
    return redirect("presets")
