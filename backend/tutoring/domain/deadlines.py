"""Until when a tutor may answer: working days of the network, counted on its own clocks."""

import datetime as dt

from backend.agenda.domain.holidays import holidays_between
from backend.networks.models import Network

SATURDAY = 5


def answer_deadline(network: Network, *, since: dt.datetime) -> dt.datetime:
    """End of the last of the network's working days to answer; weekends and its public holidays do not count."""
    today = since.astimezone(network.zone).date()
    # Weekends, and a holiday a day for as long as the longest delay: more than any calendar has.
    last = today + dt.timedelta(days=network.answer_days * 3 + 7)
    rested = {holiday.day for holiday in holidays_between(network, today, last) if holiday.kept}
    day, left = today, network.answer_days
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < SATURDAY and day not in rested
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), network.zone).astimezone(dt.UTC)
