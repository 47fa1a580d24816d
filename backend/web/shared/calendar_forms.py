"""Calendars kept elsewhere: forms to add one, and how each is told."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.core.files.uploadedfile import UploadedFile

from backend.accounts.models import Person
from backend.agenda.domain.outside import (
    NAME_LENGTH_MAX,
    URL_LENGTH_MAX,
    add_address,
    add_file,
    ask_refresh,
    describe_error,
    remove_outside,
)
from backend.agenda.enums import OutsideKind
from backend.agenda.models import OutsideCalendar
from backend.common.clock import now
from backend.common.formats import format_count, format_minutes
from backend.common.patient_numbers import validate_no_patient_number
from calendars.sieve import SIZE_MAX


class NameField(forms.CharField):
    """How the person calls a calendar, for themselves."""

    def __init__(self) -> None:
        super().__init__(
            label="Nom (facultatif)",
            help_text="Par exemple : planning de l’hôpital.",
            max_length=NAME_LENGTH_MAX,
            required=False,
            validators=[validate_no_patient_number],
        )


class AddressForm(forms.Form):
    url = forms.CharField(
        label="Adresse du calendrier",
        help_text="Elle commence par https:// ou webcal://. Google, Outlook et Apple la donnent dans les réglages du "
        "calendrier (« adresse secrète », « publier », « partager »).",
        max_length=URL_LENGTH_MAX,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Collez l’adresse du calendrier."},
    )
    name = NameField()

    def perform(self, person: Person) -> None:
        add_address(person=person, **self.cleaned_data)


class FileForm(forms.Form):
    file = forms.FileField(
        label="Fichier du calendrier",
        help_text="Un fichier .ics, d’un million de caractères au plus.",
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide.",
        },
    )
    name = NameField()

    def perform(self, person: Person) -> None:
        file: UploadedFile = self.cleaned_data["file"]
        # One more octet than allowed tells that there are too many, without reading them all.
        data = file.read(SIZE_MAX + 1)
        add_file(person=person, data=data, name=self.cleaned_data["name"] or (file.name or "")[:NAME_LENGTH_MAX])


class CalendarForm(forms.Form):
    calendar = forms.IntegerField(min_value=1, max_value=2**63 - 1)


# Forms that add a calendar, by action, and what is said once it is done.
ADDING: dict[str, tuple[type[AddressForm | FileForm], str]] = {
    "address": (AddressForm, "Calendrier relié : nous le lisons dans la minute."),
    "file": (FileForm, "Fichier lu : vos heures occupées sont prises en compte."),
}
# What may be done with one that is there.
KEEPING = {
    "refresh": (ask_refresh, "Nous relisons ce calendrier dans la minute."),
    "remove": (remove_outside, "Calendrier retiré, avec ses heures occupées."),
}


@dataclass(frozen=True, slots=True)
class OutsideLine:
    """One calendar as its person sees it."""

    calendar: OutsideCalendar
    age: str
    error: str


def lines_of(calendars: Iterable[OutsideCalendar]) -> list[OutsideLine]:
    return [OutsideLine(row, _age_of(row), describe_error(row.error)) for row in calendars]


def _age_of(calendar: OutsideCalendar) -> str:
    """« lu il y a 12 min »."""
    if calendar.refreshed_at is None:
        return "pas encore lu" if calendar.error else "lecture en cours"
    minutes = max(int((now() - calendar.refreshed_at).total_seconds()) // 60, 0)
    verb = "envoyé" if calendar.kind == OutsideKind.FILE else "lu"
    if minutes < 1:
        return f"{verb} à l’instant"
    if minutes < 24 * 60:
        return f"{verb} il y a {format_minutes(minutes if minutes < 60 else minutes // 60 * 60)}"
    return f"{verb} il y a {format_count(minutes // (24 * 60), 'jour')}"
