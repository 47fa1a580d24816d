"""The week of a person: windows of local time that never touch or overlap, whatever was added in whichever order.

Days are cut in quarters of an hour. The last quarter of a day belongs to no window: one ends at 23:45 at the latest.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction

from backend.accounts.models import Person
from backend.agenda.models import WeeklyWindow
from backend.common.clock import CELL_MINUTES
from backend.common.errors import DomainError, NotFoundError
from backend.networks.rules import networks_for

QUARTERS_A_DAY = 24 * 60 // CELL_MINUTES
QUARTERS_A_HALF_HOUR = 30 // CELL_MINUTES

# Quarters of an hour that are free, by weekday.
type Week = Mapping[int, Collection[int]]
type Stretch = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """``starts`` to ``ends`` on each ``weekday`` (0 is Monday), on the clocks of ``timezone``."""

    weekday: int
    starts: dt.time
    ends: dt.time
    timezone: str


class NoSuchZoneError(DomainError):
    """A window may only be told in the zone of one of the person's networks."""

    code = "foreign_timezone"
    message = "Choisissez l’heure d’un de vos réseaux."


def zones_of(person: Person) -> list[str]:
    """Zones of the person's networks, each once, that of the first network first."""
    return list(dict.fromkeys(network.timezone for network in networks_for(person)))


def windows_of(person: Person) -> list[WeeklyWindow]:
    """The whole week, by day and hour."""
    return list(WeeklyWindow.objects.filter(person=person).order_by("weekday", "starts", "timezone"))


@transaction.atomic
def add_window(*, person: Person, span: Span) -> WeeklyWindow:
    """Be free then, too; the window answered is the one that now holds those hours, perhaps a longer one."""
    _check_span(span)
    _check_zones(person, [span.timezone])
    _lock(person)
    week = _week(person, span.timezone)
    _open(week, span)
    _write_week(person, span.timezone, week)
    return _window_at(person, span)


@transaction.atomic
def change_window(*, person: Person, window_id: int, span: Span) -> WeeklyWindow:
    """Move a window: its old hours are freed, whatever the new ones."""
    _check_span(span)
    _lock(person)
    old = _access_window(person, window_id)
    if span.timezone != old.timezone:
        _check_zones(person, [span.timezone])
    week = _week(person, old.timezone)
    _close(week, old)
    _write_week(person, old.timezone, week)
    week = _week(person, span.timezone)
    _open(week, span)
    _write_week(person, span.timezone, week)
    return _window_at(person, span)


@transaction.atomic
def remove_window(*, person: Person, window_id: int) -> None:
    """Raises ``NotFoundError`` for one that is gone, or somebody else's."""
    _access_window(person, window_id).delete()


@transaction.atomic
def replace_week(*, person: Person, spans: Collection[Span]) -> list[WeeklyWindow]:
    """Say the whole week anew, in every zone; the same week said again writes nothing."""
    for span in spans:
        _check_span(span)
    _lock(person)
    present = {window.timezone for window in windows_of(person)}
    told = {span.timezone for span in spans}
    _check_zones(person, told - present)
    for zone in sorted(told | present):
        week: dict[int, set[int]] = defaultdict(set)
        for span in spans:
            if span.timezone == zone:
                _open(week, span)
        _write_week(person, zone, week)
    return windows_of(person)


@transaction.atomic
def paint_week(*, person: Person, timezone: str, board: Collection[int], checked: Collection[tuple[int, int]]) -> None:
    """Say the half-hours of ``board`` anew on all seven days: those ``checked``, as (weekday, half-hour), are free.

    A half-hour that is free for one quarter only cannot be told on the board: left unchecked, it stays as it is. So do
    hours that the board does not show.
    """
    _check_zones(person, [timezone])
    _lock(person)
    week = _week(person, timezone)
    for weekday in range(7):
        for half_hour in board:
            quarters = quarters_of(half_hour)
            if (weekday, half_hour) in checked:
                week[weekday] |= quarters
            elif quarters <= week[weekday]:
                week[weekday] -= quarters
    _write_week(person, timezone, week)


def quarters_of(half_hour: int) -> set[int]:
    """Quarters of the n-th half-hour of a day."""
    first = half_hour * QUARTERS_A_HALF_HOUR
    return set(range(first, first + QUARTERS_A_HALF_HOUR))


def free_quarters(windows: Iterable[WeeklyWindow]) -> dict[int, set[int]]:
    """Whole quarters that the windows hold, by weekday."""
    week: dict[int, set[int]] = defaultdict(set)
    for window in windows:
        _open(week, window)
    return week


def _check_span(span: Span) -> None:
    if span.weekday not in range(7):
        message = "Choisissez un jour de la semaine."
        raise DomainError(message, code="weekday", fields={"weekday": [message]})
    for name in ("starts", "ends"):
        if not _is_on_quarter(getattr(span, name)):
            message = "Écrivez une heure juste, un quart, une demie ou trois quarts : par exemple 12:15."
            raise DomainError(message, code="not_a_quarter", fields={name: [message]})
    if span.ends <= span.starts:
        message = "La fin doit venir après le début."
        raise DomainError(message, code="ends_before_start", fields={"ends": [message]})


def _is_on_quarter(time: dt.time) -> bool:
    return time.minute % CELL_MINUTES == 0 and not time.second and not time.microsecond


def _check_zones(person: Person, zones: Collection[str]) -> None:
    if zones and not set(zones) <= set(zones_of(person)):
        raise NoSuchZoneError(fields={"timezone": [NoSuchZoneError.message]})


def _access_window(person: Person, window_id: int) -> WeeklyWindow:
    window = WeeklyWindow.objects.filter(person=person, pk=window_id).first()
    if window is None:
        raise NotFoundError
    return window


def _lock(person: Person) -> None:
    """One writer of a week at a time: each reads what the one before wrote."""
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)


def _week(person: Person, timezone: str) -> dict[int, set[int]]:
    """The person's free quarters in a zone, by weekday."""
    return free_quarters(WeeklyWindow.objects.filter(person=person, timezone=timezone))


def _open(week: dict[int, set[int]], span: Span | WeeklyWindow) -> None:
    week[span.weekday] |= set(range(_quarter_from(span.starts), _quarter_at(span.ends)))


def _close(week: dict[int, set[int]], span: Span | WeeklyWindow) -> None:
    week[span.weekday] -= set(range(_quarter_at(span.starts), _quarter_from(span.ends)))


def _quarter_at(time: dt.time) -> int:
    return (time.hour * 60 + time.minute) // CELL_MINUTES


def _quarter_from(time: dt.time) -> int:
    return -(-(time.hour * 60 + time.minute) // CELL_MINUTES)


def _time_of(quarter: int) -> dt.time:
    return dt.time(*divmod(quarter * CELL_MINUTES, 60))


def _write_week(person: Person, timezone: str, week: Week) -> None:
    """Make the rows of a zone say ``week``; a row that already says so is left alone, and keeps its id."""
    wanted = set(_stretches(week))
    present = {
        (row.weekday, _quarter_at(row.starts), _quarter_at(row.ends)): row.pk
        for row in WeeklyWindow.objects.filter(person=person, timezone=timezone)
    }
    WeeklyWindow.objects.filter(pk__in=[present[key] for key in present.keys() - wanted]).delete()
    WeeklyWindow.objects.bulk_create(
        WeeklyWindow(person=person, weekday=weekday, starts=_time_of(start), ends=_time_of(end), timezone=timezone)
        for weekday, start, end in sorted(wanted - present.keys())
    )


def _stretches(week: Week) -> Iterator[Stretch]:
    """(weekday, first quarter, quarter after the last) of each run of free quarters."""
    for weekday, quarters in week.items():
        # No time of a day comes after its last quarter: it cannot be the end of a window.
        free = {quarter for quarter in quarters if quarter < QUARTERS_A_DAY - 1}
        starts = sorted(quarter for quarter in free if quarter - 1 not in free)
        ends = sorted(quarter + 1 for quarter in free if quarter + 1 not in free)
        yield from ((weekday, start, end) for start, end in zip(starts, ends, strict=True))


def _window_at(person: Person, span: Span) -> WeeklyWindow:
    rows = WeeklyWindow.objects.filter(person=person, timezone=span.timezone, weekday=span.weekday)
    return rows.get(starts__lte=span.starts, ends__gte=span.ends)
