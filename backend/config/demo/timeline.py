"""The instants of the demonstration, all told from one: now."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from backend.agenda.domain.holidays import official_holidays
from backend.networks.enums import HolidayCalendar

SATURDAY = 5
CLOSED_WEEKS_AGO = 9
CLOSED_WEEKS = 3
PUBLISHED_WEEKS = 4
COLLECTING_WEEKS = 3
SLOT_STARTS = dt.time(12, 30)
SLOT_ENDS = dt.time(13, 15)
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@dataclass(frozen=True, slots=True)
class Timeline:
    """``present`` is when the command runs; days are those of ``zone``."""

    present: dt.datetime
    zone: zoneinfo.ZoneInfo

    @property
    def today(self) -> dt.date:
        return self.present.astimezone(self.zone).date()

    @property
    def beginning(self) -> dt.datetime:
        """When the network was set up."""
        return self.present - dt.timedelta(weeks=CLOSED_WEEKS_AGO + 2)

    @property
    def closed_published_at(self) -> dt.datetime:
        return self.present - dt.timedelta(weeks=CLOSED_WEEKS_AGO)

    @property
    def closed_first_day(self) -> dt.date:
        return monday_of(self.today - dt.timedelta(weeks=CLOSED_WEEKS_AGO - 1))

    @property
    def closed_at(self) -> dt.datetime:
        return self.closed_published_at + dt.timedelta(weeks=CLOSED_WEEKS + 3)

    @property
    def published_at(self) -> dt.datetime:
        """Long enough ago for a working day to have passed since."""
        return self.present - dt.timedelta(days=5)

    @property
    def published_first_day(self) -> dt.date:
        return monday_of(self.published_at.astimezone(self.zone).date())

    @property
    def collecting_first_day(self) -> dt.date:
        return monday_of(self.today + dt.timedelta(weeks=PUBLISHED_WEEKS))

    @property
    def soon(self) -> dt.datetime:
        """The first instant of the sessions still to come in the story."""
        return self.present + dt.timedelta(hours=36)

    def past_slot(self) -> tuple[dt.datetime, dt.datetime]:
        """The last working day's midday that is over."""
        day = self.today
        while True:
            ends = dt.datetime.combine(day, SLOT_ENDS, self.zone)
            if is_worked(day) and ends < self.present - dt.timedelta(hours=1):
                return dt.datetime.combine(day, SLOT_STARTS, self.zone), ends
            day -= dt.timedelta(days=1)


def is_worked(day: dt.date) -> bool:
    """Neither a weekend nor a public holiday, on which nobody of the story is free."""
    return day.weekday() < SATURDAY and day not in official_holidays(HolidayCalendar.METROPOLE, day.year)


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def title_for(first_day: dt.date) -> str:
    """« Campagne du 30 novembre »."""
    day = "1er" if first_day.day == 1 else str(first_day.day)
    return f"Campagne du {day} {MONTHS[first_day.month - 1]}"
