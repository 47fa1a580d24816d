"""Forms about who was there, with a word for each other on the same screen."""

from typing import Any

from django import forms

from backend.common.patient_numbers import validate_no_patient_number
from backend.tutoring.domain.feedback import WORDS_MAX, Opinion
from backend.tutoring.enums import Useful
from backend.tutoring.models import Participation, Session

HERE, AWAY = "yes", "no"


class ActionForm(forms.Form):
    """A form about one session; alone, a button without fields."""

    def __init__(self, session: Session, data: Any = None) -> None:
        self.session = session
        super().__init__(data)


class UsefulField(forms.ChoiceField):
    def __init__(self) -> None:
        super().__init__(label="Était-ce utile ?", choices=Useful.choices, widget=forms.RadioSelect, required=False)


class WordsField(forms.CharField):
    def __init__(self, recipient: str) -> None:
        super().__init__(
            label=f"Un mot pour {recipient}",
            help_text="Entre vous deux seulement : ni la coordination ni le réseau ne le lisent.",
            required=False,
            max_length=WORDS_MAX,
            widget=forms.Textarea(attrs={"rows": 2}),
            validators=[validate_no_patient_number],
        )


class ConfirmForm(ActionForm):
    """A learner's own presence, and a word to the tutor."""

    present = forms.ChoiceField(choices=[(HERE, "Oui"), (AWAY, "Non")], widget=forms.HiddenInput)

    def __init__(self, session: Session, data: Any = None) -> None:
        super().__init__(session, data)
        self.fields["useful"] = UsefulField()
        self.fields["words"] = WordsField(session.tutor.first_name)

    @property
    def opinion(self) -> Opinion:
        return Opinion(self.cleaned_data["useful"], self.cleaned_data["words"])


class DecideForm(ActionForm):
    present = forms.ChoiceField(choices=[(HERE, "Oui"), (AWAY, "Non")])
    learner = forms.IntegerField()


class PresenceField(forms.ChoiceField):
    """Whether one person was there."""

    def __init__(self, part: Participation, *, required: bool, words: tuple[str, str]) -> None:
        super().__init__(
            label=part.person.name,
            choices=[(HERE, words[0]), (AWAY, words[1])],
            widget=forms.RadioSelect,
            required=required,
            initial=None if part.by_tutor is None else (HERE if part.by_tutor else AWAY),
            error_messages={"required": "Dites si cette personne était là."},
        )


class AttendanceForm(ActionForm):
    """One answer per learner, or « tout le monde était là » for all at once; a word for each."""

    words = ("Était là", "N’était pas là")

    def __init__(self, session: Session, data: Any = None) -> None:
        super().__init__(session, data)
        everyone = bool(data and data.get("everyone"))
        parts = list(session.participations.all())
        for part in parts:
            self.fields[f"person_{part.person_id}"] = PresenceField(part, required=not everyone, words=self.words)
        for part in parts if self.asks_opinion else ():
            useful, words = UsefulField(), WordsField(part.person.first_name)
            if len(parts) > 1:
                useful.label = f"Était-ce utile à {part.person.first_name} ?"
            self.fields[f"useful_{part.person_id}"], self.fields[f"words_{part.person_id}"] = useful, words

    asks_opinion = True

    @property
    def presences(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("person_")]

    @property
    def opinions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("person_")]

    def people_marked(self, answer: str) -> list[int]:
        """Primary keys of those marked so."""
        learners = [part.person_id for part in self.session.participations.all()]
        if self.data.get("everyone"):
            return learners if answer == HERE else []
        return [key for key in learners if self.cleaned_data[f"person_{key}"] == answer]

    @property
    def feedback(self) -> dict[int, Opinion]:
        """What is said to each learner, by primary key."""
        learners = [part.person_id for part in self.session.participations.all()]
        data = self.cleaned_data
        return {key: Opinion(data[f"useful_{key}"], data[f"words_{key}"]) for key in learners}


class SheetForm(AttendanceForm):
    """Who signed a sheet of paper."""

    words = ("A signé", "N’a pas signé")
    asks_opinion = False
