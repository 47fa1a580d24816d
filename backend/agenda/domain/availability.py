"""From weekly windows and exceptions to free cells: the one place where local time becomes cells."""

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.agenda.domain.holidays import holiday_spans
from backend.agenda.models import AvailabilityException, Occupancy, WeeklyWindow
from backend.common.clock import CELL_MINUTES, cell_at, cell_from, cell_start, cells_between
from backend.networks.models import Network

CELLS_PER_WEEK = 7 * 24 * 60 // CELL_MINUTES

type Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Period:
    """``weeks`` whole weeks from local midnight of ``first_day``; its cells are numbered from 0."""

    first_day: dt.date
    weeks: int
    zone: zoneinfo.ZoneInfo

    @property
    def first_cell(self) -> int:
        return cell_at(dt.datetime.combine(self.first_day, dt.time(), self.zone))

    @property
    def horizon(self) -> int:
        """Number of cells. Every week has as many, so the week of a clock change ends an hour off local midnight."""
        return self.weeks * CELLS_PER_WEEK

    def start_of(self, cell: int) -> dt.datetime:
        """Instant at which a cell of this period begins, in UTC."""
        return cell_start(self.first_cell + cell)

    def touched(self, start: dt.datetime, end: dt.datetime) -> slice:
        """The cells of this period that ``[start, end)`` touches."""
        cells = cells_between(start, end)
        return self._clip(cells.start, cells.stop)

    def within(self, start: dt.datetime, end: dt.datetime) -> slice:
        """The cells of this period that lie wholly inside ``[start, end)``."""
        return self._clip(cell_from(start), cell_at(end))

    def _clip(self, first: int, end: int) -> slice:
        low, high = (min(max(edge - self.first_cell, 0), self.horizon) for edge in (first, end))
        return slice(low, high)


def find_free_intervals(
    *, people: Collection[int], period: Period, network: Network, not_before: dt.datetime | None = None
) -> dict[int, list[Interval]]:
    """Free ``[start, end)`` cells per person, sorted and disjoint: windows and exceptions, less what is taken.

    Weekly windows rest on the holidays of ``network``; free time that somebody added on one of them stands, and « not
    then » beats everything. A cell is free only if it is free from its first second to its last. Cells before
    ``not_before`` are not. Four queries, whatever the number of people.
    """
    free: dict[int, npt.NDArray[np.bool_]] = {person: np.zeros(period.horizon, dtype=np.bool_) for person in people}
    _open_weekly_windows(free, period)
    _close_holidays(free, period, network)
    _apply_exceptions(free, period)
    _close_taken_cells(free, period)
    if not_before is not None:
        for cells in free.values():
            cells[period.touched(period.start_of(0), not_before)] = False
    return {person: _intervals(cells) for person, cells in free.items()}


def expand_window(window: WeeklyWindow, *, days: Iterable[dt.date]) -> list[tuple[dt.datetime, dt.datetime]]:
    """Instants of a weekly window on each of ``days`` that fall on its weekday.

    A time that a clock change repeats is its first occurrence; one that it skips is read with the offset from before
    the change (PEP 495, ``fold=0``). What such a change leaves empty is dropped.
    """
    zone = zoneinfo.ZoneInfo(window.timezone)
    spans = [
        (
            dt.datetime.combine(day, window.starts, zone).astimezone(dt.UTC),
            dt.datetime.combine(day, window.ends, zone).astimezone(dt.UTC),
        )
        for day in days
        if day.weekday() == window.weekday
    ]
    return [(start, end) for start, end in spans if start < end]


def _open_weekly_windows(free: dict[int, npt.NDArray[np.bool_]], period: Period) -> None:
    # One day more on both sides: a window may be told in another zone than the period.
    days = [period.first_day + dt.timedelta(days=day) for day in range(-1, period.weeks * 7 + 1)]
    for window in WeeklyWindow.objects.filter(person__in=free):
        for start, end in expand_window(window, days=days):
            free[window.person_id][period.within(start, end)] = True


def _close_holidays(free: dict[int, npt.NDArray[np.bool_]], period: Period, network: Network) -> None:
    last_day = period.first_day + dt.timedelta(days=period.weeks * 7)
    for start, end in holiday_spans(network, period.first_day, last_day, period.zone):
        for cells in free.values():
            cells[period.touched(start, end)] = False


def _apply_exceptions(free: dict[int, npt.NDArray[np.bool_]], period: Period) -> None:
    """Added time first, then time taken away: « not then » always wins."""
    end = period.start_of(period.horizon)
    exceptions = AvailabilityException.objects.filter(
        person__in=free, starts_at__lt=end, ends_at__gt=period.start_of(0)
    )
    for exception in sorted(exceptions, key=lambda row: not row.is_free):
        cells = free[exception.person_id]
        cut = period.within if exception.is_free else period.touched
        cells[cut(exception.starts_at, exception.ends_at)] = exception.is_free


def _close_taken_cells(free: dict[int, npt.NDArray[np.bool_]], period: Period) -> None:
    taken: dict[int, list[int]] = defaultdict(list)
    first = period.first_cell
    rows = Occupancy.objects.filter(person__in=free, cell__gte=first, cell__lt=first + period.horizon)
    for person, cell in rows.values_list("person_id", "cell"):
        taken[person].append(cell - first)
    for person, cells in taken.items():
        free[person][cells] = False


def _intervals(cells: npt.NDArray[np.bool_]) -> list[Interval]:
    edges = np.flatnonzero(np.diff(cells.astype(np.int8), prepend=0, append=0))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
