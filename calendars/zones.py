"""VTIMEZONE components with rules (RFC 5545 §3.6.5).

Lists of dates (RDATE) are misread by an hour after a change of time by ical.js; rules are read by everybody. They come
from the last line of a zone's file, which says its rules in POSIX's own words: ``CET-1CEST,M3.5.0,M10.5.0/3``.
"""

import datetime as dt
import functools
import importlib.resources
import re
import zoneinfo
from collections.abc import Collection
from pathlib import Path

WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
# A component's first onset: the rules of Europe and North America are older than that, and so is no session.
FIRST_YEAR = 2007
# Offsets as they are today: some zones have moved since the first year.
OFFSET_YEAR = 2037
# A change outside its own day (Nuuk, Jerusalem) has no place here: those zones are told in UTC.
CHANGE = r"M\d+\.\d\.\d(?:/(?:1?\d|2[0-3])(?::\d+)?)?"
POSIX = re.compile(
    r"(?P<standard><[^>]+>|[A-Za-z]+)[-+\d:]+"
    rf"((?P<daylight><[^>]+>|[A-Za-z]+)[-+\d:]*,(?P<begins>{CHANGE}),(?P<ends>{CHANGE}))?"
)


@functools.cache
def lines_of_zone(name: str) -> tuple[str, ...]:
    """The VTIMEZONE of an IANA zone by the rules of today; none for the few whose rules a yearly RRULE cannot say."""
    zone = zoneinfo.ZoneInfo(name)
    found = POSIX.fullmatch(_posix_rule(name))
    if found is None:
        return ()
    if not found["daylight"]:
        offset = _offset(zone, dt.datetime(OFFSET_YEAR, 1, 1, tzinfo=dt.UTC))
        standard = found["standard"].strip("<>")
        parts = _observance("STANDARD", standard, (offset, offset), f"{FIRST_YEAR}0101T000000", "")
    else:
        parts = [
            *_changing(zone, "STANDARD", found["standard"].strip("<>"), found["ends"]),
            *_changing(zone, "DAYLIGHT", found["daylight"].strip("<>"), found["begins"]),
        ]
    return ("BEGIN:VTIMEZONE", f"TZID:{name}", *parts, "END:VTIMEZONE")


def lines_of_zones(names: Collection[str]) -> list[str]:
    return [line for name in sorted(names) for line in lines_of_zone(name)]


def _changing(zone: zoneinfo.ZoneInfo, kind: str, name: str, rule: str) -> list[str]:
    month, week, day, hour, minute = _read_rule(rule)
    onset = _onset(FIRST_YEAR, month, week, day) + dt.timedelta(hours=hour, minutes=minute)
    near = _onset(OFFSET_YEAR, month, week, day).replace(tzinfo=zone)
    before, after = (_offset(zone, near + dt.timedelta(days=days)) for days in (-2, 3))
    # DTSTART is told with the offset that ends (RFC 5545 §3.6.5), and so is POSIX's.
    recurrence = f"FREQ=YEARLY;BYMONTH={month};BYDAY={-1 if week == 5 else week}{WEEKDAYS[day]}"
    return _observance(kind, name, (before, after), f"{onset:%Y%m%dT%H%M%S}", recurrence)


def _read_rule(rule: str) -> tuple[int, int, int, int, int]:
    date, _, time = rule.removeprefix("M").partition("/")
    month, week, day = map(int, date.split("."))
    hour, _, minute = time.partition(":")
    return month, week, day, int(hour or 2), int(minute or 0)


def _onset(year: int, month: int, week: int, day: int) -> dt.datetime:
    """Midnight of the n-th such weekday of a month; the fifth is the last. 0 is Sunday."""
    days = [dt.datetime(year, month, 1) + dt.timedelta(days=rank) for rank in range(31)]  # noqa: DTZ001 (local)
    same = [date for date in days if date.month == month and date.isoweekday() % 7 == day]
    return same[-1] if week == 5 else same[week - 1]


def _observance(kind: str, name: str, offsets: tuple[str, str], start: str, rule: str) -> list[str]:
    lines = [f"BEGIN:{kind}", f"DTSTART:{start}", f"TZOFFSETFROM:{offsets[0]}", f"TZOFFSETTO:{offsets[1]}"]
    return [*lines, *([f"RRULE:{rule}"] if rule else []), f"TZNAME:{name}", f"END:{kind}"]


def _offset(zone: zoneinfo.ZoneInfo, instant: dt.datetime) -> str:
    """``+0100`` (RFC 5545 §3.3.14)."""
    return f"{instant.astimezone(zone):%z}"


def _posix_rule(name: str) -> str:
    for folder in zoneinfo.TZPATH:
        path = Path(folder, name)
        if path.is_file():
            return path.read_bytes().rstrip(b"\n").rpartition(b"\n")[2].decode()
    data = importlib.resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    return data.rstrip(b"\n").rpartition(b"\n")[2].decode()
