"""When somebody is busy, from what other programs write; and what must not hang, grow or fall."""

import datetime as dt
import json
import sys
import time
import zoneinfo
from pathlib import Path

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.events import Event, Mailbox, Status
from calendars.expansion import OCCURRENCES_MAX, TooManyOccurrencesError, _spans, busy_intervals
from calendars.reading import read_busy
from calendars.sieve import EVENTS_MAX, SIZE_MAX, RefusedCalendarError, sift
from calendars.writing import write_feed

HERE = Path(__file__).parent
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
AUTUMN = (
    int(dt.datetime(2026, 10, 1, tzinfo=dt.UTC).timestamp()),
    int(dt.datetime(2026, 12, 1, tzinfo=dt.UTC).timestamp()),
)

# In UTC, both sides of the change of time of 25 October.
BUSY = {
    "apple.ics": ["1024 2000 1024 2100", "1025 2100 1025 2200", "1026 2100 1026 2200"],
    "google.ics": [
        "1005 0700 1005 0800",
        "1019 0700 1019 0800",
        "1027 1300 1027 1400",
        "1102 0800 1102 0900",
        "1109 0800 1109 0900",
    ],
    "hospital_rota.ics": ["1024 1800 1025 0700", "1027 0600 1027 1800"],
    "nextcloud.ics": ["1006 0600 1006 0730", "1008 2200 1010 2200", "1103 0700 1103 0830"],
    "outlook.ics": ["1023 0630 1023 0800", "1024 0630 1024 0800", "1025 0730 1025 0900", "1026 0730 1026 0900"],
    "thunderbird.ics": ["1024 1800 1025 0700", "1027 0600 1027 1800"],
}
REFUSED = {
    "each_second_of_a_day.ics": "sub_daily",
    "empty.ics": "not_a_calendar",
    "every_hour_folded.ics": "sub_daily",
    "every_minute.ics": "sub_daily",
    "every_second.ics": "sub_daily",
    "from_1970_to_9999.ics": "not_a_calendar",
    "many_dailies.ics": "too_heavy",
    "not_a_calendar.ics": "not_a_calendar",
    "own_zone_every_second.ics": "sub_daily",
    "thirtieth_of_february.ics": "too_heavy",
    "unclosed.ics": "not_a_calendar",
    "year_one.ics": "too_old",
    "zero_interval.ics": "too_heavy",
}
HARMLESS = ("bad_rule.ics", "many_dates.ics", "no_such_day.ics")


def shown(busy: list[tuple[int, int]]) -> list[str]:
    return [" ".join(f"{dt.datetime.fromtimestamp(at, dt.UTC):%m%d %H%M}" for at in interval) for interval in busy]


@pytest.mark.parametrize("name", BUSY)
def test_each_kind_of_program_is_read_right(name: str) -> None:
    data = (HERE / "corpus" / name).read_bytes()
    assert shown(read_busy(data, window=AUTUMN, zone="Europe/Paris")) == BUSY[name]


def test_every_file_of_the_corpus_is_expected_somewhere() -> None:
    assert {path.name for path in (HERE / "corpus").iterdir()} == set(BUSY)
    assert {path.name for path in (HERE / "hostile").iterdir()} == {*REFUSED, *HARMLESS}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_time(name: str) -> None:
    started = time.monotonic()
    with pytest.raises(RefusedCalendarError) as refusal:
        read_busy((HERE / "hostile" / name).read_bytes(), window=AUTUMN, zone="Europe/Paris")
    assert refusal.value.code == REFUSED[name]
    assert time.monotonic() - started < 30, "two seconds of processor, on however crowded a machine"


@pytest.mark.parametrize("name", HARMLESS)
def test_an_event_without_sense_takes_no_time(name: str) -> None:
    data = (HERE / "hostile" / name).read_bytes()
    assert read_busy(data, window=AUTUMN, zone="Europe/Paris") == [] or name == "many_dates.ics"


def test_nothing_but_time_passes_the_sieve() -> None:
    sifted = sift((HERE / "corpus" / "google.ics").read_bytes())
    assert "Patiente" not in sifted
    assert "SUMMARY" not in sifted
    assert "weekly@google.com" in sifted


def test_titles_never_reach_the_process_that_expands(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    spy = f"import sys; open({str(heard)!r}, 'w').write(sys.stdin.read()); print('{{\"busy\": []}}')"
    read_busy(
        (HERE / "corpus" / "google.ics").read_bytes(),
        window=AUTUMN,
        zone="Europe/Paris",
        command=(sys.executable, "-c", spy),
    )
    assert "BEGIN:VEVENT" in json.loads(heard.read_text())["source"]
    assert "Patiente" not in heard.read_text()


@pytest.mark.parametrize(
    "program",
    ["while True: pass", "bytearray(10**9)", "raise SystemExit(3)"],
)
def test_a_process_that_loops_grows_or_falls_is_a_refusal(program: str) -> None:
    limited = f"from calendars.expansion import limit_process; limit_process()\n{program}"
    with pytest.raises(RefusedCalendarError, match="too_heavy"):
        read_busy(
            b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", window=AUTUMN, zone="UTC", command=(sys.executable, "-c", limited)
        )


def test_a_process_that_sleeps_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calendars.reading.WALL_SECONDS", 0.2)
    with pytest.raises(RefusedCalendarError, match="too_heavy"):
        read_busy(
            b"BEGIN:VCALENDAR\r\nEND:VCALENDAR",
            window=AUTUMN,
            zone="UTC",
            command=(sys.executable, "-c", "import time; time.sleep(60)"),
        )


def test_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(RefusedCalendarError, match="too_big"):
        sift(b"BEGIN:VCALENDAR\r\n" + b"x" * SIZE_MAX)
    with pytest.raises(RefusedCalendarError, match="too_many_events"):
        sift(b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * (EVENTS_MAX + 1) + b"END:VCALENDAR\r\n")


def test_too_many_occurrences_are_refused() -> None:
    event = icalendar.Event.from_ical("BEGIN:VEVENT\r\nDTSTART:20261001T080000Z\r\nEND:VEVENT\r\n")
    with pytest.raises(TooManyOccurrencesError):
        list(_spans([event] * (OCCURRENCES_MAX + 1), PARIS))


def test_a_cancelled_event_takes_no_time() -> None:
    event = Event(
        uid="1@here.example",
        sequence=0,
        starts_at=dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC),
        ends_at=dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC),
        zone="Europe/Paris",
        status=Status.CONFIRMED,
        title="Séance",
        organizer=Mailbox("Tandem", "tandem@here.example"),
        created_at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
        changed_at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
    )
    source = write_feed(name="Tandem", events=[event])
    assert shown(busy_intervals(sift(source), AUTUMN, PARIS)) == ["1025 0030 1025 0130"]
    assert busy_intervals(sift(source.replace(b"STATUS:CONFIRMED", b"STATUS:CANCELLED")), AUTUMN, PARIS) == []


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400)
    | st.text(max_size=400).map(lambda text: f"BEGIN:VCALENDAR\n{text}".encode("utf-8", "replace"))
)
def test_any_octets_are_sifted_or_refused(data: bytes) -> None:
    try:
        sifted = sift(data)
    except RefusedCalendarError:
        return
    assert sifted.startswith("BEGIN:VCALENDAR\r\n")
