"""Public holidays by place: days on which nobody is taken to be free, unless they say so themselves.

The package ``holidays`` knows the eleven days of the whole country and the two of Alsace-Moselle. Overseas it mixes the
days of the law with those of custom (Mi-Carême, Victor Schœlcher), which not everybody keeps. The days of the abolition
of slavery are therefore written here, as the Code du travail (article L. 3422-2) gives them. A coordinator who knows
better says so, day by day.
"""

import datetime as dt
import functools
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass

import holidays as almanac
from django.db import transaction

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import DomainError
from backend.networks.enums import HolidayCalendar, Role
from backend.networks.models import HolidayOverride, Network
from backend.networks.rules import require_role

ABOLITION = "Abolition de l’esclavage"
ABOLITION_DAYS = {
    HolidayCalendar.MAYOTTE: (4, 27),
    HolidayCalendar.MARTINIQUE: (5, 22),
    HolidayCalendar.GUADELOUPE: (5, 27),
    HolidayCalendar.SAINT_MARTIN: (5, 28),
    HolidayCalendar.GUYANE: (6, 10),
    HolidayCalendar.SAINT_BARTHELEMY: (10, 9),
    HolidayCalendar.REUNION: (12, 20),
}
ALSACE = "6AE"
OWN_DAY = "Jour ajouté par votre coordination"
# A coordinator looks a little back and a little ahead; a day further away is a slip of the keyboard.
YEARS_AROUND = 2


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day that the calendar or the coordinator names; not ``kept`` when the coordinator says that people work."""

    day: dt.date
    name: str
    kept: bool
    official: bool


def official_holidays(calendar: str, year: int) -> dict[dt.date, str]:
    """Days that the law gives a place in a year, with their French names, in order."""
    return dict(_official_holidays(HolidayCalendar(calendar), year))


def holidays_between(network: Network, first: dt.date, last: dt.date) -> list[Holiday]:
    """What the calendar and the coordinator say of the days from ``first`` to ``last``, in order; one query."""
    official = {
        day: name
        for year in range(first.year, last.year + 1)
        for day, name in official_holidays(network.holiday_calendar, year).items()
        if first <= day <= last
    }
    overrides = dict(
        HolidayOverride.objects.filter(network=network, day__range=(first, last)).values_list("day", "is_holiday")
    )
    return [
        Holiday(day, official.get(day, OWN_DAY), kept=overrides.get(day, True), official=day in official)
        for day in sorted(official.keys() | {day for day, added in overrides.items() if added})
    ]


def holiday_spans(
    network: Network, first: dt.date, last: dt.date, zone: zoneinfo.ZoneInfo
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Each kept holiday from its local midnight to the next, as instants."""
    for holiday in holidays_between(network, first, last):
        if holiday.kept:
            next_day = holiday.day + dt.timedelta(days=1)
            yield (
                dt.datetime.combine(holiday.day, dt.time(), zone).astimezone(dt.UTC),
                dt.datetime.combine(next_day, dt.time(), zone).astimezone(dt.UTC),
            )


@transaction.atomic
def set_holiday(*, network: Network, author: Person, day: dt.date, is_holiday: bool) -> None:
    """Say that a day is kept, or worked; saying what the calendar says already leaves no trace."""
    require_role(author, network, Role.COORDINATOR)
    if abs(day.year - now().year) > YEARS_AROUND:
        message = "Choisissez un jour proche : cette année, ou les deux d’avant ou d’après."
        raise DomainError(message, code="day_far_away", fields={"day": [message]})
    if is_holiday == (day in official_holidays(network.holiday_calendar, day.year)):
        HolidayOverride.objects.filter(network=network, day=day).delete()
    else:
        HolidayOverride.objects.update_or_create(network=network, day=day, defaults={"is_holiday": is_holiday})


@transaction.atomic
def choose_holiday_calendar(*, network: Network, author: Person, calendar: HolidayCalendar) -> None:
    """Say whose public holidays the network keeps; what was said day by day stays."""
    require_role(author, network, Role.COORDINATOR)
    network.holiday_calendar = calendar
    network.save(update_fields=["holiday_calendar"])


@functools.lru_cache(maxsize=256)
def _official_holidays(calendar: HolidayCalendar, year: int) -> tuple[tuple[dt.date, str], ...]:
    if calendar == HolidayCalendar.NONE:
        return ()
    place = ALSACE if calendar == HolidayCalendar.ALSACE_MOSELLE else None
    found = almanac.country_holidays("FR", subdiv=place, years=year, language="fr")
    # Two holidays on one day are one line, « Fête du Travail; Ascension ».
    days = {day: name.replace("; ", " et ").replace("'", "’") for day, name in found.items()}
    if calendar in ABOLITION_DAYS:
        abolition = dt.date(year, *ABOLITION_DAYS[calendar])
        days[abolition] = f"{days[abolition]} et {ABOLITION}" if abolition in days else ABOLITION
    return tuple(sorted(days.items()))
