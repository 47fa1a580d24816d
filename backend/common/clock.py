"""Time as Tandem counts it: aware UTC instants, half-open intervals, cells of 15 minutes.

A *cell* is numbered from the Unix epoch: cell ``n`` is ``[n · 15 min, (n + 1) · 15 min)`` UTC. Every time zone in use
is a whole number of cells away from UTC, so a local quarter of an hour is always exactly one cell.
"""

import contextlib
import contextvars
import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

CELL_MINUTES = 15
CELL_SECONDS = CELL_MINUTES * 60
CELL = dt.timedelta(minutes=CELL_MINUTES)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_told: contextvars.ContextVar[dt.datetime | None] = contextvars.ContextVar("told", default=None)


def now() -> dt.datetime:
    """The current instant, aware, in UTC."""
    return _told.get() or timezone.now()


@contextlib.contextmanager
def told_at(instant: dt.datetime) -> Iterator[None]:
    """Let ``now`` be ``instant`` inside the block.

    The demonstration tells a past of several weeks through the same doors as everybody: only the clock differs.
    """
    token = _told.set(instant)
    try:
        yield
    finally:
        _told.reset(token)


def cell_at(instant: dt.datetime) -> int:
    """Number of the cell that holds ``instant``."""
    return (instant - EPOCH) // CELL


def cell_from(instant: dt.datetime) -> int:
    """Number of the first cell that begins at ``instant`` or later."""
    return -((EPOCH - instant) // CELL)


def cell_start(cell: int) -> dt.datetime:
    """First instant of a cell, in UTC."""
    return EPOCH + cell * CELL


def cells_between(start: dt.datetime, end: dt.datetime) -> range:
    """All cells that ``[start, end)`` touches."""
    return range(cell_at(start), cell_from(end))


def is_on_cell(instant: dt.datetime) -> bool:
    """Whether an instant is the very start of a cell."""
    return cell_at(instant) == cell_from(instant)
