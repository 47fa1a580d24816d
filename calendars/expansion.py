"""Busy time of a sifted calendar. Runs in a process of its own: ``python -m calendars.expansion``.

Recurrences are a language that can be asked to count for ever, so this process limits itself before it reads anything,
and ``calendars.reading`` ends it if that were not enough.
"""

import datetime as dt
import json
import resource
import sys
import zoneinfo
from collections.abc import Iterable, Iterator
from typing import Any

from calendars.intervals import Interval, clip

SECONDS = 2
MEMORY = 200 * 1024 * 1024
OCCURRENCES_MAX = 20_000


class TooManyOccurrencesError(Exception):
    """More meetings than a person has."""


def limit_process() -> None:
    """Two seconds of processor and 200 MB, held by the system: whatever loops or grows is ended."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def busy_intervals(source: str, window: Interval, zone: zoneinfo.ZoneInfo) -> list[Interval]:
    """Moments of ``window`` (seconds since the epoch) in which the calendar says busy.

    Whole days and floating times (RFC 5545 §3.3.5) are told on the clocks of ``zone``, or of the calendar's own.
    """
    import icalendar  # noqa: PLC0415 (after the limits)
    import recurring_ical_events  # noqa: PLC0415

    calendar: Any = icalendar.Calendar.from_ical(source)
    zone = _zone_of(calendar) or zone
    first, last = (dt.datetime.fromtimestamp(second, dt.UTC) for second in window)
    occurrences = recurring_ical_events.of(calendar, skip_bad_series=True).between(
        first - dt.timedelta(days=1), last + dt.timedelta(days=1)
    )
    return clip(_spans(occurrences, zone), window)


def _spans(occurrences: Iterable[Any], zone: zoneinfo.ZoneInfo) -> Iterator[Interval]:
    for rank, event in enumerate(occurrences):
        if rank >= OCCURRENCES_MAX:
            raise TooManyOccurrencesError
        if _takes_time(event):
            yield _second(event.start, zone), _second(event.end, zone)


def _takes_time(event: Any) -> bool:
    """Neither cancelled nor transparent (RFC 5545 §3.8.2.7), nor « free » as Outlook says it."""
    free = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
    return not free and event.get("STATUS") != "CANCELLED" and event.get("TRANSP") != "TRANSPARENT"


def _zone_of(calendar: Any) -> zoneinfo.ZoneInfo | None:
    """The zone that Google and Apple name for the whole calendar."""
    name = str(calendar.get("X-WR-TIMEZONE", ""))
    return zoneinfo.ZoneInfo(name) if name in zoneinfo.available_timezones() else None


def _second(moment: dt.date, zone: zoneinfo.ZoneInfo) -> int:
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time(), zone)
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp())


def main() -> None:
    """Read one question from standard input, write one answer: both JSON, no titles in either."""
    limit_process()
    question = json.load(sys.stdin)
    zone = zoneinfo.ZoneInfo(question["zone"])
    try:
        answer: dict[str, object] = {"busy": busy_intervals(question["source"], tuple(question["window"]), zone)}
    except TooManyOccurrencesError:
        answer = {"refused": "too_many_occurrences"}
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # Whatever a stranger's file makes a library stumble on; the file is refused, the reason is all the same.
        answer = {"refused": "not_a_calendar"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
