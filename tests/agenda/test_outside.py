"""Calendars kept elsewhere: busy time and nothing else, refreshed in time, the last good reading kept."""

import datetime as dt
import ipaddress
import threading
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from backend.accounts.models import Person
from backend.agenda.domain.availability import Period, find_free_intervals
from backend.agenda.domain.fetching import Guard
from backend.agenda.domain.outside import (
    COUNT_MAX,
    EVERY,
    LEASE,
    PAUSES,
    REASONS,
    add_address,
    add_file,
    ask_refresh,
    describe_error,
    refresh_due,
    remove_outside,
)
from backend.agenda.enums import OutsideKind
from backend.agenda.models import OutsideBusy, OutsideCalendar
from backend.agenda.tasks import refresh_outside_calendars
from backend.common.clock import told_at
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.networks.enums import HolidayCalendar
from backend.networks.models import Network
from tests.support.factories import PersonFactory, WeeklyWindowFactory

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 10, 20, 8, tzinfo=dt.UTC)
CORPUS = Path(__file__).parent.parent / "calendars" / "corpus"
HOSTILE = CORPUS.parent / "hostile"
ROTA = ["1024 1800 1025 0700", "1027 0600 1027 1800"]
ADDRESS = "https://agenda.exemple.example/alix/prive.ics"


@dataclass
class Provider:
    """Where a calendar is published; ``guard`` leads every name to it."""

    port: int = 0
    status: int = 200
    body: bytes = b""
    asked: int = 0

    @property
    def guard(self) -> Guard:
        here = ipaddress.ip_address("127.0.0.1")
        return Guard(
            schemes=frozenset({"http"}),
            ports=None,
            allows=lambda address: address == here,
            resolve=lambda *_, **__: [(0, 0, 0, "", ("127.0.0.1", self.port))],
        )


@pytest.fixture
def provider() -> Iterator[Provider]:
    state = Provider(body=(CORPUS / "hospital_rota.ics").read_bytes())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            self.send_response(state.status)
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        state.port = httpd.server_port
        threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield state
        httpd.shutdown()


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with told_at(NOW):
        yield


@pytest.fixture
def person() -> Person:
    found: Person = PersonFactory.create()
    return found


@pytest.fixture
def followed(person: Person, provider: Provider) -> OutsideCalendar:
    """A calendar that the provider publishes, not read yet."""
    calendar = add_address(person=person, url=ADDRESS)
    calendar.url = f"http://agenda.exemple.example:{provider.port}/prive.ics"
    calendar.save()
    return calendar


def busy_of(person: Person) -> list[str]:
    rows = OutsideBusy.objects.filter(calendar__person=person).order_by("starts_at")
    return [f"{row.starts_at:%m%d %H%M} {row.ends_at:%m%d %H%M}" for row in rows]


def test_an_address_is_read_by_a_job(person: Person, followed: OutsideCalendar, provider: Provider) -> None:
    assert (provider.asked, busy_of(person)) == (0, [])
    assert refresh_due(guard=provider.guard) == 1
    followed.refresh_from_db()
    assert (followed.refreshed_at, followed.error, followed.due_at) == (NOW, "", NOW + EVERY)
    assert busy_of(person) == ROTA
    assert refresh_due(guard=provider.guard) == 0, "not due yet"


def test_another_reading_replaces_the_one_before(person: Person, followed: OutsideCalendar, provider: Provider) -> None:
    refresh_due(guard=provider.guard)
    provider.body = provider.body.replace(b"20261027", b"20261028")
    with told_at(NOW + EVERY):
        assert refresh_due(guard=provider.guard) == 1
    assert busy_of(person) == [ROTA[0], "1028 0600 1028 1800"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((404, b""), "status_404"),
        ((500, b""), "status_500"),
        ((200, b"<html>"), "not_a_calendar"),
        ((200, (HOSTILE / "every_second.ics").read_bytes()), "sub_daily"),
    ],
)
def test_a_bad_reading_keeps_the_last_good_one(
    person: Person, followed: OutsideCalendar, provider: Provider, answer: tuple[int, bytes], code: str
) -> None:
    refresh_due(guard=provider.guard)
    provider.status, provider.body = answer
    with told_at(NOW + EVERY):
        assert refresh_due(guard=provider.guard) == 0
    followed.refresh_from_db()
    assert (followed.refreshed_at, followed.error) == (NOW, code)
    assert busy_of(person) == ROTA


def test_failures_wait_longer_and_longer_and_a_success_forgets_them(
    followed: OutsideCalendar, provider: Provider
) -> None:
    provider.status = 503
    instant = NOW
    for failures, pause in enumerate([*PAUSES, PAUSES[-1]], start=1):
        with told_at(instant):
            refresh_due(guard=provider.guard)
        followed.refresh_from_db()
        assert (followed.failures, followed.due_at) == (failures, instant + pause)
        instant += pause
    provider.status = 200
    with told_at(instant):
        refresh_due(guard=provider.guard)
    followed.refresh_from_db()
    assert (followed.failures, followed.error, followed.due_at) == (0, "", instant + EVERY)


def test_two_jobs_at_once_read_once(followed: OutsideCalendar, provider: Provider) -> None:
    """The second comes while the first one reads: the calendar is not due for it."""
    inner: list[int] = []
    body = provider.guard

    def resolve_slowly(*arguments: Any, **options: Any) -> list[Any]:
        inner.append(refresh_due(guard=body))
        return body.resolve(*arguments, **options)

    outer = refresh_due(guard=Guard(body.schemes, body.ports, body.allows, resolve=resolve_slowly))
    assert (outer, inner, provider.asked) == (1, [0], 1)


def test_a_reader_that_died_is_followed_by_another(followed: OutsideCalendar, provider: Provider) -> None:
    def die(*_: Any, **__: Any) -> list[Any]:
        raise SystemExit

    with pytest.raises(SystemExit):
        refresh_due(guard=Guard(frozenset({"http"}), None, resolve=die))
    assert refresh_due(guard=provider.guard) == 0
    with told_at(NOW + LEASE):
        assert refresh_due(guard=provider.guard) == 1


def test_a_calendar_removed_while_it_is_read_leaves_nothing(
    person: Person, followed: OutsideCalendar, provider: Provider
) -> None:
    guard = provider.guard

    def remove(*arguments: Any, **options: Any) -> list[Any]:
        remove_outside(person=person, calendar_id=followed.pk)
        return guard.resolve(*arguments, **options)

    assert refresh_due(guard=Guard(guard.schemes, guard.ports, guard.allows, resolve=remove)) == 0
    assert busy_of(person) == []


def test_the_task_reads_under_guard(person: Person) -> None:
    """Whatever is in the table: the address was good when it was written, or somebody wrote it by hand."""
    OutsideCalendar.objects.create(person=person, kind=OutsideKind.ADDRESS, name="x", url="https://127.0.0.1/")
    refresh_outside_calendars.call()
    assert OutsideCalendar.objects.get().error == "forbidden_address"


def test_a_file_is_read_at_once_and_not_kept(person: Person) -> None:
    calendar = add_file(person=person, data=(CORPUS / "google.ics").read_bytes(), name="")
    assert (calendar.kind, calendar.name, calendar.refreshed_at, calendar.due_at) == ("file", "Fichier", NOW, None)
    assert busy_of(person) == ["1027 1300 1027 1400", "1102 0800 1102 0900", "1109 0800 1109 0900"]
    with pytest.raises(ConflictError):
        ask_refresh(person=person, calendar_id=calendar.pk)


@pytest.mark.parametrize(("data", "code"), [(b"", "not_a_calendar"), (b"x" * 1_000_001, "too_big")])
def test_a_file_that_is_no_calendar_leaves_nothing(person: Person, data: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        add_file(person=person, data=data, name="Planning")
    assert (refusal.value.code, refusal.value.fields) == (code, {"file": [REASONS[code]]})
    assert not OutsideCalendar.objects.exists()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://exemple.example/a.ics", "not_https"),
        ("https://", "bad_address"),
        ("https://alix:secret@exemple.example/", "bad_address"),
        ("https://exemple.example:22/", "forbidden_address"),
        (f"https://exemple.example/{'x' * 1000}", "bad_address"),
    ],
)
def test_an_address_that_can_never_be_read_is_refused(person: Person, url: str, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        add_address(person=person, url=url)
    assert (refusal.value.code, refusal.value.fields) == (code, {"url": [REASONS[code]]})


def test_the_same_address_again_is_the_one_there(person: Person) -> None:
    first = add_address(person=person, url=ADDRESS)
    assert add_address(person=person, url=ADDRESS.replace("https", "webcal")) == first
    assert first.name == "agenda.exemple.example", "the host, not the secret path"


def test_there_is_an_end_to_how_many(person: Person) -> None:
    for rank in range(COUNT_MAX):
        add_address(person=person, url=f"{ADDRESS}?{rank}")
    with pytest.raises(DomainError, match="20 calendriers"):
        add_address(person=person, url=ADDRESS)


def test_a_name_holds_no_patient_number(person: Person) -> None:
    with pytest.raises(DomainError):
        add_address(person=person, url=ADDRESS, name="1 85 05 78 006 084 91")


def test_another_person_touches_nothing(person: Person, followed: OutsideCalendar) -> None:
    stranger = PersonFactory.create()
    with pytest.raises(NotFoundError):
        remove_outside(person=stranger, calendar_id=followed.pk)
    with pytest.raises(NotFoundError):
        ask_refresh(person=stranger, calendar_id=followed.pk)
    assert OutsideCalendar.objects.filter(pk=followed.pk).exists()


def test_asking_again_waits_for_a_while(person: Person, followed: OutsideCalendar, provider: Provider) -> None:
    """Pressing is no way to make us ask a stranger's server all day."""
    refresh_due(guard=provider.guard)
    ask_refresh(person=person, calendar_id=followed.pk)
    assert refresh_due(guard=provider.guard) == 0
    later = NOW + LEASE + dt.timedelta(seconds=1)
    with told_at(later):
        ask_refresh(person=person, calendar_id=followed.pk)
        assert refresh_due(guard=provider.guard) == 1


@pytest.mark.usefixtures("followed")
def test_the_engine_sees_free_time_less_busy_time(person: Person, provider: Provider) -> None:
    """Tuesday 27 October: on duty from 7 to 19, free at noon and at 19 by the week; only the evening is left."""
    nobody_else = PersonFactory.create()
    for somebody in (person, nobody_else):
        for starts in (12, 19):
            WeeklyWindowFactory.create(person=somebody, weekday=1, starts=dt.time(starts), ends=dt.time(starts + 1))
    refresh_due(guard=provider.guard)
    period = Period(dt.date(2026, 10, 26), 1, zoneinfo.ZoneInfo("Europe/Paris"))
    free = find_free_intervals(
        people=[person.pk, nobody_else.pk], period=period, network=Network(pk=0, holiday_calendar=HolidayCalendar.NONE)
    )
    assert free == {person.pk: [(172, 176)], nobody_else.pk: [(144, 148), (172, 176)]}


def test_every_reason_has_words() -> None:
    assert describe_error("") == ""
    assert describe_error("status_503") == "Le calendrier n’a pas pu être lu."
    assert all(describe_error(code).endswith(".") for code in REASONS)
