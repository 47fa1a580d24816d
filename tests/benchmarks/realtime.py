"""How long a message takes to its last receiver, on several ways to run Tandem, one after the other.

    DATABASE_URL=postgres://… REDIS_URL=redis://… python -m tests.benchmarks.realtime --clients 500 --rooms 1 --rate 10

The database must be a fresh one: people, rooms and messages are written to it. Clients run here, beside the servers.
Each layout prints p50, p95 and p99 in milliseconds from the moment a client sends to the moment the last member of the
room has received; what was acknowledged, stored and received; memory and processor time.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from tests.realtime.processes import APPLICATION, Server, environment, serve

BARE = "tests.benchmarks.bare_consumer:application"
# Name, server processes, with Redis, application.
LAYOUTS: dict[str, tuple[int, bool, str]] = {
    "memory": (1, False, APPLICATION),
    "redis-1": (1, True, APPLICATION),
    "redis-2": (2, True, APPLICATION),
    "bare": (1, True, BARE),
}
MISSED = 20
PATIENCE = 60.0


class Client(asyncio.Protocol):
    """The least that speaks the protocol: the machine is for the servers."""

    def __init__(self, meter: "Meter", cookie: str, topic: str) -> None:
        self.meter, self.cookie, self.topic = meter, cookie, topic
        self.numbers: list[int] = []
        self.data = b""
        self.is_open = False

    async def open(self, server: Server) -> None:
        self.data, self.is_open, self.ready = b"", False, asyncio.get_running_loop().create_future()
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", server.port)
        lines = ["GET /ws/v1/ HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Origin: {server.origin}"]
        lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines += ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", f"Cookie: {self.cookie}", "", ""]
        self.transport.write("\r\n".join(lines).encode())
        await self.ready

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(error or ConnectionError("closed"))

    def data_received(self, data: bytes) -> None:
        self.data += data
        if not self.is_open:
            head, separator, rest = self.data.partition(b"\r\n\r\n")
            if not separator:
                return
            assert b" 101 " in head.partition(b"\r\n")[0], head[:200]
            self.data, self.is_open = rest, True
            self.say("subscribe", topic=self.topic, after=self.numbers[-1] if self.numbers else 0)
        self._read_frames()

    def _read_frames(self) -> None:
        at = 0
        while len(self.data) - at >= 2:
            length, head = self.data[at + 1] & 127, 2
            if length == 126:
                length, head = int.from_bytes(self.data[at + 2 : at + 4]), 4
            elif length == 127:
                length, head = int.from_bytes(self.data[at + 2 : at + 10]), 10
            if len(self.data) - at < head + length:
                break
            if self.data[at] & 15 == 1:
                self._hear(json.loads(self.data[at + head : at + head + length]))
            elif self.data[at] & 15 == 9:
                self._write(0x8A, self.data[at + head : at + head + length])
            at += head + length
        self.data = self.data[at:]

    def _hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "message":
            self.numbers.append(frame["number"])
            self.meter.receive(frame["body"])
        elif frame["type"] == "ack":
            self.meter.acknowledged += 1
        elif frame["type"] == "subscribed":
            self.ready.set_result(frame)
        elif frame["type"] in {"error", "closing"}:
            self.meter.refused.append(frame)

    def say(self, kind: str, **fields: Any) -> None:
        self._write(0x81, json.dumps({"type": kind, "ref": "r", **fields}).encode())

    def _write(self, opcode: int, payload: bytes) -> None:
        if self.transport.is_closing():
            return
        size = len(payload)
        head = bytes([opcode, 0x80 | size]) if size < 126 else bytes([opcode, 0xFE]) + size.to_bytes(2)
        # A mask of zeros leaves the text as it is.
        self.transport.write(head + bytes(4) + payload)


@dataclass
class Meter:
    """When each message left, how many received it, and when the last one did."""

    receivers: int
    left: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    acknowledged: int = 0
    received: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)

    def receive(self, body: str) -> None:
        left = self.left.get(body)
        if left is None:
            return
        self.received += 1
        self.counts[body] = self.counts.get(body, 0) + 1
        if self.counts[body] == self.receivers:
            self.delays.append(time.monotonic() - left)

    def is_complete(self, sent: int) -> bool:
        return len(self.delays) >= sent and self.acknowledged >= sent

    def percentile(self, share: float) -> float:
        ranked = sorted(self.delays)
        return 1000 * ranked[min(int(share * len(ranked)), len(ranked) - 1)] if ranked else float("nan")


@dataclass
class Crowd:
    """Rooms of one layout, and the cookies of their members."""

    rooms: list[int]
    cookies: list[str]


def make_crowd(clients: int, rooms: int) -> Crowd:
    """Rows as a network would have; each client is a person of one room."""
    factories = import_module("tests.support.factories")
    conftest = import_module("tests.realtime.conftest")
    person = import_module("backend.accounts.models").Person
    network = factories.NetworkFactory.create(slug=uuid.uuid4().hex)
    names = [uuid.uuid4().hex for _ in range(clients)]
    # Nobody signs in by password here, and making five hundred of them takes longer than what is measured.
    rows = [person(email=f"{n}@exemple.example", first_name="Personne", last_name=n, password="!") for n in names]
    people = person.objects.bulk_create(rows)
    talks = [conftest.open_talk(network, *people[rank::rooms]) for rank in range(rooms)]
    return Crowd([talk.pk for talk in talks], [sign_in(person) for person in people])


def sign_in(person: Any) -> str:
    """The cookie of a session, as signing in makes one."""
    auth, sessions = import_module("django.contrib.auth"), import_module("django.contrib.sessions.backends.db")
    session = sessions.SessionStore()
    session[auth.SESSION_KEY] = str(person.pk)
    session[auth.BACKEND_SESSION_KEY] = import_module("django.conf").settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return f"sessionid={session.session_key}"


def count_stored(rooms: list[int]) -> int:
    models = import_module("backend.conversations.models")
    count: int = models.Message.objects.filter(conversation__in=rooms).count()
    return count


async def open_all(clients: list[Client], servers: list[Server], at_once: int) -> str:
    """Seconds until all have subscribed and caught up; how many were refused, if any."""
    began, places = time.monotonic(), asyncio.Semaphore(at_once)

    async def open_one(rank: int, client: Client) -> None:
        async with places:
            await client.open(servers[rank % len(servers)])

    opened = await asyncio.gather(*map(open_one, range(len(clients)), clients), return_exceptions=True)
    lost = sum(1 for error in opened if error is not None)
    return f"{time.monotonic() - began:.1f} s" + (f", {lost} refused" if lost else "")


async def send_for(clients: list[Client], meter: Meter, rate: float, seconds: float) -> int:
    """Messages of one client after the other, evenly spaced; then wait for the last receivers."""
    began, count = time.monotonic(), int(rate * seconds)
    for rank in range(count):
        await asyncio.sleep(max(0.0, began + rank / rate - time.monotonic()))
        speak(clients[rank % len(clients)], meter)
    deadline = time.monotonic() + PATIENCE
    # An event for each frame would cost what is measured.
    while time.monotonic() < deadline and not meter.is_complete(count):  # noqa: ASYNC110 (see above)
        await asyncio.sleep(0.05)
    return count


def speak(client: Client, meter: Meter) -> None:
    body = f"Bonjour à tous, ceci est un message d’essai {uuid.uuid4().hex}"
    meter.left[body] = time.monotonic()
    client.say("send", topic=client.topic, client_id=str(uuid.uuid4()), body=body)


async def measure(servers: list[Server], crowd: Crowd, options: argparse.Namespace) -> list[str]:
    meter = Meter(receivers=len(crowd.cookies) // len(crowd.rooms))
    clients = [
        Client(meter, cookie, f"conversation:{crowd.rooms[rank % len(crowd.rooms)]}")
        for rank, cookie in enumerate(crowd.cookies)
    ]
    empty = sum(server.memory() for server in servers)
    connected = await open_all(clients, servers, at_once=20)
    idle = (sum(server.memory() for server in servers) - empty) / len(clients) / 1000
    cpu, own = sum(server.cpu() for server in servers), resource.getrusage(resource.RUSAGE_SELF)
    sent = await send_for(clients, meter, options.rate, options.seconds)
    cpu = sum(server.cpu() for server in servers) - cpu
    ours = resource.getrusage(resource.RUSAGE_SELF)
    stored = await asyncio.to_thread(count_stored, crowd.rooms)
    kept = f"{meter.acknowledged} = {stored} = {meter.received / meter.receivers:g} of {sent}"
    delays = [f"{meter.percentile(share):.0f}" for share in (0.5, 0.95, 0.99)]
    again = await come_back(clients, servers, meter)
    return [
        *delays,
        kept,
        f"{idle:.0f} kB",
        f"{max(server.memory() for server in servers) / 1e6:.0f} MB",
        f"{cpu:.1f} s",
        f"{ours.ru_utime + ours.ru_stime - own.ru_utime - own.ru_stime:.1f} s",
        connected,
        again,
    ]


async def come_back(clients: list[Client], servers: list[Server], meter: Meter) -> str:
    """All but one are cut off, miss some messages, and come back at once."""
    for client in clients[1:]:
        client.transport.abort()
    meter.acknowledged = 0
    for _ in range(MISSED // 2):
        speak(clients[0], meter)
    while not meter.refused and meter.acknowledged < MISSED // 2:  # noqa: ASYNC110 (see send_for)
        await asyncio.sleep(0.05)
    return await open_all(clients[1:], servers, at_once=len(clients))


HEADINGS = ["layout", "p50", "p95", "p99", "acknowledged = stored = received", "a client", "server"]
HEADINGS += ["its CPU", "our CPU", "connect", "come back"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Delivery times of the socket.")
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("--rate", type=float, default=10, help="messages a second, over all rooms")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--layouts", default=",".join(LAYOUTS), help="which ones, separated by commas")
    options = parser.parse_args()
    database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    with tempfile.TemporaryDirectory(prefix="tandem-benchmark-") as name:
        folder = Path(name)
        own = environment(database_url, redis_url, folder) | {"DJANGO_SETTINGS_MODULE": "backend.config.settings"}
        os.environ.update(own)
        django.setup()
        call_command("migrate", verbosity=0)
        print(" | ".join(HEADINGS), flush=True)  # noqa: T201 (a program)
        for layout in options.layouts.split(","):
            processes, with_redis, application = LAYOUTS[layout]
            if with_redis and not redis_url:
                print(f"{layout} | left out, no REDIS_URL", file=sys.stderr)  # noqa: T201 (as above)
                continue
            env = environment(database_url, redis_url if with_redis else "", folder)
            crowd = make_crowd(options.clients, options.rooms)
            with ExitStack() as stack:
                logs = [folder / f"{layout}-{rank}.log" for rank in range(processes)]
                servers = [stack.enter_context(serve(env, log, application)) for log in logs]
                print(" | ".join([layout, *asyncio.run(measure(servers, crowd, options))]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
