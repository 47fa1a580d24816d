"""One VEVENT, and the calendars that hold some: a feed, an invitation, its cancellation."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Sequence
from enum import StrEnum

from calendars.events import Event, Guest, Mailbox, Status
from calendars.lines import quoted, text, uri, write
from calendars.zones import lines_of_zone, lines_of_zones

PRODUCT = "-//Tandem//Tandem//FR"
REFRESH = "PT1H"


class Method(StrEnum):
    """RFC 5546 §1.4."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def write_feed(*, name: str, events: Sequence[Event]) -> bytes:
    """A calendar to subscribe to.

    Nobody attends in it: RFC 5546 §3.2.1 forbids ATTENDEE when publishing, and wants an ORGANIZER. The calendar has no
    UID of its own (RFC 7986 §5.3): vdirsyncer would take all its events for one.
    """
    head = [
        f"NAME:{text(name)}",  # RFC 7986 §5.1; what follows is the same for programs that do not know it
        f"X-WR-CALNAME:{text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",  # RFC 7986 §5.7
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    return _write_calendar(Method.PUBLISH, head, [(event, _lines_of_event(event)) for event in events])


def write_invitation(*, event: Event, guest: Guest) -> bytes:
    """``REQUEST``: come, or come at another time (RFC 5546 §3.2.2). The guest is the only one who is named."""
    return _write_calendar(Method.REQUEST, [], [(event, _lines_of_event(event, guest))])


def write_cancellation(*, event: Event, guest: Guest) -> bytes:
    """``CANCEL``: do not come (RFC 5546 §3.2.5)."""
    return _write_calendar(Method.CANCEL, [], [(event, _lines_of_event(event, guest))])


def _write_calendar(method: Method, head: Sequence[str], parts: Iterable[tuple[Event, list[str]]]) -> bytes:
    parts = list(parts)
    zones = {event.zone for event, _ in parts if not _is_told_in_utc(event)}
    return write(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            f"PRODID:{PRODUCT}",
            "CALSCALE:GREGORIAN",
            f"METHOD:{method}",
            *head,
            *lines_of_zones(zones),
            *(line for _, lines in parts for line in lines),
            "END:VCALENDAR",
        ]
    )


def _lines_of_event(event: Event, guest: Guest | None = None) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{text(event.uid)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{_utc(event.changed_at)}",
        f"CREATED:{_utc(event.created_at)}",
        f"LAST-MODIFIED:{_utc(event.changed_at)}",
        f"DTSTART{_moment(event.starts_at, event)}",
        f"DTEND{_moment(event.ends_at, event)}",
        f"STATUS:{event.status}",
        f"SUMMARY:{text(event.title)}",
        f"ORGANIZER;CN={_mailbox(event.organizer)}",
    ]
    if guest is not None:
        lines.append(
            f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={guest.answer};RSVP=FALSE;"
            f"CN={_mailbox(guest.mailbox)}"
        )
    return [*lines, *_lines_of_place(event), *_lines_of_alarm(event), "END:VEVENT"]


def _lines_of_place(event: Event) -> list[str]:
    lines = [
        f"{name}:{text(value)}"
        for name, value in (("DESCRIPTION", event.description), ("LOCATION", event.location))
        if value
    ]
    if event.conference:
        features = "AUDIO" if event.conference.startswith("tel:") else "AUDIO,VIDEO"
        # RFC 7986 §5.11
        lines.append(f"CONFERENCE;VALUE=URI;FEATURE={features}:{uri(event.conference)}")
    if event.url:
        lines.append(f"URL:{uri(event.url)}")
    return lines


def _lines_of_alarm(event: Event) -> list[str]:
    if event.alarm is None or event.status == Status.CANCELLED:
        return []
    minutes = int(event.alarm.total_seconds()) // 60
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"TRIGGER:-PT{minutes}M",
        f"DESCRIPTION:{text(event.title)}",
        "END:VALARM",
    ]


def _mailbox(mailbox: Mailbox) -> str:
    return f"{quoted(mailbox.name)}:mailto:{uri(mailbox.address)}"


def _moment(instant: dt.datetime, event: Event) -> str:
    if _is_told_in_utc(event):
        return f":{_utc(instant)}"
    return f";TZID={event.zone}:{instant.astimezone(zoneinfo.ZoneInfo(event.zone)):%Y%m%dT%H%M%S}"


def _is_told_in_utc(event: Event) -> bool:
    """Whether local time would not say when: a time that a clock change repeats.

    It is its first occurrence (RFC 5545 §3.3.5), but ical.js, node-ical and libical all take the second.
    """
    zone = zoneinfo.ZoneInfo(event.zone)
    moments = (event.starts_at.astimezone(zone), event.ends_at.astimezone(zone))
    return any(map(_is_repeated, moments)) or not lines_of_zone(event.zone)


def _is_repeated(local: dt.datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _utc(instant: dt.datetime) -> str:
    return f"{instant.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
