"""The days a report is about, in the network's own time."""

import datetime as dt
from dataclasses import dataclass

from backend.common.clock import now
from backend.networks.models import Network

MONTHS_A_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Days:
    """From ``first`` to ``last``, both included."""

    first: dt.date
    last: dt.date

    def bounds(self, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
        """The instants ``[start, end)`` of these days on the clocks of ``zone``."""
        after = self.last + dt.timedelta(days=1)
        return _midnight(self.first, zone), _midnight(after, zone)


def today_in(network: Network) -> dt.date:
    return now().astimezone(network.zone).date()


def days_since_beginning(network: Network) -> Days:
    """Since the network was made, and long enough from now for whatever is planned."""
    created = network.created_at.astimezone(network.zone).date()
    return Days(created, max(created, today_in(network)))


def quarter_of(day: dt.date) -> Days:
    """The calendar quarter that holds ``day``."""
    month = day.month - (day.month - 1) % MONTHS_A_QUARTER
    first = day.replace(month=month, day=1)
    following = (first + dt.timedelta(days=31 * MONTHS_A_QUARTER)).replace(day=1)
    return Days(first, following - dt.timedelta(days=1))


def quarter_before(day: dt.date) -> Days:
    """The one before the quarter that holds ``day``."""
    return quarter_of(quarter_of(day).first - dt.timedelta(days=1))


def year_of(day: dt.date) -> Days:
    return Days(day.replace(month=1, day=1), day.replace(month=12, day=31))


def _midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
