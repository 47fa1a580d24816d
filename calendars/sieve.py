"""Keeps of a stranger's calendar only what says when: titles, places and people are gone before anything reads it."""

import re
from collections.abc import Iterator

SIZE_MAX = 1_000_000
EVENTS_MAX = 5_000
LINE_MAX = 20_000

# What places an event in time, or says that it takes none (RFC 5545 §3.8.2, §3.8.4.4, §3.8.5; [MS-OXCICAL]).
KEPT = frozenset(
    [
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
        "UID",
        "SEQUENCE",
        "STATUS",
        "TRANSP",
        "TZID",
        "TZOFFSETFROM",
        "TZOFFSETTO",
        "X-WR-TIMEZONE",
        "X-MICROSOFT-CDO-BUSYSTATUS",
    ]
)
COMPONENTS = frozenset({"VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"})
SUB_DAILY = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)", re.IGNORECASE)
# Outlook's zones begin in 1601, Apple's birthdays without a year in 1604.
TOO_OLD = re.compile(r":(0\d|1[0-5])\d{6}")
SUB_DAILY_PARTS = re.compile(r"BY(SECOND|MINUTE|HOUR)=", re.IGNORECASE)


class RefusedCalendarError(Exception):
    """A calendar that is not read. ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sift(data: bytes) -> str:
    """The lines that say when, unfolded; raises ``RefusedCalendarError`` for what is no calendar or too much."""
    if len(data) > SIZE_MAX:
        raise RefusedCalendarError("too_big")
    source = data.decode("utf-8-sig", errors="replace")
    # Unfolding (RFC 5545 §3.1); some programs end lines with a lone LF, or a lone CR.
    lines = re.sub(r"(\r\n|\n|\r)[ \t]", "", source)
    kept = list(_keep(re.split(r"\r\n|\n|\r", lines)))
    if not kept or kept[0] != "BEGIN:VCALENDAR":
        raise RefusedCalendarError("not_a_calendar")
    if kept.count("BEGIN:VEVENT") > EVENTS_MAX:
        raise RefusedCalendarError("too_many_events")
    return "\r\n".join([*kept, ""])


def _keep(lines: list[str]) -> Iterator[str]:
    """Known components whole, others with all that they hold left out."""
    unknown = 0
    for line in lines:
        word = re.split("[;:]", line, maxsplit=1)[0].upper().strip()
        component = line.partition(":")[2].strip().upper()
        if word in {"BEGIN", "END"}:
            if unknown or component not in COMPONENTS:
                unknown = max(unknown + (1 if word == "BEGIN" else -1), 0)
                continue
            yield f"{word}:{component}"
        elif not unknown and word in KEPT and len(line) <= LINE_MAX:
            _refuse_endless(word, line)
            yield line


def _refuse_endless(word: str, line: str) -> None:
    """No meeting comes every second: such rules only make readers count (a file of 700 octets, ten seconds)."""
    if word == "RRULE" and (SUB_DAILY.search(line) or len(SUB_DAILY_PARTS.findall(line)) > 1):
        raise RefusedCalendarError("sub_daily")
    if word == "DTSTART" and TOO_OLD.search(line):
        raise RefusedCalendarError("too_old")
