"""Cells of a quarter of an hour, and a clock that can be told the time."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.common.clock import CELL, cell_at, cell_from, cell_start, cells_between, is_on_cell, now, told_at

NOON = dt.datetime(2026, 12, 3, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
MICROSECOND = dt.timedelta(microseconds=1)
instants = st.integers(-10_000_000_000_000_000, 4_000_000_000_000_000).map(
    lambda count: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=count)
)


def test_cells_are_numbered_from_the_epoch() -> None:
    assert cell_at(dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) == 0
    assert cell_at(dt.datetime(1970, 1, 2, tzinfo=dt.UTC)) == 96
    assert cell_start(96) == dt.datetime(1970, 1, 2, tzinfo=dt.UTC)


@given(instants)
def test_an_instant_lies_in_its_cell(instant: dt.datetime) -> None:
    cell = cell_at(instant)
    assert cell_start(cell) <= instant < cell_start(cell + 1)
    assert cell_start(cell_from(instant) - 1) < instant <= cell_start(cell_from(instant))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (NOON, NOON + CELL, 1),
        (NOON, NOON + 3 * CELL, 3),
        (NOON, NOON, 0),
        (NOON, NOON + CELL + MICROSECOND, 2),
        (NOON - MICROSECOND, NOON + CELL, 2),
        (NOON + SECOND, NOON + 2 * SECOND, 1),
    ],
)
def test_cells_touched_by_an_interval(start: dt.datetime, end: dt.datetime, expected: int) -> None:
    cells = cells_between(start, end)
    assert (len(cells), cells.start) == (expected, cell_at(start))


def test_the_start_of_a_cell() -> None:
    assert is_on_cell(NOON)
    assert is_on_cell(NOON + CELL)
    assert not is_on_cell(NOON + MICROSECOND)
    assert not is_on_cell(NOON + 5 * CELL - SECOND)


@pytest.mark.parametrize(
    "zone", ["Europe/Paris", "Indian/Reunion", "America/Cayenne", "America/Miquelon", "Pacific/Marquesas"]
)
def test_a_local_quarter_of_an_hour_is_one_cell(zone: str) -> None:
    assert is_on_cell(dt.datetime(2026, 12, 3, 12, 45, tzinfo=zoneinfo.ZoneInfo(zone)))


def test_the_clock_can_be_told_the_time() -> None:
    with told_at(NOON):
        assert now() == NOON
        with told_at(NOON + CELL):
            assert now() == NOON + CELL
        assert now() == NOON
    assert abs(now() - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_the_clock_is_right_again_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), told_at(NOON):
        _ = 1 / 0
    assert now() > NOON.replace(year=2000)
    assert now() != NOON
