"""Who somebody is at work, as a form: when they sign up, and when they correct it."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet

from backend.accounts.domain.people import Profile
from backend.accounts.enums import PracticeMode
from backend.accounts.models import Person
from backend.common.patient_numbers import validate_no_patient_number
from backend.networks.models import Network, Site
from backend.referentials.models import Profession, Specialty

SPECIALIST_FORMATION = "Médecine"
NO_SITE = "Aucun de ces lieux"


class NameField(forms.CharField):
    def __init__(self, *, label: str, autocomplete: str, missing: str) -> None:
        super().__init__(
            label=label,
            max_length=80,
            widget=forms.TextInput(attrs={"autocomplete": autocomplete}),
            validators=[validate_no_patient_number],
            error_messages={"required": missing},
        )


class IdentityForm(forms.Form):
    first_name = NameField(label="Prénom", autocomplete="given-name", missing="Écrivez votre prénom.")
    last_name = NameField(label="Nom", autocomplete="family-name", missing="Écrivez votre nom.")
    profession = forms.ModelChoiceField(
        label="Profession",
        queryset=Profession.objects.all(),
        empty_label="Choisissez dans la liste",
        error_messages={"required": "Choisissez votre profession.", "invalid_choice": "Choisissez dans la liste."},
    )
    specialty = forms.ModelChoiceField(
        label="Spécialité",
        help_text="Pour les médecins seulement.",
        queryset=Specialty.objects.filter(formation=SPECIALIST_FORMATION),
        empty_label="Aucune, ou sans objet",
        required=False,
    )
    practice_mode = forms.ChoiceField(
        label="Mode d’exercice", choices=[("", "Non précisé"), *PracticeMode.choices], required=False
    )
    rpps = forms.CharField(
        label="Numéro RPPS",
        help_text="11 chiffres, si votre profession en a un et si vous l’avez sous la main.",
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False

    @property
    def profile(self) -> Profile:
        """What was filled in; once the form is valid."""
        data = self.cleaned_data
        return Profile(
            data["first_name"],
            data["last_name"],
            data["profession"],
            data["specialty"],
            data["practice_mode"],
            data["rpps"],
        )


def identity_of(person: Person) -> dict[str, object]:
    """What the form begins with."""
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "profession": person.profession_id,
        "specialty": person.specialty_id,
        "practice_mode": person.practice_mode,
        "rpps": person.rpps or "",
    }


class SiteField(forms.ModelChoiceField[Site]):
    """Places of one network, under the kind of establishment that they are."""

    def __init__(self, *, label: str, help_text: str = "") -> None:
        super().__init__(Site.objects.none(), label=label, help_text=help_text, required=False, empty_label=NO_SITE)

    def offer(self, network: Network) -> None:
        self.queryset = network.sites.order_by("kind", "name")
        self.choices = [("", NO_SITE), *group_sites(self.queryset)]


def group_sites(sites: QuerySet[Site] | Iterable[Site]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Choices by kind of establishment; ``sites`` come ordered by it."""
    return [
        (str(kind), [(site.pk, site.name) for site in of_kind])
        for kind, of_kind in groupby(sites, key=lambda site: site.get_kind_display())
    ]


class SignUpForm(IdentityForm):
    site = SiteField(label="Où travaillez-vous ?")
    password = forms.CharField(
        label="Mot de passe",
        help_text="Si vous en voulez un : au moins dix caractères. Sinon, un code vous est envoyé à chaque connexion.",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = self.fields["site"]
        if network.sites.exists() and isinstance(site, SiteField):
            site.offer(network)
        else:
            del self.fields["site"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            data = self.cleaned_data
            someone = Person(first_name=data.get("first_name", ""), last_name=data.get("last_name", ""))
            validate_password(password, someone)
        return password
