"""Days, times, hours and points as French readers expect them."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine

from backend.common import formats

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
REUNION = zoneinfo.ZoneInfo("Indian/Reunion")
START = dt.datetime(2026, 12, 3, 11, 30, tzinfo=dt.UTC)
END = dt.datetime(2026, 12, 3, 12, 15, tzinfo=dt.UTC)


def spaced(text: str) -> str:
    """``text`` with each ``_`` made an unbreakable space."""
    return text.replace("_", formats.NBSP)


@pytest.fixture(autouse=True)
def _in_2026() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 22, tzinfo=dt.UTC)):
        yield


def test_a_session_is_told_on_the_clocks_of_its_network() -> None:
    assert formats.format_span(START, END, PARIS) == spaced("jeudi 3_décembre, 12_h_30_–_13_h_15")
    assert formats.format_span(START, END, REUNION) == spaced("jeudi 3_décembre, 15_h_30_–_16_h_15")


def test_an_instant_near_midnight_falls_on_the_day_of_the_network() -> None:
    late = dt.datetime(2026, 11, 30, 23, 0, tzinfo=dt.UTC)
    assert formats.format_instant(late, PARIS) == spaced("mardi 1er_décembre, 0_h_00")


def test_another_year_is_named() -> None:
    assert formats.format_day(dt.date(2027, 1, 7)) == spaced("jeudi 7_janvier_2027")
    assert formats.format_short_day(dt.date(2026, 12, 3)) == spaced("jeu._3_déc.")


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0_h"), (45, "45_min"), (60, "1_h"), (90, "1_h_30"), (65, "1_h_05"), (75000, "1_250_h")]
)
def test_durations(minutes: int, text: str) -> None:
    assert formats.format_minutes(minutes) == spaced(text)


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (Decimal("12.00"), "12_points_CPTS"),
        (Decimal("12.50"), "12,5_points_CPTS"),
        (Decimal("1.50"), "1,5_point_CPTS"),
        (Decimal("-10.00"), "−10_points_CPTS"),
        (Decimal("1250.25"), "1_250,25_points_CPTS"),
        (0, "0_point_CPTS"),
    ],
)
def test_points(points: Decimal, text: str) -> None:
    assert formats.format_points(points) == spaced(text)


def test_a_plural_of_its_own() -> None:
    assert formats.format_count(1, "travail", "travaux") == spaced("1_travail")
    assert formats.format_count(3, "travail", "travaux") == spaced("3_travaux")
