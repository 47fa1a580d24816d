"""A week of windows that never touch, and its exceptions."""

import datetime as dt
import itertools
import zoneinfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.accounts.models import Person
from backend.agenda.domain.exceptions import add_exception, coming_exceptions, local_instant, remove_exception
from backend.agenda.domain.windows import (
    Span,
    add_window,
    change_window,
    free_quarters,
    paint_week,
    quarters_of,
    remove_window,
    replace_week,
    zones_of,
)
from backend.agenda.models import AvailabilityException, WeeklyWindow
from backend.common.clock import now
from backend.common.errors import DomainError, NotFoundError
from backend.networks.enums import Role
from tests.support.factories import (
    AvailabilityExceptionFactory,
    MembershipFactory,
    NetworkFactory,
    PersonFactory,
    WeeklyWindowFactory,
    make_member,
    whole_cell,
)

PARIS, REUNION = "Europe/Paris", "Indian/Reunion"
BOARD = range(14, 42)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def person(db: None) -> Person:
    """In two networks, in two zones."""
    found = make_member(NetworkFactory.create(name="A"), Role.LEARNER)
    MembershipFactory.create(network=NetworkFactory.create(name="B", timezone=REUNION), person=found)
    return found


def span(text: str, weekday: int = 0, zone: str = PARIS) -> Span:
    starts, ends = (dt.time.fromisoformat(part) for part in text.split("–"))
    return Span(weekday, starts, ends, zone)


def told(person: Person, zone: str = PARIS) -> list[str]:
    rows = WeeklyWindow.objects.filter(person=person, timezone=zone).order_by("weekday", "starts")
    return [f"{row.weekday} {row.starts:%H:%M}–{row.ends:%H:%M}" for row in rows]


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (["12:00–13:00", "14:00–15:00"], ["0 12:00–13:00", "0 14:00–15:00"]),
        (["12:00–13:00", "13:00–14:00"], ["0 12:00–14:00"]),
        (["13:00–14:00", "12:00–13:15"], ["0 12:00–14:00"]),
        (["12:00–13:00", "14:00–15:00", "13:00–14:00"], ["0 12:00–15:00"]),
        (["12:00–15:00", "13:00–14:00"], ["0 12:00–15:00"]),
        (["00:00–00:15", "23:30–23:45"], ["0 00:00–00:15", "0 23:30–23:45"]),
    ],
)
def test_windows_that_touch_are_one(added: list[str], expected: list[str], person: Person) -> None:
    for text in added * 2:
        add_window(person=person, span=span(text))
    assert told(person) == expected


def test_days_zones_and_people_stay_apart(person: Person) -> None:
    other = WeeklyWindowFactory.create(weekday=0)
    for weekday, zone in ((0, PARIS), (1, PARIS), (0, REUNION)):
        add_window(person=person, span=span("12:00–14:00", weekday, zone))
    assert told(person) == ["0 12:00–14:00", "1 12:00–14:00"]
    assert told(person, REUNION) == ["0 12:00–14:00"]
    assert told(other.person) == ["0 12:00–14:00"]


def test_adding_answers_the_window_that_holds_those_hours(person: Person) -> None:
    add_window(person=person, span=span("12:00–13:00"))
    held = add_window(person=person, span=span("13:00–13:30"))
    assert (held.starts, held.ends) == (dt.time(12), dt.time(13, 30))
    assert add_window(person=person, span=span("12:15–12:30")) == held


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Span(7, dt.time(12), dt.time(13), PARIS), "weekday"),
        (Span(0, dt.time(12, 5), dt.time(13), PARIS), "starts"),
        (Span(0, dt.time(12), dt.time(13, 0, 1), PARIS), "ends"),
        (Span(0, dt.time(12), dt.time(12), PARIS), "ends"),
        (Span(0, dt.time(12), dt.time(11), PARIS), "ends"),
        (Span(0, dt.time(12), dt.time(13), "America/Cayenne"), "timezone"),
    ],
)
def test_a_window_that_makes_no_sense(wrong: Span, field: str, person: Person) -> None:
    add_window(person=person, span=span("08:00–09:00"))
    before = WeeklyWindow.objects.get()
    for refuse in (
        lambda: add_window(person=person, span=wrong),
        lambda: change_window(person=person, window_id=before.pk, span=wrong),
        lambda: replace_week(person=person, spans=[wrong]),
    ):
        with pytest.raises(DomainError) as refused:
            refuse()
        assert list(refused.value.fields) == [field]
    assert told(person) == ["0 08:00–09:00"]


def test_changing_frees_the_old_hours_and_joins_the_new(person: Person) -> None:
    noon = add_window(person=person, span=span("12:00–14:00"))
    add_window(person=person, span=span("17:00–18:00", 2))
    change_window(person=person, window_id=noon.pk, span=span("18:00–19:00", 2))
    assert told(person) == ["2 17:00–19:00"]
    change_window(person=person, window_id=WeeklyWindow.objects.get().pk, span=span("18:00–19:00", 2, REUNION))
    assert (told(person), told(person, REUNION)) == ([], ["2 18:00–19:00"])


def test_a_window_of_a_network_that_was_left_may_still_be_changed(person: Person) -> None:
    window = WeeklyWindowFactory.create(person=person, weekday=0, timezone="America/Cayenne")
    change_window(person=person, window_id=window.pk, span=span("08:00–09:00", 1, "America/Cayenne"))
    assert told(person, "America/Cayenne") == ["1 08:00–09:00"]


def test_a_window_that_is_gone_or_anothers_is_absent(person: Person) -> None:
    other = WeeklyWindowFactory.create()
    mine = add_window(person=person, span=span("12:00–14:00"))
    remove_window(person=person, window_id=mine.pk)
    for key in (mine.pk, other.pk):
        with pytest.raises(NotFoundError):
            remove_window(person=person, window_id=key)
        with pytest.raises(NotFoundError):
            change_window(person=person, window_id=key, span=span("12:00–14:00"))
    assert (told(person), told(other.person)) == ([], ["3 12:00–14:00"])


def test_a_week_said_again_keeps_its_rows(person: Person) -> None:
    WeeklyWindowFactory.create(person=person, timezone=REUNION)
    spans = [span("12:00–13:00"), span("13:00–14:00"), span("08:00–09:00", 6, REUNION)]
    rows = replace_week(person=person, spans=spans)
    assert told(person) == ["0 12:00–14:00"]
    assert told(person, REUNION) == ["6 08:00–09:00"]
    assert replace_week(person=person, spans=spans) == rows
    assert replace_week(person=person, spans=[]) == []


def test_painting_adds_splits_and_leaves_alone_what_the_board_cannot_tell(person: Person) -> None:
    for text in ("06:00–07:30", "09:00–12:00", "14:15–15:00", "20:30–22:00"):
        add_window(person=person, span=span(text))
    add_window(person=person, span=span("09:00–12:00", 0, REUNION))
    checked = {(0, half_hour) for half_hour in (14, 18, 19, 22, 23, 29, 41)} | {(6, 30)}
    for _ in range(2):
        paint_week(person=person, timezone=PARIS, board=BOARD, checked=checked)
        assert told(person) == [
            "0 06:00–07:30",
            "0 09:00–10:00",
            "0 11:00–12:00",
            # The quarter at 14:15 is half of a half-hour that nobody checked.
            "0 14:15–15:00",
            "0 20:30–22:00",
            "6 15:00–15:30",
        ]
    assert told(person, REUNION) == ["0 09:00–12:00"]


@given(checked=st.sets(st.tuples(st.integers(0, 6), st.integers(14, 41)), max_size=60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_board_reads_back_as_it_was_painted(checked: set[tuple[int, int]], person: Person) -> None:
    paint_week(person=person, timezone=PARIS, board=BOARD, checked=checked)
    rows = list(WeeklyWindow.objects.filter(person=person).order_by("weekday", "starts"))
    week = free_quarters(rows)
    assert {(day, half) for day in range(7) for half in BOARD if quarters_of(half) <= week[day]} == checked
    assert all(a.weekday != b.weekday or a.ends < b.starts for a, b in itertools.pairwise(rows))


def test_zones_are_those_of_the_networks_in_order(person: Person) -> None:
    MembershipFactory.create(network=NetworkFactory.create(name="C"), person=person)
    assert zones_of(person) == [PARIS, REUNION]
    assert zones_of(PersonFactory.create()) == []


# Exceptions


def test_the_same_exception_is_one_row(person: Person) -> None:
    starts = whole_cell(now()) + DAY
    rows = [add_exception(person=person, starts_at=starts, ends_at=starts + HOUR, is_free=False) for _ in range(2)]
    assert rows[0] == rows[1]
    added = add_exception(person=person, starts_at=starts, ends_at=starts + HOUR, is_free=True)
    assert list(coming_exceptions(person)) == [rows[0], added]


def test_past_exceptions_are_hidden_and_those_under_way_are_not(person: Person) -> None:
    start = whole_cell(now())
    AvailabilityExceptionFactory.create(person=person, starts_at=start - DAY, ends_at=start)
    under_way = AvailabilityExceptionFactory.create(person=person, starts_at=start - DAY, ends_at=start + DAY)
    AvailabilityExceptionFactory.create()
    assert list(coming_exceptions(person)) == [under_way]


@pytest.mark.parametrize(
    ("after", "length", "field"),
    [
        (DAY, dt.timedelta(), "ends_at"),
        (DAY, -HOUR, "ends_at"),
        (-2 * DAY, HOUR, "ends_at"),
        (DAY, dt.timedelta(days=367), "ends_at"),
        (dt.timedelta(days=3 * 366), HOUR, "starts_at"),
        (DAY + dt.timedelta(minutes=1), HOUR, "starts_at"),
    ],
)
def test_an_exception_that_makes_no_sense(
    after: dt.timedelta, length: dt.timedelta, field: str, person: Person
) -> None:
    starts = whole_cell(now()) + after
    with pytest.raises(DomainError) as refused:
        add_exception(person=person, starts_at=starts, ends_at=starts + length, is_free=True)
    assert list(refused.value.fields) == [field]
    assert not AvailabilityException.objects.exists()


def test_an_exception_is_its_authors_to_take_back(person: Person) -> None:
    others, mine = AvailabilityExceptionFactory.create(), AvailabilityExceptionFactory.create(person=person)
    remove_exception(person=person, exception_id=mine.pk)
    for row in (mine, others):
        with pytest.raises(NotFoundError):
            remove_exception(person=person, exception_id=row.pk)
    assert AvailabilityException.objects.get() == others


def test_exceptions_are_counted(person: Person) -> None:
    starts = whole_cell(now()) + DAY
    AvailabilityException.objects.bulk_create(
        AvailabilityException(person=person, starts_at=starts, ends_at=starts + HOUR * (rank + 1), is_free=False)
        for rank in range(200)
    )
    with pytest.raises(DomainError) as refused:
        add_exception(person=person, starts_at=starts, ends_at=starts + HOUR, is_free=True)
    assert refused.value.code == "too_many"


@pytest.mark.parametrize(
    ("zone", "local", "later", "utc"),
    [
        ("Europe/Paris", "2026-12-03T12:00", False, "2026-12-03T11:00"),
        ("Indian/Reunion", "2026-12-03T12:00", False, "2026-12-03T08:00"),
        ("Indian/Mayotte", "2026-12-03T12:00", False, "2026-12-03T09:00"),
        ("America/Guadeloupe", "2026-12-03T12:00", False, "2026-12-03T16:00"),
        ("America/Cayenne", "2026-12-03T12:00", False, "2026-12-03T15:00"),
        ("America/Miquelon", "2026-12-03T12:00", False, "2026-12-03T15:00"),
        ("America/Miquelon", "2026-07-03T12:00", False, "2026-07-03T14:00"),
        # 2:30 comes twice on the last Sunday of October.
        ("Europe/Paris", "2026-10-25T02:30", False, "2026-10-25T00:30"),
        ("Europe/Paris", "2026-10-25T02:30", True, "2026-10-25T01:30"),
    ],
)
def test_local_times_are_instants(zone: str, local: str, later: bool, utc: str) -> None:  # noqa: FBT001 (a column)
    told = dt.datetime.fromisoformat(local)
    found = local_instant(told.date(), told.time(), zoneinfo.ZoneInfo(zone), later=later)
    assert found == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(("zone", "day"), [("Europe/Paris", "2027-03-28"), ("America/Miquelon", "2027-03-14")])
def test_a_time_that_no_clock_shows_is_refused(zone: str, day: str) -> None:
    with pytest.raises(DomainError) as refused:
        local_instant(dt.date.fromisoformat(day), dt.time(2, 30), zoneinfo.ZoneInfo(zone))
    assert refused.value.code == "skipped_time"
