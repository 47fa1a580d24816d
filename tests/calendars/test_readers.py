"""Other people's programs read our calendars, and agree with us on every start, end and status.

``tests/run.sh`` installs them and says where: ``TANDEM_READERS`` holds ``node_modules`` and ``libical``, the little
program of ``readers/read.c``; khal and vdirsyncer are Debian's. Without them these tests are left out.
"""

import dataclasses
import datetime as dt
import json
import os
import random
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from calendars.events import Answer, Event, Guest, Mailbox, Status
from calendars.writing import write_cancellation, write_feed, write_invitation
from tests.calendars.test_writing import ZONES, make_event

pytestmark = pytest.mark.full

FOLDER = Path(os.environ.get("TANDEM_READERS", "/nonexistent"))
SCRIPT = Path(__file__).parent / "readers" / "read.mjs"
GUEST = Guest(Mailbox("Alix Fictive", "alix@exemple.example"), Answer.AWAITED)
# Both changes of time of Paris, and those of Saint-Pierre-et-Miquelon.
FIRST, DAYS = dt.datetime(2026, 10, 20, tzinfo=dt.UTC), 170

# Start, end and status by identity.
type Seen = dict[str, tuple[int, int, str]]


def seen_by_us(events: Sequence[Event]) -> Seen:
    return {
        event.uid: (int(event.starts_at.timestamp()), int(event.ends_at.timestamp()), str(event.status))
        for event in events
    }


def read_with(command: Sequence[str | Path], data: bytes, folder: Path) -> Seen:
    file = folder / "calendar.ics"
    file.write_bytes(data)
    done = subprocess.run([*command, file], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    seen = {row["uid"]: (row["start"], row["end"], row["status"]) for row in rows}
    assert len(seen) == len(rows), "each event once"
    return seen


READERS: dict[str, list[str | Path]] = {
    "ical.js": ["node", SCRIPT, FOLDER, "ical.js"],
    "node-ical": ["node", SCRIPT, FOLDER, "node-ical"],
    "libical": [FOLDER / "libical"],
}


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[bytes], Seen]:
    name: str = request.param
    there = FOLDER / "libical" if name == "libical" else FOLDER / "node_modules" / name
    if not there.exists():
        pytest.skip(f"{name} is not installed")
    return lambda data: read_with(READERS[name], data, tmp_path)


def random_events() -> list[Event]:
    """500 sessions over all zones of the French networks, on quarters of an hour; and the hour that exists twice."""
    draw = random.Random(20261025)
    twice = [dt.datetime(2026, 10, 25, hour, minute, tzinfo=dt.UTC) for hour in (0, 1) for minute in (0, 15, 30, 45)]
    starts = [FIRST + dt.timedelta(minutes=15 * draw.randrange(DAYS * 96)) for _ in range(500 - len(twice))]
    zones = ["Europe/Paris"] * len(twice) + [ZONES[rank % len(ZONES)] for rank in range(len(starts))]
    return [
        make_event(
            uid=f"session-{rank}@tandem.example",
            starts_at=start,
            zone=zone,
            status=draw.choice([Status.TENTATIVE, Status.CONFIRMED]),
            title=f"Séance {rank} : échanger, à plusieurs; « virgules » et accents",
            location="Cabinet, 1 rue de l’Église",
            conference="https://visio.exemple.example/salle",
            url=f"https://tandem.example/seances/{rank}/",
            description="Une ligne,\nune autre ; " * 10,
        )
        for rank, (start, zone) in enumerate(zip([*twice, *starts], zones, strict=True))
    ]


def life() -> list[Event]:
    """One session: made, moved three times, over both changes of time, and cancelled."""
    start = dt.datetime(2026, 10, 23, 11, tzinfo=dt.UTC)
    moves = [start, start + dt.timedelta(days=2), start + dt.timedelta(days=3), start + dt.timedelta(days=160)]
    events = [make_event(starts_at=moment, sequence=rank) for rank, moment in enumerate(moves, start=1)]
    return [*events, dataclasses.replace(events[-1], sequence=5, status=Status.CANCELLED)]


def test_every_program_agrees_on_a_feed(reader: Callable[[bytes], Seen]) -> None:
    events = random_events()
    assert reader(write_feed(name="Tandem", events=events)) == seen_by_us(events)


def test_every_program_agrees_on_invitations(reader: Callable[[bytes], Seen]) -> None:
    for event in random_events()[:12]:
        assert reader(write_invitation(event=event, guest=GUEST)) == seen_by_us([event])


def test_a_session_moves_and_disappears(reader: Callable[[bytes], Seen]) -> None:
    """In the feed it is one event that moves, then none; by mail one identity, and a sequence that rises."""
    *standing, fallen = life()
    for event in standing:
        for data in (write_feed(name="Tandem", events=[event]), write_invitation(event=event, guest=GUEST)):
            assert reader(data) == seen_by_us([event])
    assert reader(write_feed(name="Tandem", events=[])) == {}
    assert reader(write_cancellation(event=fallen, guest=GUEST)) == seen_by_us([fallen])


# khal, which reads what vdirsyncer fetches


@pytest.fixture
def feed() -> Iterator[Any]:
    """A server of one feed: ``feed.data`` is what it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/calendar; charset=utf-8")
            self.end_headers()
            self.wfile.write(httpd.data)  # type: ignore[attr-defined]

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield httpd
        httpd.shutdown()


class Khal:
    """A home of its own, in UTC, that follows one feed.

    vdirsyncer gives what it fetches from the web an identity of its own: sessions are known by their titles.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        (folder / "vdirsyncer").write_text(
            f'[general]\nstatus_path = "{folder}/status/"\n'
            f'[pair p]\na = "here"\nb = "there"\ncollections = null\nconflict_resolution = "b wins"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{folder}/events/"\nfileext = ".ics"\n'
            f'[storage there]\ntype = "http"\nurl = "http://127.0.0.1:{port}/feed.ics"\n'
        )
        (folder / "khal").write_text(
            f"[calendars]\n[[c]]\npath = {folder}/events/\n[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n"
            f"longdatetimeformat = %Y-%m-%d %H:%M\n[sqlite]\npath = {folder}/khal.db\n[default]\n"
        )
        self._run("vdirsyncer", "-c", folder / "vdirsyncer", "discover")

    def sync(self) -> None:
        self._run("vdirsyncer", "-c", self.folder / "vdirsyncer", "sync", "--force-delete")

    def seen(self) -> Seen:
        line = "{title}|{start-long-full}|{end-long-full}|{status}"
        out = self._run(
            *("khal", "-c", self.folder / "khal", "list", "--format", line, "--day-format", "", "--notstarted"),
            *("--once", "2026-10-01", "365d"),
        )
        rows = [row.split("|") for row in out.splitlines() if "|" in row]
        return {title: (_second(start), _second(end), status.strip()) for title, start, end, status in rows}

    def _run(self, *command: str | Path) -> str:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=120, input="y\n", env=self._environment
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}


def by_title(events: Sequence[Event]) -> Seen:
    seen = seen_by_us(events)
    return {event.title: seen[event.uid] for event in events}


def _second(text: str) -> int:
    return int(dt.datetime.strptime(text.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=dt.UTC).timestamp())


@pytest.fixture
def khal(tmp_path: Path, feed: Any) -> Khal:
    if not (shutil.which("khal") and shutil.which("vdirsyncer")):
        pytest.skip("khal and vdirsyncer are not installed")
    feed.data = write_feed(name="Tandem", events=[])
    return Khal(tmp_path, feed.server_address[1])


def test_khal_agrees_on_a_feed(khal: Khal, feed: Any) -> None:
    events = random_events()
    feed.data = write_feed(name="Tandem", events=events)
    khal.sync()
    assert khal.seen() == by_title(events)


def test_a_session_moves_and_disappears_in_khal(khal: Khal, feed: Any) -> None:
    """Beside another, which stays: the end of one is not the end of the feed."""
    other = make_event(uid="other@tandem.example", title="Autre séance")
    for event in life()[:-1]:
        feed.data = write_feed(name="Tandem", events=[event, other])
        khal.sync()
        assert khal.seen() == by_title([event, other])
    feed.data = write_feed(name="Tandem", events=[other])
    khal.sync()
    assert khal.seen() == by_title([other])
