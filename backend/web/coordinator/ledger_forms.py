"""Forms about points: a month, a rule, a correction, certificates, lists that leave."""

from decimal import Decimal
from typing import Any

from django import forms

from backend.common.patient_numbers import validate_no_patient_number
from backend.credits.domain.scales import POINTS_MAX, Rule
from backend.credits.enums import CertificateRole, Rounding
from backend.credits.models import Scale
from backend.web.shared.access import ReasonField
from backend.web.shared.availability_forms import DayField


class PointsField(forms.DecimalField):
    """« 7,5 » as French people write it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            min_value=Decimal(0),
            max_value=POINTS_MAX,
            max_digits=7,
            decimal_places=2,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            error_messages={"invalid": "Écrivez un nombre, par exemple 7,5."},
            **options,
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}".replace(".", ",") if isinstance(value, Decimal) else value


class ScaleForm(forms.Form):
    valid_from = DayField(label="À partir du", help_text="Aujourd’hui ou un jour à venir. Le passé garde sa règle.")
    points_per_hour = PointsField(label="Points par heure donnée")
    points_per_extra_learner = PointsField(
        label="Points de plus par heure", help_text="Pour chaque personne aidée présente, au-delà de la première."
    )
    cap_per_month = PointsField(
        label="Au plus, par mois", help_text="Pour une même personne. Vide : sans plafond.", required=False
    )
    rounding = forms.ChoiceField(label="Arrondi", choices=Rounding.choices)

    @classmethod
    def showing(cls, scale: Scale) -> "ScaleForm":
        """As a scale says, but from another day on."""
        names = ("points_per_hour", "points_per_extra_learner", "cap_per_month", "rounding")
        return cls(initial={name: getattr(scale, name) for name in names}, use_required_attribute=False)

    @property
    def rule(self) -> Rule:
        data = self.cleaned_data
        return Rule(data["points_per_hour"], data["points_per_extra_learner"], data["cap_per_month"], data["rounding"])


class CorrectionForm(forms.Form):
    entry = forms.IntegerField(widget=forms.HiddenInput)
    reason = ReasonField(label="Pourquoi corriger", help_text="La personne lira ces mots dans son relevé.")


class PeriodForm(forms.Form):
    first = DayField(label="Du")
    last = DayField(label="au")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "first" in data and "last" in data and data["last"] < data["first"]:
            self.add_error("last", "Le dernier jour vient après le premier.")
        return data


class BatchForm(PeriodForm):
    role = forms.ChoiceField(
        label="Pour", choices=[("tutor", "les personnes qui ont aidé"), ("learner", "les personnes aidées")]
    )

    @property
    def side(self) -> CertificateRole:
        return CertificateRole(self.cleaned_data["role"])


class RevokeForm(forms.Form):
    number = forms.CharField(widget=forms.HiddenInput)
    reason = ReasonField(label="Pourquoi la révoquer", help_text="La personne lira ces mots.")


class ExportForm(PeriodForm):
    """A list with names that leaves Tandem."""

    what = forms.ChoiceField(
        label="Quoi",
        choices=[
            ("attendance", "Présences pour les financeurs : qui, quand, heures, employeur"),
            ("indemnities", "Relevé d’heures des personnes indemnisées"),
        ],
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(label="Format", choices=[("xlsx", "Tableur (XLSX)"), ("pdf", "Document (PDF)")])
    purpose = forms.CharField(
        label="À quoi servira cette liste",
        help_text="Par exemple « justificatif pour l’ARS ». Votre nom, la date et ces mots sont gardés.",
        max_length=200,
        validators=[validate_no_patient_number],
        error_messages={"required": "Dites à quoi servira cette liste."},
    )
