"""Working days to answer: weekends and the network's own public holidays do not count."""

import datetime as dt

import pytest

from backend.networks.enums import HolidayCalendar
from backend.networks.models import HolidayOverride
from backend.tutoring.domain.deadlines import answer_deadline
from tests.support.factories import NetworkFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("zone", "days", "since", "expected"),
    [
        # Thursday: Friday, Monday, Tuesday, and until its midnight there.
        ("Europe/Paris", 3, "2026-12-03T10:00+01:00", "2026-12-09T00:00+01:00"),
        ("Europe/Paris", 1, "2026-12-03T10:00+01:00", "2026-12-05T00:00+01:00"),
        ("Europe/Paris", 1, "2026-12-04T23:59+01:00", "2026-12-08T00:00+01:00"),
        ("Europe/Paris", 3, "2026-12-05T10:00+01:00", "2026-12-10T00:00+01:00"),
        ("Europe/Paris", 3, "2026-12-06T23:30+01:00", "2026-12-10T00:00+01:00"),
        ("Europe/Paris", 30, "2026-12-07T10:00+01:00", "2027-01-21T00:00+01:00"),
        # Friday evening in Paris is Saturday in Réunion already, and still Friday afternoon in Cayenne.
        ("Indian/Reunion", 1, "2026-12-04T21:30+01:00", "2026-12-08T00:00+04:00"),
        ("America/Cayenne", 1, "2026-12-05T02:00+01:00", "2026-12-08T00:00-03:00"),
        ("Indian/Reunion", 3, "2026-12-03T23:00+01:00", "2026-12-10T00:00+04:00"),
        # The clock changes on the weekend between.
        ("Europe/Paris", 3, "2026-10-22T10:00+02:00", "2026-10-28T00:00+01:00"),
        ("Europe/Paris", 3, "2027-03-25T10:00+01:00", "2027-04-01T00:00+02:00"),
        # Armistice Day is a Wednesday.
        ("Europe/Paris", 1, "2026-11-10T10:00+01:00", "2026-11-13T00:00+01:00"),
    ],
)
def test_working_days_to_answer(zone: str, days: int, since: str, expected: str) -> None:
    network = NetworkFactory.create(timezone=zone, answer_days=days)
    assert answer_deadline(network, since=dt.datetime.fromisoformat(since)) == dt.datetime.fromisoformat(expected)


# Wednesday 23 December 2026 at noon in Paris: Christmas is a Friday, the 26th a Saturday.
BEFORE_CHRISTMAS = dt.datetime(2026, 12, 23, 11, tzinfo=dt.UTC)


def days_of(deadline: dt.datetime) -> dt.date:
    """The last whole day: a deadline is the midnight after it."""
    return (deadline - dt.timedelta(hours=2)).date()


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [(HolidayCalendar.METROPOLE, dt.date(2026, 12, 28)), (HolidayCalendar.NONE, dt.date(2026, 12, 25))],
)
def test_holidays_are_those_of_the_place(calendar: HolidayCalendar, expected: dt.date) -> None:
    network = NetworkFactory.create(holiday_calendar=calendar, answer_days=2)
    assert days_of(answer_deadline(network, since=BEFORE_CHRISTMAS)) == expected


def test_the_coordination_knows_better_than_the_calendar() -> None:
    network = NetworkFactory.create(answer_days=2)
    HolidayOverride.objects.create(network=network, day=dt.date(2026, 12, 24), is_holiday=True)
    HolidayOverride.objects.create(network=network, day=dt.date(2026, 12, 25), is_holiday=False)
    assert days_of(answer_deadline(network, since=BEFORE_CHRISTMAS)) == dt.date(2026, 12, 28)
