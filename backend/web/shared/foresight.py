"""« Ce que la campagne verra »: the hours of one person that the engine is given, told in local time."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.agenda.domain.availability import Interval, Period, find_free_intervals
from backend.agenda.domain.holidays import Holiday, holidays_between
from backend.campaigns.domain.instance import period_of
from backend.campaigns.domain.runs import COMPUTABLE_STATES
from backend.campaigns.models import Campaign
from backend.common.clock import CELL_MINUTES, cell_at, now
from backend.common.formats import format_day, format_minutes, format_times
from backend.networks.models import Network

MINUTE = dt.timedelta(minutes=1)

type Moment = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day: when the person is free, for how long, and how many sessions could begin."""

    day: dt.date
    words: str
    times: list[str]
    minutes: int
    starts: int


@dataclass(frozen=True, slots=True)
class Foresight:
    """What one campaign will see of one person; ``problem`` says why nothing could be proposed."""

    campaign: Campaign
    last_day: dt.date
    days: list[DayLine]
    holidays: list[Holiday]
    problem: str

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.days)

    @property
    def starts(self) -> int:
        return sum(line.starts for line in self.days)


def campaigns_ahead(networks: Collection[Network]) -> QuerySet[Campaign]:
    """Campaigns of these networks that still collect, the nearest first."""
    campaigns = Campaign.objects.filter(network__in=networks, state__in=COMPUTABLE_STATES)
    return campaigns.select_related("network").order_by("first_day", "pk")


def foresee(campaign: Campaign, person: Person, *, has_windows: bool) -> Foresight:
    """Five queries."""
    period = period_of(campaign)
    last_day = campaign.first_day + dt.timedelta(weeks=campaign.weeks, days=-1)
    free = find_free_intervals(people=[person.pk], period=period, network=campaign.network, not_before=now())
    days = list(_day_lines(free[person.pk], period, campaign.session_minutes // CELL_MINUTES))
    holidays = [row for row in holidays_between(campaign.network, campaign.first_day, last_day) if row.kept]
    problem = _problem(days, campaign, has_windows=has_windows)
    return Foresight(campaign, last_day, days, holidays, problem)


def _problem(days: Collection[DayLine], campaign: Campaign, *, has_windows: bool) -> str:
    if not days and not has_windows:
        return "Vous n’avez indiqué aucun créneau : cette campagne ne pourra rien vous proposer."
    if not days:
        return "Aucun de vos créneaux ne tombe dans cette campagne : elle ne pourra rien vous proposer."
    if not any(line.starts for line in days):
        length = format_minutes(campaign.session_minutes)
        return f"Vos moments libres sont tous plus courts qu’une séance de {length} : allongez-en un."
    return ""


def _day_lines(intervals: Iterable[Interval], period: Period, session_cells: int) -> Iterator[DayLine]:
    moments: dict[dt.date, list[Moment]] = defaultdict(list)
    begins: Counter[dt.date] = Counter()
    for first, end in intervals:
        for day, moment in _by_day(period, first, end):
            moments[day].append(moment)
        begins.update(_local_day(period, cell) for cell in range(first, end - session_cells + 1))
    for day, spans in moments.items():
        yield DayLine(
            day,
            format_day(day),
            [format_times(start, stop, period.zone) for start, stop in spans],
            sum((stop - start) // MINUTE for start, stop in spans),
            begins[day],
        )


def _by_day(period: Period, first: int, end: int) -> Iterator[tuple[dt.date, Moment]]:
    """An interval, cut at each local midnight."""
    cell = first
    while cell < end:
        day = _local_day(period, cell)
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), period.zone)
        stop = min(cell_at(midnight) - period.first_cell, end)
        yield day, (period.start_of(cell), period.start_of(stop))
        cell = stop


def _local_day(period: Period, cell: int) -> dt.date:
    return period.start_of(cell).astimezone(period.zone).date()
