"""What we write reads the same everywhere: times on both sides of a change, names with anything in them."""

import dataclasses
import datetime as dt
import re
import zoneinfo
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.events import Answer, Event, Guest, Mailbox, Status
from calendars.writing import Method, write_cancellation, write_feed, write_invitation
from calendars.zones import lines_of_zone

ZONES = (
    "Europe/Paris",
    "America/Cayenne",
    "America/Guadeloupe",
    "America/Marigot",
    "America/Martinique",
    "America/Miquelon",
    "America/St_Barthelemy",
    "Indian/Mayotte",
    "Indian/Reunion",
    "Pacific/Marquesas",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
)
# Rules that no yearly RRULE of one weekday says: told in UTC.
TOLD_IN_UTC = "America/Nuuk"
MADE = dt.datetime(2026, 10, 1, 8, tzinfo=dt.UTC)
GUEST = Guest(Mailbox("Alix Fictive", "alix@exemple.example"), Answer.ACCEPTED)


def make_event(**fields: Any) -> Event:
    start = fields.pop("starts_at", dt.datetime(2026, 12, 3, 11, 30, tzinfo=dt.UTC))
    event = Event(
        uid="session-1@tandem.example",
        sequence=2,
        starts_at=start,
        ends_at=start + dt.timedelta(minutes=45),
        zone="Europe/Paris",
        status=Status.CONFIRMED,
        title="Séance Tandem",
        organizer=Mailbox("Tandem", "bonjour@tandem.example"),
        created_at=MADE,
        changed_at=MADE,
        alarm=dt.timedelta(minutes=30),
    )
    return dataclasses.replace(event, **fields)


def read(data: bytes) -> Any:
    """The only event of a calendar."""
    (event,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    return event


def lines(data: bytes) -> list[str]:
    return re.sub(r"\r\n ", "", data.decode()).split("\r\n")


def test_a_feed_says_what_programs_look_for() -> None:
    written = lines(write_feed(name="Tandem", events=[make_event(location="Cabinet, salle 2")]))
    assert {
        "METHOD:PUBLISH",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-WR-CALNAME:Tandem",
        "SEQUENCE:2",
        "DTSTAMP:20261001T080000Z",
        "LAST-MODIFIED:20261001T080000Z",
        "DTSTART;TZID=Europe/Paris:20261203T123000",
        "STATUS:CONFIRMED",
        'ORGANIZER;CN="Tandem":mailto:bonjour@tandem.example',
        "LOCATION:Cabinet\\, salle 2",
        "TRIGGER:-PT30M",
    } <= set(written)


def test_nobody_attends_in_a_feed_and_the_calendar_has_no_identity() -> None:
    written = lines(write_feed(name="Tandem", events=[make_event()]))
    assert [line for line in written if line.startswith(("ATTENDEE", "UID"))] == ["UID:session-1@tandem.example"]


def test_an_empty_feed_is_a_calendar() -> None:
    assert icalendar.Calendar.from_ical(write_feed(name="Tandem", events=[])).walk("VEVENT") == []


@pytest.mark.parametrize(("write", "method"), [(write_invitation, Method.REQUEST), (write_cancellation, Method.CANCEL)])
def test_a_mail_names_its_guest_alone(write: Any, method: Method) -> None:
    written = lines(write(event=make_event(), guest=GUEST))
    assert f"METHOD:{method}" in written
    (attendee,) = (line for line in written if line.startswith("ATTENDEE"))
    assert attendee.startswith("ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE;")
    assert attendee.endswith(';CN="Alix Fictive":mailto:alix@exemple.example')


def test_nothing_rings_for_what_is_cancelled() -> None:
    assert b"VALARM" not in write_cancellation(event=make_event(status=Status.CANCELLED), guest=GUEST)


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("https://visio.example/a", "CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:https://visio.example/a"),
        ("tel:0199000007", "CONFERENCE;VALUE=URI;FEATURE=AUDIO:tel:0199000007"),
    ],
)
def test_a_meeting_at_a_distance_says_how(address: str, line: str) -> None:
    assert line in lines(write_feed(name="Tandem", events=[make_event(conference=address)]))


@pytest.mark.parametrize("hour", [0, 1])
def test_the_hour_that_exists_twice_is_told_apart(hour: int) -> None:
    """02:30 in Paris on 25 October: at 00:30 and at 01:30 UTC (RFC 5545 §3.3.5 lets local time say the first only)."""
    start = dt.datetime(2026, 10, 25, hour, 30, tzinfo=dt.UTC)
    assert read(write_feed(name="x", events=[make_event(starts_at=start)])).start == start


def test_zones_are_rules_not_lists() -> None:
    for name in ZONES:
        written = lines_of_zone(name)
        assert not [line for line in written if line.startswith("RDATE")]
        assert len([line for line in written if line.startswith("RRULE")]) in {0, 2}
    assert lines_of_zone(TOLD_IN_UTC) == ()


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([*ZONES, TOLD_IN_UTC]),
    st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2029, 12, 31)),  # noqa: DTZ001 (made UTC below)
)
def test_every_time_comes_back(zone: str, naive: dt.datetime) -> None:
    """Read with nothing but the components that are in the file: the reader is told another name for the zone."""
    start = naive.replace(second=0, microsecond=0, tzinfo=dt.UTC)
    data = write_feed(name="x", events=[make_event(starts_at=start, zone=zone)])
    event = read(data.replace(zone.encode(), f"Own-{zone.replace('/', '-')}".encode()))
    assert (event.start.astimezone(dt.UTC), event.end - event.start) == (start, dt.timedelta(minutes=45))


def test_every_zone_can_be_told() -> None:
    """A network may choose any."""
    for name in sorted(zoneinfo.available_timezones()):
        event = read(write_feed(name="x", events=[make_event(zone=name)]))
        assert event.start.astimezone(dt.UTC) == dt.datetime(2026, 12, 3, 11, 30, tzinfo=dt.UTC)


ANYTHING = st.text(st.characters(), max_size=120)


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(dict.fromkeys(("title", "description", "location", "conference", "url"), ANYTHING)), ANYTHING
)
def test_no_text_breaks_the_file(fields: dict[str, str], name: str) -> None:
    """Whatever people write, the file has the lines of a file where they wrote nothing special."""
    guest = Guest(Mailbox(name, f"{name}@exemple.example"), Answer.AWAITED)
    data = write_invitation(event=make_event(**fields), guest=guest)
    plain = {key: "x" if value else "" for key, value in fields.items()}
    model = write_invitation(event=make_event(**plain), guest=GUEST)

    def names(written: bytes) -> list[str]:
        return [re.split("[;:]", line)[0] for line in lines(written)]

    assert names(data) == names(model)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]", data.decode())
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert b"\n" not in data.replace(b"\r\n", b"")
    event = read(data)
    assert str(event["ATTENDEE"]).startswith("mailto:")


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200))
def test_text_that_can_be_printed_comes_back_whole(title: str) -> None:
    event = read(write_feed(name="x", events=[make_event(title=title)]))
    assert str(event.get("SUMMARY", "")) == title
