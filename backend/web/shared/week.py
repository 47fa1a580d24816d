"""The week of the reader, drawn: a board of half-hours, and the same windows as a list."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.agenda.domain.windows import free_quarters, quarters_of
from backend.agenda.models import WeeklyWindow
from backend.common.formats import DAYS, NBSP, SHORT_DAYS
from backend.web.shared.zones import name_zone

# What the board shows, 7:00 to 21:00, as half-hours of the day; the list tells the rest.
BOARD = range(14, 42)


@dataclass(frozen=True, slots=True)
class Cell:
    """One half-hour of one weekday; ``partly`` when one of its quarters only is free."""

    key: str
    label: str
    checked: bool
    partly: bool


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    on_the_hour: bool
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Board:
    """``beyond``: whether windows of this zone lie before or after the hours shown."""

    days: Sequence[tuple[str, str]]
    rows: list[Row]
    partly: bool
    beyond: bool


@dataclass(frozen=True, slots=True)
class WindowLine:
    window: WeeklyWindow
    day: str
    hours: str
    zone: str


def format_clock(time: dt.time) -> str:
    """« 12 h 30 »."""
    return f"{time.hour}{NBSP}h{NBSP}{time.minute:02}"


def draw_board(windows: Iterable[WeeklyWindow], zone: str) -> Board:
    """The windows told in ``zone``, half-hour by half-hour."""
    week = free_quarters(window for window in windows if window.timezone == zone)
    rows = [_row(week, half_hour) for half_hour in BOARD]
    shown = set().union(*(quarters_of(half_hour) for half_hour in BOARD))
    return Board(
        days=list(zip(DAYS, SHORT_DAYS, strict=True)),
        rows=rows,
        partly=any(cell.partly for row in rows for cell in row.cells),
        beyond=any(quarters - shown for quarters in week.values()),
    )


def read_board(keys: Iterable[str]) -> set[tuple[int, int]]:
    """Cells that a board sent, as (weekday, half-hour); what it never drew is dropped."""
    known = {f"{weekday}-{half_hour}": (weekday, half_hour) for weekday in range(7) for half_hour in BOARD}
    return {known[key] for key in keys if key in known}


def list_windows(windows: Iterable[WeeklyWindow], *, several_zones: bool) -> list[WindowLine]:
    return [
        WindowLine(
            window,
            DAYS[window.weekday],
            f"{format_clock(window.starts)}{NBSP}–{NBSP}{format_clock(window.ends)}",
            name_zone(window.timezone) if several_zones else "",
        )
        for window in windows
    ]


def _row(week: dict[int, set[int]], half_hour: int) -> Row:
    begins = format_clock(dt.time(*divmod(half_hour * 30, 60)))
    ends = format_clock(dt.time(*divmod(half_hour * 30 + 30, 60)))
    cells = []
    for weekday in range(7):
        free = len(quarters_of(half_hour) & week.get(weekday, set()))
        label = f"{DAYS[weekday]}, de {begins} à {ends}"
        partly = free == 1
        cells.append(Cell(f"{weekday}-{half_hour}", label + " (en partie)" * partly, free > 1, partly))
    return Row(begins.removesuffix(f"{NBSP}00"), half_hour % 2 == 0, cells)
