"""From a weekly rhythm in local time to free cells."""

import datetime as dt
import zoneinfo
from collections.abc import Sequence

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.agenda.domain.availability import Interval, Period, expand_window, find_free_intervals
from backend.agenda.domain.occupancy import Claim, take_cells
from backend.agenda.models import WeeklyWindow
from backend.networks.enums import HolidayCalendar
from backend.networks.models import Network
from tests.support.factories import AvailabilityExceptionFactory, PersonFactory, WeeklyWindowFactory

pytestmark = pytest.mark.django_db

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
MONDAY = dt.date(2026, 11, 30)
DAY = 96
THURSDAY_NOON = 3 * DAY + 48
# A network that keeps no holiday.
ANYWHERE = Network(pk=0, holiday_calendar=HolidayCalendar.NONE)
OCTOBER, MARCH = dt.date(2026, 10, 19), dt.date(2027, 3, 22)


def period(first_day: dt.date = MONDAY, weeks: int = 1, zone: str = "Europe/Paris") -> Period:
    return Period(first_day, weeks, zoneinfo.ZoneInfo(zone))


def window(person: Person, weekday: int, starts: str, ends: str, zone: str = "Europe/Paris") -> WeeklyWindow:
    row: WeeklyWindow = WeeklyWindowFactory.create(
        person=person,
        weekday=weekday,
        starts=dt.time.fromisoformat(starts),
        ends=dt.time.fromisoformat(ends),
        timezone=zone,
    )
    return row


def free(person: Person, when: Period, not_before: dt.datetime | None = None) -> list[Interval]:
    return find_free_intervals(people=[person.pk], period=when, network=ANYWHERE, not_before=not_before)[person.pk]


def paris(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


def local(intervals: Sequence[Interval], when: Period) -> list[str]:
    """Intervals as somebody there reads them on the clock."""
    return [
        f"{when.start_of(start).astimezone(when.zone):%a %d %H:%M}–{when.start_of(end).astimezone(when.zone):%H:%M}"
        for start, end in intervals
    ]


@pytest.fixture
def person() -> Person:
    found: Person = PersonFactory.create()
    return found


@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion", "America/Cayenne", "America/Miquelon"])
def test_a_window_is_at_its_local_time_every_week(zone: str, person: Person) -> None:
    window(person, 3, "12:00", "14:00", zone)
    when = period(weeks=2, zone=zone)
    assert free(person, when) == [
        (THURSDAY_NOON, THURSDAY_NOON + 8),
        (THURSDAY_NOON + 7 * DAY, THURSDAY_NOON + 7 * DAY + 8),
    ]
    assert local(free(person, when), when) == ["Thu 03 12:00–14:00", "Thu 10 12:00–14:00"]


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Europe/Paris", "2026-12-03T11:00+00:00"),
        ("Indian/Reunion", "2026-12-03T08:00+00:00"),
        ("America/Cayenne", "2026-12-03T15:00+00:00"),
        ("America/Miquelon", "2026-12-03T15:00+00:00"),
        ("America/Guadeloupe", "2026-12-03T16:00+00:00"),
        ("Indian/Mayotte", "2026-12-03T09:00+00:00"),
    ],
)
def test_cells_are_instants(zone: str, instant: str, person: Person) -> None:
    window(person, 3, "12:00", "14:00", zone)
    when = period(zone=zone)
    assert when.start_of(free(person, when)[0][0]) == dt.datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("told", "read", "expected"),
    [
        ("Indian/Reunion", "Europe/Paris", ["Thu 03 09:00–11:00"]),
        ("America/Cayenne", "Europe/Paris", ["Thu 03 16:00–18:00"]),
        ("Europe/Paris", "America/Miquelon", ["Thu 03 08:00–10:00"]),
    ],
)
def test_a_window_told_in_another_zone(told: str, read: str, expected: list[str], person: Person) -> None:
    window(person, 3, "12:00", "14:00", told)
    when = period(zone=read)
    assert local(free(person, when), when) == expected


def test_a_window_of_another_zone_counts_on_both_edges(person: Person) -> None:
    # Sunday evening in Cayenne is Monday morning in Réunion, before and after the week.
    window(person, 6, "18:00", "20:00", "America/Cayenne")
    when = period(zone="Indian/Reunion")
    assert local(free(person, when), when) == ["Mon 30 01:00–03:00"]
    window(person, 0, "01:00", "02:00", "Pacific/Auckland")
    assert local(free(person, period()), period()) == ["Sun 06 13:00–14:00", "Sun 06 22:00–00:00"]


@pytest.mark.parametrize(
    ("zone", "first_day", "hours", "expected"),
    [
        # 2:00 to 3:00 comes twice in October, and never in March.
        ("Europe/Paris", OCTOBER, ("01:30", "03:30"), ["Sun 25 01:30–03:30"]),
        ("Europe/Paris", OCTOBER, ("12:00", "14:00"), ["Sun 25 12:00–14:00"]),
        ("Europe/Paris", MARCH, ("01:30", "03:30"), ["Sun 28 01:30–03:30"]),
        ("Europe/Paris", MARCH, ("12:00", "14:00"), ["Sun 28 12:00–14:00"]),
        ("Europe/Paris", MARCH, ("02:00", "03:00"), []),
        ("Europe/Paris", MARCH, ("02:15", "02:45"), ["Sun 28 03:15–03:45"]),
        ("America/Miquelon", dt.date(2026, 10, 26), ("12:00", "14:00"), ["Sun 01 12:00–14:00"]),
        ("America/Miquelon", dt.date(2027, 3, 8), ("12:00", "14:00"), ["Sun 14 12:00–14:00"]),
        ("Indian/Reunion", OCTOBER, ("01:30", "03:30"), ["Sun 25 01:30–03:30"]),
        ("America/Cayenne", MARCH, ("01:30", "03:30"), ["Sun 28 01:30–03:30"]),
        ("America/Guadeloupe", OCTOBER, ("01:30", "03:30"), ["Sun 25 01:30–03:30"]),
        ("Indian/Mayotte", MARCH, ("01:30", "03:30"), ["Sun 28 01:30–03:30"]),
        # 1:00 to 2:00 comes twice there in November; 2:00 to 3:00 never comes in March.
        ("America/Miquelon", dt.date(2026, 10, 26), ("00:30", "02:30"), ["Sun 01 00:30–02:30"]),
        ("America/Miquelon", dt.date(2027, 3, 8), ("02:00", "03:00"), []),
    ],
)
def test_both_clock_changes(
    zone: str, first_day: dt.date, hours: tuple[str, str], expected: list[str], person: Person
) -> None:
    window(person, 6, *hours, zone)
    when = period(first_day, zone=zone)
    assert local(free(person, when), when) == expected


def test_lengths_on_the_days_of_clock_changes(person: Person) -> None:
    window(person, 6, "01:00", "04:00")
    hours = {day: [(end - start) / 4 for start, end in free(person, period(day))] for day in (OCTOBER, MARCH)}
    assert hours == {OCTOBER: [4.0], MARCH: [2.0]}


def test_the_day_after_a_clock_change_is_at_its_local_time(person: Person) -> None:
    window(person, 0, "09:00", "10:00")
    for first_day in (OCTOBER, MARCH):
        when = period(first_day, weeks=2)
        days = [first_day, first_day + dt.timedelta(weeks=1)]
        assert local(free(person, when), when) == [f"{day:%a %d} 09:00–10:00" for day in days]


def test_expanding_gives_instants_in_utc(person: Person) -> None:
    days = [MONDAY + dt.timedelta(days=day) for day in range(14)]
    spans = expand_window(window(person, 3, "12:00", "14:00"), days=days)
    first = dt.datetime(2026, 12, 3, 11, tzinfo=dt.UTC)
    hours, week = dt.timedelta(hours=2), dt.timedelta(weeks=1)
    assert spans == [(first, first + hours), (first + week, first + week + hours)]
    assert {start.tzinfo for start, _ in spans} == {dt.UTC}


def test_cells_that_are_only_partly_free_are_not_free(person: Person) -> None:
    window(person, 3, "12:05", "13:25")
    window(person, 4, "12:01", "12:14")
    assert local(free(person, period()), period()) == ["Thu 03 12:15–13:15"]


def test_windows_that_touch_or_overlap_are_one(person: Person) -> None:
    window(person, 3, "12:00", "13:00")
    window(person, 3, "13:00", "14:00")
    window(person, 3, "12:30", "13:30")
    assert free(person, period()) == [(THURSDAY_NOON, THURSDAY_NOON + 8)]


def test_not_then_always_wins(person: Person) -> None:
    window(person, 3, "12:00", "14:00")
    for starts, ends, is_free in (
        ("2026-12-03T12:30", "2026-12-03T13:00", False),
        ("2026-12-03T12:00", "2026-12-03T15:00", True),
        ("2026-12-04T08:00", "2026-12-04T09:00", True),
    ):
        AvailabilityExceptionFactory.create(
            person=person, starts_at=paris(starts), ends_at=paris(ends), is_free=is_free
        )
    assert local(free(person, period()), period()) == ["Thu 03 12:00–12:30", "Thu 03 13:00–15:00", "Fri 04 08:00–09:00"]


def test_exceptions_round_towards_busy(person: Person) -> None:
    window(person, 3, "12:00", "14:00")
    for starts, ends, is_free in (("T12:40", "T12:50", False), ("T15:05", "T15:40", True)):
        AvailabilityExceptionFactory.create(
            person=person, starts_at=paris(f"2026-12-03{starts}"), ends_at=paris(f"2026-12-03{ends}"), is_free=is_free
        )
    assert local(free(person, period()), period()) == ["Thu 03 12:00–12:30", "Thu 03 13:00–14:00", "Thu 03 15:15–15:30"]


def test_exceptions_reach_over_the_edges_of_the_period(person: Person) -> None:
    window(person, 3, "12:00", "14:00")
    AvailabilityExceptionFactory.create(
        person=person, starts_at=paris("2026-11-01T00:00"), ends_at=paris("2026-11-30T01:00"), is_free=True
    )
    AvailabilityExceptionFactory.create(
        person=person, starts_at=paris("2026-12-03T13:00"), ends_at=paris("2027-01-01T00:00"), is_free=False
    )
    assert local(free(person, period()), period()) == ["Mon 30 00:00–01:00", "Thu 03 12:00–13:00"]


@pytest.mark.parametrize(
    ("not_before", "expected"),
    [
        ("2026-11-20T00:00", ["Thu 03 12:00–14:00"]),
        ("2026-12-03T12:00", ["Thu 03 12:00–14:00"]),
        ("2026-12-03T12:00:00.000001", ["Thu 03 12:15–14:00"]),
        ("2026-12-03T12:59", ["Thu 03 13:00–14:00"]),
        ("2026-12-03T13:50", []),
        ("2027-02-01T00:00", []),
    ],
)
def test_nothing_is_free_before(not_before: str, expected: list[str], person: Person) -> None:
    window(person, 3, "12:00", "14:00")
    assert local(free(person, period(), paris(not_before)), period()) == expected


def test_taken_cells_are_not_free_for_who_is_taken(person: Person) -> None:
    other = PersonFactory.create()
    for somebody in (person, other):
        window(somebody, 3, "12:00", "14:00")
    claim = Claim("session:1", (person.pk,), paris("2026-12-03T12:30"), paris("2026-12-03T13:15"))
    take_cells(claims=[claim])
    assert local(free(person, period()), period()) == ["Thu 03 12:00–12:30", "Thu 03 13:15–14:00"]
    assert local(free(other, period()), period()) == ["Thu 03 12:00–14:00"]


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_as_for_three(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    people = PersonFactory.create_batch(count)
    for somebody in people:
        for weekday in range(count):
            window(somebody, weekday, "12:00", "14:00")
        AvailabilityExceptionFactory.create(person=somebody)
    with django_assert_num_queries(4):
        found = find_free_intervals(people=[somebody.pk for somebody in people], period=period(), network=ANYWHERE)
    assert {key: len(intervals) for key, intervals in found.items()} == dict.fromkeys(
        [somebody.pk for somebody in people], count
    )


def test_who_said_nothing_is_never_free(person: Person) -> None:
    assert free(person, period()) == []
    assert find_free_intervals(people=[], period=period(), network=ANYWHERE) == {}
