"""The forms of the session page, one an action, and what each does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms

from backend.accounts.models import Person
from backend.tutoring.domain.answers import accept_session, agree_session, cancel_session, decline_session
from backend.tutoring.domain.attendance import confirm_presence, decide_attendance, record_attendance
from backend.tutoring.models import Session
from backend.tutoring.rules import Action
from backend.web.shared.access import ReasonField

HERE, AWAY = "yes", "no"


class ActionForm(forms.Form):
    """A form about one session; alone, a button without fields."""

    def __init__(self, session: Session, data: Any = None) -> None:
        self.session = session
        super().__init__(data)


class DeclineForm(ActionForm):
    reason = ReasonField(label="Pourquoi vous déclinez", help_text="La personne aidée lira ces mots.")


class CancelForm(ActionForm):
    reason = ReasonField(label="Pourquoi vous annulez", help_text="Les autres personnes liront ces mots.")


class ConfirmForm(ActionForm):
    present = forms.ChoiceField(choices=[(HERE, "Oui"), (AWAY, "Non")])


class DecideForm(ConfirmForm):
    learner = forms.IntegerField()


class AttendanceForm(ActionForm):
    """One answer per learner, or « tout le monde était là » for all at once."""

    def __init__(self, session: Session, data: Any = None) -> None:
        super().__init__(session, data)
        everyone = bool(data and data.get("everyone"))
        for part in session.participations.all():
            self.fields[f"person_{part.person_id}"] = forms.ChoiceField(
                label=part.person.name,
                choices=[(HERE, "Était là"), (AWAY, "N’était pas là")],
                widget=forms.RadioSelect,
                required=not everyone,
                initial=None if part.by_tutor is None else (HERE if part.by_tutor else AWAY),
                error_messages={"required": "Dites si cette personne était là."},
            )

    def people_marked(self, answer: str) -> list[int]:
        """Primary keys of those marked so."""
        learners = [part.person_id for part in self.session.participations.all()]
        if self.data.get("everyone"):
            return learners if answer == HERE else []
        return [key for key in learners if self.cleaned_data[f"person_{key}"] == answer]


@dataclass(frozen=True, slots=True)
class Command:
    """How an action is read, done, and told afterwards."""

    form: type[ActionForm]
    perform: Callable[[int, Person, Any], object]
    done: str


def _accept(key: int, author: Person, form: ActionForm) -> object:
    return accept_session(session_id=key, author=author)


def _decline(key: int, author: Person, form: ActionForm) -> object:
    return decline_session(session_id=key, author=author, reason=form.cleaned_data["reason"])


def _agree(key: int, author: Person, form: ActionForm) -> object:
    return agree_session(session_id=key, author=author)


def _cancel(key: int, author: Person, form: ActionForm) -> object:
    return cancel_session(session_id=key, author=author, reason=form.cleaned_data["reason"])


def _attend(key: int, author: Person, form: AttendanceForm) -> object:
    present, absent = form.people_marked(HERE), form.people_marked(AWAY)
    return record_attendance(session_id=key, author=author, present=present, absent=absent)


def _confirm(key: int, author: Person, form: ActionForm) -> object:
    return confirm_presence(session_id=key, author=author, present=form.cleaned_data["present"] == HERE)


def _decide(key: int, author: Person, form: ActionForm) -> object:
    data = form.cleaned_data
    return decide_attendance(session_id=key, author=author, learner_id=data["learner"], present=data["present"] == HERE)


COMMANDS: dict[str, Command] = {
    Action.ACCEPT: Command(ActionForm, _accept, "Séance acceptée : elle est confirmée."),
    Action.DECLINE: Command(DeclineForm, _decline, "Séance déclinée. La demande attend une nouvelle proposition."),
    Action.AGREE: Command(ActionForm, _agree, "C’est noté : ce moment vous va."),
    Action.CANCEL: Command(CancelForm, _cancel, "C’est annulé. La demande attend une nouvelle proposition."),
    Action.ATTENDANCE: Command(AttendanceForm, _attend, "Présences enregistrées."),
    Action.CONFIRM: Command(ConfirmForm, _confirm, "Merci, votre réponse est enregistrée."),
    Action.DECIDE: Command(DecideForm, _decide, "Décision enregistrée."),
}
