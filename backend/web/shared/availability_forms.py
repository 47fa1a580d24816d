"""What « Mes disponibilités » asks for, in local time."""

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from backend.agenda.domain.exceptions import local_instant
from backend.agenda.domain.windows import Span
from backend.agenda.models import WeeklyWindow
from backend.common.errors import DomainError
from backend.common.formats import DAYS
from backend.web.shared.zones import name_zone

BUSY, FREE = "busy", "free"
MIDNIGHT = dt.time()


class ClockField(forms.TimeField):
    """A local time, by quarters of an hour."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": 900}),
            input_formats=["%H:%M", "%H:%M:%S", "%Hh%M", "%H h %M", "%Hh", "%H h", "%H"],
            error_messages={"required": "Donnez une heure.", "invalid": "Écrivez une heure, par exemple 12:30."},
            **options,
        )


class DayField(forms.DateField):
    """A day of this century or the next: what is further away is a slip, and soon no day at all."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"],
            error_messages={"required": "Donnez un jour.", "invalid": "Écrivez un jour, par exemple 25/12/2026."},
            validators=[
                MinValueValidator(dt.date(2000, 1, 1), "Choisissez un jour à venir."),
                MaxValueValidator(dt.date(2199, 12, 31), "Choisissez un jour dans les deux ans."),
            ],
            **options,
        )


class ZonedForm(forms.Form):
    """Local times of one of ``zones``; it is asked for only when there are several."""

    timezone = forms.ChoiceField(label="Heure de quel réseau ?")

    def __init__(self, zones: Sequence[str], data: Any = None, **options: Any) -> None:
        super().__init__(data, use_required_attribute=False, **options)
        self.zones = list(zones)
        if len(self.zones) > 1:
            self.fields["timezone"].choices = [(zone, name_zone(zone).capitalize()) for zone in self.zones]  # type: ignore[attr-defined]
        else:
            del self.fields["timezone"]

    @property
    def zone(self) -> str:
        return self.cleaned_data.get("timezone") or self.zones[0]


class WindowForm(ZonedForm):
    """One window of the week, to add or to change."""

    window = forms.IntegerField(required=False, widget=forms.HiddenInput)
    weekday = forms.TypedChoiceField(
        label="Jour", choices=[(number, day.capitalize()) for number, day in enumerate(DAYS)], coerce=int
    )
    starts = ClockField(label="De")
    ends = ClockField(label="À")
    field_order = ["weekday", "starts", "ends", "timezone"]

    @classmethod
    def for_window(cls, zones: Sequence[str], window: WeeklyWindow) -> "WindowForm":
        # A person who left a network keeps windows in its zone, and may keep it.
        zones = list(dict.fromkeys([*zones, window.timezone]))
        initial = {name: getattr(window, name) for name in ("weekday", "starts", "ends", "timezone")}
        return cls(zones, initial={**initial, "window": window.pk}, auto_id="window_%s")

    @property
    def span(self) -> Span:
        data = self.cleaned_data
        return Span(data["weekday"], data["starts"], data["ends"], self.zone)


class ExceptionForm(ZonedForm):
    """« Pas libre » or « libre en plus », from one local time to another; without times, whole days."""

    kind = forms.ChoiceField(
        label="Ce jour-là, vous êtes",
        choices=[(BUSY, "Pas libre"), (FREE, "Libre en plus")],
        initial=BUSY,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez l’un des deux."},
    )
    first_day = DayField(label="Premier jour")
    starts = ClockField(label="À partir de", required=False, help_text="Sans heure : dès le matin.")
    last_day = DayField(label="Dernier jour", required=False, help_text="Sans jour : le même jour.")
    ends = ClockField(label="Jusqu’à", required=False, help_text="Sans heure : jusqu’au soir.")
    field_order = ["kind", "first_day", "starts", "last_day", "ends", "timezone"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        if data["kind"] == FREE and not (data["starts"] and data["ends"]):
            self._require_times(data)
            return data
        last_day = data["last_day"] or data["first_day"]
        # Without an hour, a day ends where the next begins.
        end_day = last_day if data["ends"] else last_day + dt.timedelta(days=1)
        starts_at = self._instant("starts", data["first_day"], data["starts"])
        ends_at = self._instant("ends", end_day, data["ends"], later=data["kind"] == BUSY)
        return {**data, "starts_at": starts_at, "ends_at": ends_at}

    def _require_times(self, data: dict[str, Any]) -> None:
        """Free for whole days would be free at night too."""
        for name in ("starts", "ends"):
            if data.get(name) is None:
                self.add_error(name, "Donnez l’heure : sinon vous seriez libre la nuit aussi.")

    def _instant(self, name: str, day: dt.date, time: dt.time | None, *, later: bool = False) -> dt.datetime | None:
        try:
            return local_instant(day, time or MIDNIGHT, zoneinfo.ZoneInfo(self.zone), later=later)
        except DomainError as error:
            self.add_error(name, error.message)
            return None
