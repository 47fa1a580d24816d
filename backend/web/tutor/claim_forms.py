"""The forms of « Mes compétences »: what one shows, what it covers, and the files that prove it."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django import forms

from backend.common.patient_numbers import validate_no_patient_number
from backend.referentials.models import Competency, Notion
from backend.skills.domain.evidence import FILES_MAX, Upload
from backend.skills.enums import CredentialKind, Level

LEVELS = [(level.value, level.label.capitalize()) for level in Level]
DATE_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class EvidenceField(forms.FileField):
    """A few files at once; what they are is the domain's to tell."""

    widget = FilesInput

    def __init__(self, *, label: str = "Votre certificat, en photo ou en PDF", required: bool = False) -> None:
        super().__init__(
            label=label,
            help_text=f"PDF, JPEG ou PNG, 5 Mo au plus chacun, {FILES_MAX} fichiers au plus. "
            "Visibles de vous et de votre coordination, de personne d’autre.",
            required=required,
            allow_empty_file=True,
            error_messages={"required": "Choisissez un fichier."},
        )
        self.widget.attrs["accept"] = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        given = [file for file in data if file is not None] if isinstance(data, list) else []
        if not given:
            super().clean(None, initial)
        return given


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar or typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=DATE_FORMATS,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={
                "required": "Donnez cette date.",
                "invalid": "Donnez une date, par exemple 30/06/2019.",
            },
            **options,
        )


class AboutForm(forms.Form):
    """What one shows: sent by GET, so that the address keeps it."""

    title = forms.CharField(
        label="Nom du certificat ou du diplôme",
        max_length=160,
        validators=[validate_no_patient_number],
        error_messages={"required": "Donnez le nom du certificat."},
    )
    obtained_on = DayField(
        label="Obtenu le",
        help_text="Un certificat ne prouve pas ce qui est apparu après lui. Le jour exact importe peu.",
    )
    parts = forms.MultipleChoiceField(
        label="Ce que vous avez obtenu",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez ce que vous avez obtenu."},
    )

    def __init__(self, kind: CredentialKind, parts: Sequence[Competency], data: Any = None) -> None:
        self.by_value = group_parts(kind, parts)
        initial = {"title": TITLES.get(kind, ""), "parts": list(self.by_value) if kind == CredentialKind.C2I2MS else []}
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.fields["parts"].choices = [(value, label) for value, (label, _) in self.by_value.items()]  # type: ignore[attr-defined]
        if kind == CredentialKind.C2I2MS:
            self.fields["parts"].help_text = "Décochez les domaines que vous n’avez pas, si votre C2i est partiel."
        for name in UNASKED.get(kind, {"parts"}):
            del self.fields[name]

    @property
    def chosen_parts(self) -> list[Competency]:
        wanted = self.cleaned_data.get("parts", [])
        return [part for value in wanted for part in self.by_value[value][1]]


# What each kind is called, and what it makes no sense to ask of it; of the others, which parts.
TITLES: dict[CredentialKind, str] = {
    CredentialKind.C2I2MS: "C2i niveau 2 « métiers de la santé »",
    CredentialKind.DU: "DU Compétences numériques en santé",
    CredentialKind.PIX: "Pix+ Professionnels de santé",
}
UNASKED: dict[CredentialKind, set[str]] = {
    CredentialKind.C2I2MS: set(),
    CredentialKind.DU: set(),
    CredentialKind.OBSERVATION: {"title", "obtained_on", "parts"},
}


def group_parts(kind: CredentialKind, parts: Sequence[Competency]) -> dict[str, tuple[str, list[Competency]]]:
    """What one ticks: whole domains of the C2i, blocks of the DU."""
    grouped: dict[str, tuple[str, list[Competency]]] = {}
    for part in parts:
        whole = kind == CredentialKind.C2I2MS
        value = str(part.domain.position) if whole else part.key
        label = part.domain.title if whole else part.title
        grouped.setdefault(value, (label, []))[1].append(part)
    return grouped


class NotionsForm(forms.Form):
    """Some notions ticked, each with its level: field ``levels``, then one ``level_<slug>`` a notion."""

    levels = forms.MultipleChoiceField(
        label="Compétences", required=False, error_messages={"invalid_choice": "Cette compétence n’est plus proposée."}
    )

    def __init__(
        self, offered: Sequence[tuple[Notion, int]], data: Any = None, files: Any = None, **options: Any
    ) -> None:
        self.notions = {notion.slug: notion for notion, _ in offered}
        ticked = list(self.notions)
        super().__init__(data, files, use_required_attribute=False, initial={"levels": ticked}, **options)
        self.fields["levels"].choices = [(slug, slug) for slug in self.notions]  # type: ignore[attr-defined]
        for notion, level in offered:
            self.fields[f"level_{notion.slug}"] = forms.TypedChoiceField(
                label="Niveau", choices=LEVELS, coerce=int, initial=level, required=False
            )

    @property
    def ticked(self) -> Collection[str]:
        """Slugs ticked now, in an answer or at first."""
        return self["levels"].value() or ()

    def chosen(self) -> dict[Notion, int]:
        data, levels = self.cleaned_data, {slug: f"level_{slug}" for slug in self.cleaned_data["levels"]}
        return {self.notions[slug]: data[name] or self.fields[name].initial for slug, name in levels.items()}


class SendForm(NotionsForm):
    note = forms.CharField(
        label="Un mot pour votre coordination",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[validate_no_patient_number],
    )
    evidence = EvidenceField()
    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class JoinForm(forms.Form):
    """One more file."""

    evidence = EvidenceField(label="Ajouter une photo ou un PDF", required=True)


class AnswerForm(forms.Form):
    """What was asked for."""

    text = forms.CharField(
        label="Votre réponse",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_no_patient_number],
    )
    evidence = EvidenceField(label="Ou un fichier de plus")
