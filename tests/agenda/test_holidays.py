"""Which days nobody is taken to be free, by place, and who may say otherwise."""

import datetime as dt
import zoneinfo

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.agenda.domain.availability import Period, find_free_intervals
from backend.agenda.domain.holidays import (
    choose_holiday_calendar,
    holidays_between,
    official_holidays,
    set_holiday,
)
from backend.common.errors import DomainError, NotFoundError, RoleRequiredError
from backend.networks.enums import HolidayCalendar, Role
from backend.networks.models import HolidayOverride, Network
from tests.support.factories import (
    AvailabilityExceptionFactory,
    NetworkFactory,
    PersonFactory,
    WeeklyWindowFactory,
    make_member,
)

# Of 2026, as the Code du travail gives them: L. 3133-1, L. 3134-13 and L. 3422-2.
EVERYWHERE = {
    *("2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25"),
    *("2026-07-14", "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25"),
}
MORE = {
    HolidayCalendar.METROPOLE: set(),
    HolidayCalendar.ALSACE_MOSELLE: {"2026-04-03", "2026-12-26"},
    HolidayCalendar.MAYOTTE: {"2026-04-27"},
    HolidayCalendar.MARTINIQUE: {"2026-05-22"},
    HolidayCalendar.GUADELOUPE: {"2026-05-27"},
    HolidayCalendar.SAINT_MARTIN: {"2026-05-28"},
    HolidayCalendar.GUYANE: {"2026-06-10"},
    HolidayCalendar.SAINT_BARTHELEMY: {"2026-10-09"},
    HolidayCalendar.REUNION: {"2026-12-20"},
    HolidayCalendar.SAINT_PIERRE: set(),
}
# Easter, from which four days follow, as the Bureau des longitudes gives it.
EASTERS = {2024: "2024-03-31", 2025: "2025-04-20", 2027: "2027-03-28", 2028: "2028-04-16", 2038: "2038-04-25"}
CHRISTMAS = dt.date(2026, 12, 25)


@pytest.mark.parametrize("calendar", [place for place in HolidayCalendar if place != HolidayCalendar.NONE])
def test_days_of_each_place(calendar: HolidayCalendar) -> None:
    found = {day.isoformat() for day in official_holidays(calendar, 2026)}
    assert found == EVERYWHERE | MORE[calendar]


def test_a_network_may_keep_none() -> None:
    assert official_holidays(HolidayCalendar.NONE, 2026) == {}


@pytest.mark.parametrize(("year", "easter"), EASTERS.items())
def test_days_that_follow_easter(year: int, easter: str) -> None:
    days = official_holidays(HolidayCalendar.ALSACE_MOSELLE, year)
    sunday = dt.date.fromisoformat(easter)
    names = {name: (day - sunday).days for day, name in days.items()}
    moving = ("Vendredi saint", "Lundi de Pâques", "Ascension", "Lundi de Pentecôte")
    assert [names[name] for name in moving] == [-2, 1, 39, 50]


def test_names_are_french_and_two_on_one_day_are_both_told() -> None:
    assert official_holidays(HolidayCalendar.METROPOLE, 2026)[dt.date(2026, 1, 1)] == "Jour de l’an"
    both = official_holidays(HolidayCalendar.METROPOLE, 2008)[dt.date(2008, 5, 1)]
    assert sorted(both.split(" et ")) == ["Ascension", "Fête du Travail"]
    assert official_holidays(HolidayCalendar.GUADELOUPE, 2080)[dt.date(2080, 5, 27)] == (
        "Lundi de Pentecôte et Abolition de l’esclavage"
    )


@pytest.fixture
def network(db: None) -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def coordinator(network: Network) -> Person:
    return make_member(network, Role.COORDINATOR)


def free_days(person: Person, network: Network, first_day: dt.date = dt.date(2026, 12, 21)) -> list[str]:
    period = Period(first_day, 1, network.zone)
    found = find_free_intervals(people=[person.pk], period=period, network=network)[person.pk]
    local = [[period.start_of(cell).astimezone(period.zone) for cell in interval] for interval in found]
    return [f"{start:%d %H:%M}–{end:%H:%M}" for start, end in local]


def make_rhythm(*weekdays: int, timezone: str = "Europe/Paris") -> Person:
    person: Person = PersonFactory.create()
    for weekday in weekdays:
        WeeklyWindowFactory.create(person=person, weekday=weekday, timezone=timezone)
    return person


def paris(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo("Europe/Paris"))


def test_nobody_is_free_on_a_holiday(network: Network) -> None:
    assert free_days(make_rhythm(3, 4, 5), network) == ["24 12:00–14:00", "26 12:00–14:00"]
    alsace = NetworkFactory.create(holiday_calendar=HolidayCalendar.ALSACE_MOSELLE)
    assert free_days(make_rhythm(3, 4, 5), alsace) == ["24 12:00–14:00"]
    assert free_days(make_rhythm(4), NetworkFactory.create(holiday_calendar=HolidayCalendar.NONE)) == ["25 12:00–14:00"]


def test_a_holiday_lasts_from_midnight_to_midnight_where_the_network_is(db: None) -> None:
    network = NetworkFactory.create(timezone="Indian/Reunion", holiday_calendar=HolidayCalendar.REUNION)
    person = PersonFactory.create()
    for weekday, starts, ends in ((3, "21:00", "23:45"), (4, "00:00", "23:45"), (5, "00:00", "02:00")):
        WeeklyWindowFactory.create(person=person, weekday=weekday, starts=starts, ends=ends, timezone="Indian/Reunion")
    assert free_days(person, network) == ["24 21:00–23:45", "26 00:00–02:00"]


def test_free_time_that_somebody_added_stands_on_a_holiday_and_not_then_beats_it(network: Network) -> None:
    person = make_rhythm(4)
    for starts, ends, is_free in (("10:00", "16:00", True), ("12:00", "13:00", False)):
        AvailabilityExceptionFactory.create(
            person=person,
            starts_at=paris(f"2026-12-25T{starts}"),
            ends_at=paris(f"2026-12-25T{ends}"),
            is_free=is_free,
        )
    assert free_days(person, network) == ["25 10:00–12:00", "25 13:00–16:00"]


def test_the_coordinator_wins_over_the_calendar(network: Network, coordinator: Person) -> None:
    set_holiday(network=network, author=coordinator, day=CHRISTMAS, is_holiday=False)
    set_holiday(network=network, author=coordinator, day=dt.date(2026, 12, 24), is_holiday=True)
    assert free_days(make_rhythm(3, 4), network) == ["25 12:00–14:00"]
    assert [
        (row.day.isoformat(), row.name, row.kept, row.official)
        for row in holidays_between(network, dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    ] == [
        ("2026-12-24", "Jour ajouté par votre coordination", True, False),
        ("2026-12-25", "Noël", False, True),
    ]


def test_what_one_coordinator_says_changes_nothing_elsewhere(network: Network, coordinator: Person) -> None:
    elsewhere = NetworkFactory.create()
    set_holiday(network=network, author=coordinator, day=dt.date(2026, 12, 24), is_holiday=True)
    assert free_days(make_rhythm(3), elsewhere) == ["24 12:00–14:00"]
    with pytest.raises(NotFoundError):
        set_holiday(network=elsewhere, author=coordinator, day=CHRISTMAS, is_holiday=False)
    with pytest.raises(NotFoundError):
        choose_holiday_calendar(network=elsewhere, author=coordinator, calendar=HolidayCalendar.NONE)
    assert HolidayOverride.objects.filter(network=elsewhere).count() == 0


@pytest.mark.parametrize("role", [Role.LEARNER, Role.TUTOR, Role.AUDITOR])
def test_only_a_coordinator_decides(role: Role, network: Network) -> None:
    member = make_member(network, role)
    with pytest.raises(RoleRequiredError):
        set_holiday(network=network, author=member, day=CHRISTMAS, is_holiday=False)
    with pytest.raises(RoleRequiredError):
        choose_holiday_calendar(network=network, author=member, calendar=HolidayCalendar.NONE)
    assert not HolidayOverride.objects.exists()


def test_saying_what_the_calendar_says_leaves_no_trace(network: Network, coordinator: Person) -> None:
    for is_holiday, rows in ((False, 1), (False, 1), (True, 0), (True, 0)):
        set_holiday(network=network, author=coordinator, day=CHRISTMAS, is_holiday=is_holiday)
        assert HolidayOverride.objects.count() == rows


def test_a_day_far_away_is_a_slip(network: Network, coordinator: Person) -> None:
    with pytest.raises(DomainError) as refused:
        set_holiday(network=network, author=coordinator, day=dt.date(2062, 12, 25), is_holiday=False)
    assert (refused.value.code, list(refused.value.fields)) == ("day_far_away", ["day"])


def test_choosing_a_calendar_keeps_what_was_said_day_by_day(network: Network, coordinator: Person) -> None:
    set_holiday(network=network, author=coordinator, day=CHRISTMAS, is_holiday=False)
    choose_holiday_calendar(network=network, author=coordinator, calendar=HolidayCalendar.ALSACE_MOSELLE)
    network.refresh_from_db()
    assert free_days(make_rhythm(4, 5), network) == ["25 12:00–14:00"]


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_overrides_as_for_one(
    count: int, network: Network, coordinator: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in range(count):
        set_holiday(network=network, author=coordinator, day=dt.date(2026, 12, 21 + day), is_holiday=True)
    person = make_rhythm(0, 1, 2)
    with django_assert_num_queries(4):
        assert len(free_days(person, network)) == 3 - count
