"""The forms of the session page, one an action, and what each does."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms

from backend.accounts.models import Person
from backend.common.formats import format_day, format_times
from backend.tutoring.domain.answers import accept_session, agree_session, cancel_session, decline_session
from backend.tutoring.domain.arbitration import decide_attendance
from backend.tutoring.domain.attendance import confirm_presence, record_attendance
from backend.tutoring.domain.times import accept_time, decline_time, find_common_times, propose_time
from backend.tutoring.models import Session
from backend.tutoring.rules import Action
from backend.web.shared.access import ReasonField
from backend.web.shared.attendance_forms import AWAY, HERE, ActionForm, AttendanceForm, ConfirmForm, DecideForm

HALF_HOUR = dt.timedelta(minutes=30)
TIMES_SHOWN = 60


class DeclineForm(ActionForm):
    reason = ReasonField(label="Pourquoi vous déclinez", help_text="La personne aidée lira ces mots.")


class CancelForm(ActionForm):
    reason = ReasonField(label="Pourquoi vous annulez", help_text="Les autres personnes liront ces mots.")


class TimeForm(ActionForm):
    """Moments that everybody of the session has free, by day."""

    starts_at = forms.ChoiceField(
        label="Autre moment",
        help_text="Seuls les moments où tout le monde est libre sont proposés.",
        error_messages={
            "required": "Choisissez un moment.",
            "invalid_choice": "Ce moment ne convient plus à tout le monde. Choisissez-en un autre.",
        },
    )

    def __init__(self, session: Session, data: Any = None) -> None:
        super().__init__(session, data)
        self.times = _spread(find_common_times(session))
        self.fields["starts_at"].choices = [("", "Choisir…"), *self._choices()]  # type: ignore[attr-defined]

    def clean_starts_at(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.cleaned_data["starts_at"])

    def _choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        zone, length = self.session.network.zone, self.session.ends_at - self.session.starts_at
        days = groupby(self.times, key=lambda start: start.astimezone(zone).date())
        return [
            (
                format_day(day).capitalize(),
                [(start.isoformat(), format_times(start, start + length, zone)) for start in starts],
            )
            for day, starts in days
        ]


def _spread(times: list[dt.datetime]) -> list[dt.datetime]:
    """Every half hour is choice enough; a list of a hundred moments is not read."""
    return [start for start in times if start.minute % 30 == 0 or start - HALF_HOUR not in times][:TIMES_SHOWN]


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


def _propose_time(key: int, author: Person, form: ActionForm) -> object:
    return propose_time(session_id=key, author=author, starts_at=form.cleaned_data["starts_at"])


def _accept_time(key: int, author: Person, form: ActionForm) -> object:
    return accept_time(session_id=key, author=author)


def _decline_time(key: int, author: Person, form: ActionForm) -> object:
    return decline_time(session_id=key, author=author)


def _cancel(key: int, author: Person, form: ActionForm) -> object:
    return cancel_session(session_id=key, author=author, reason=form.cleaned_data["reason"])


def _attend(key: int, author: Person, form: AttendanceForm) -> object:
    present, absent = form.people_marked(HERE), form.people_marked(AWAY)
    return record_attendance(session_id=key, author=author, present=present, absent=absent, feedback=form.feedback)


def _confirm(key: int, author: Person, form: ConfirmForm) -> object:
    present = form.cleaned_data["present"] == HERE
    return confirm_presence(session_id=key, author=author, present=present, opinion=form.opinion)


def _decide(key: int, author: Person, form: ActionForm) -> object:
    data = form.cleaned_data
    return decide_attendance(session_id=key, author=author, learner_id=data["learner"], present=data["present"] == HERE)


COMMANDS: dict[str, Command] = {
    Action.ACCEPT: Command(ActionForm, _accept, "Séance acceptée : elle est confirmée."),
    Action.DECLINE: Command(DeclineForm, _decline, "Séance déclinée. La demande attend une nouvelle proposition."),
    Action.AGREE: Command(ActionForm, _agree, "C’est noté : ce moment vous va."),
    Action.PROPOSE_TIME: Command(
        TimeForm,
        _propose_time,
        "Autre moment proposé. La séance reste à son heure tant que tout le monde n’a pas accepté.",
    ),
    Action.ACCEPT_TIME: Command(ActionForm, _accept_time, "C’est noté : cet autre moment vous va."),
    Action.DECLINE_TIME: Command(ActionForm, _decline_time, "La séance reste à son heure."),
    Action.CANCEL: Command(CancelForm, _cancel, "C’est annulé. La demande attend une nouvelle proposition."),
    Action.ATTENDANCE: Command(AttendanceForm, _attend, "Présences enregistrées."),
    Action.CONFIRM: Command(ConfirmForm, _confirm, "Merci, votre réponse est enregistrée."),
    Action.DECIDE: Command(DecideForm, _decide, "Décision enregistrée."),
}
