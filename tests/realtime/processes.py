"""Tandem as operators run it: daphne processes on one PostgreSQL and one Redis, and clients on real sockets."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import WebSocketException

from tests.browser.server import free_port, wait_until_ready

DAPHNE = str(Path(sys.executable).parent / "daphne")
APPLICATION = "backend.config.asgi:application"
SECONDS_TO_RESEND = 0.2

type Frame = dict[str, Any]


@dataclass
class Server:
    """One daphne process."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/v1/"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)

    def memory(self) -> int:
        """Resident memory, in bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def cpu(self) -> float:
        """Seconds of processor, so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def environment(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "TANDEM_VAR": str(folder)}
    own = {name: value for name, value in given.items() if value}
    dropped = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | own | {"SECRET_KEY": "for tests only: forty-two letters drawn by nobody"}


@contextmanager
def serve(env: dict[str, str], log: Path, application: str = APPLICATION) -> Iterator[Server]:
    port = free_port()
    command = [DAPHNE, "-b", "127.0.0.1", "-p", str(port), "-v", "0", application]
    with log.open("w") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process, log)
        yield Server(port, process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=20)


@asynccontextmanager
async def dial(server: Server, cookie: str, **options: Any) -> AsyncIterator[ClientConnection]:
    settings: dict[str, Any] = {"origin": server.origin, "open_timeout": 60, "max_size": None, **options}
    settings["additional_headers"] = {"Cookie": cookie}
    async with open_socket(server.url, **settings) as connection:
        yield connection


@dataclass
class Talker:
    """A client as ours in the browser: reconnects, subscribes after the last number seen, resends what has no ack."""

    servers: list[Server]
    cookie: str
    topic: str
    to_send: list[str] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    wanted: int = 0

    def __post_init__(self) -> None:
        self.waiting = {str(uuid.uuid4()): body for body in self.to_send}
        self.rank = 0

    def is_done(self) -> bool:
        return not self.waiting and len(self.seen) >= self.wanted

    async def run(self) -> None:
        while not self.is_done():
            server = self.servers[self.rank % len(self.servers)]
            self.rank += 1
            try:
                async with dial(server, self.cookie) as connection:
                    await self._talk(connection)
            except (WebSocketException, OSError, EOFError, TimeoutError):
                await asyncio.sleep(SECONDS_TO_RESEND)

    async def _talk(self, connection: ClientConnection) -> None:
        await self._ask(connection, "subscribe", topic=self.topic, after=self.seen[-1] if self.seen else 0)
        listening = asyncio.ensure_future(self._listen(connection))
        try:
            while not listening.done():
                if self.waiting:
                    client_id, body = next(iter(self.waiting.items()))
                    await self._ask(connection, "send", topic=self.topic, client_id=client_id, body=body)
                await asyncio.wait([listening], timeout=SECONDS_TO_RESEND)
            await listening
        finally:
            listening.cancel()

    async def _ask(self, connection: ClientConnection, kind: str, **fields: Any) -> None:
        await connection.send(json.dumps({"type": kind, "ref": kind, **fields}))

    async def _listen(self, connection: ClientConnection) -> None:
        async for text in connection:
            frame = json.loads(text)
            if frame["type"] == "message" and frame["number"] > (self.seen[-1] if self.seen else 0):
                self.seen.append(frame["number"])
                self.bodies.append(frame["body"])
            elif frame["type"] == "ack" and "client_id" in frame:
                self.waiting.pop(frame["client_id"], None)
                self.acknowledged[frame["client_id"]] = frame["number"]
            elif frame["type"] == "subscribed" and frame["more"]:
                await self._ask(connection, "subscribe", topic=self.topic, after=self.seen[-1])
            if self.is_done():
                return


def database_of(settings: dict[str, Any]) -> str:
    """The address of the database that a test of Django's is running on."""
    return f"postgres://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
