"""The promises of the socket on real daphne processes, with PostgreSQL and a Redis that is flushed, stopped, killed."""

import asyncio
import json
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import connection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from backend.accounts.models import Person
from backend.conversations.models import Conversation, Message
from realtime.threads import SOCKET_THREADS
from tests.browser.server import free_port
from tests.realtime.conftest import Company, open_talk
from tests.realtime.line import cookie_of
from tests.realtime.processes import Server, Talker, database_of, dial, environment, serve
from tests.support.factories import PersonFactory

pytestmark = [pytest.mark.full, pytest.mark.postgres]

SERVER_NAME = "tandem-server"
MEGABYTE = 1024 * 1024


class Redis:
    """One of the test's own: what is done to it disturbs nobody."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.client = redis.Redis(port=self.port)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def flush(self) -> None:
        self.client.flushall()

    def stop(self) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    assert shutil.which("redis-server"), "no redis-server: tests/run.sh installs it"
    server = Redis(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def servers(company: Company, own_redis: Redis, tmp_path: Path) -> Iterator[list[Server]]:
    """Two processes, as behind a proxy."""
    env = environment(database_of(connection.settings_dict), own_redis.url, tmp_path) | {"PGAPPNAME": SERVER_NAME}
    with ExitStack() as stack:
        yield [stack.enter_context(serve(env, tmp_path / f"server-{rank}.log")) for rank in range(2)]
    assert not [log for log in tmp_path.glob("*.log") if "Traceback" in log.read_text()]


def make_crowd(company: Company, count: int) -> tuple[Conversation, list[Person], list[str]]:
    people = PersonFactory.create_batch(count)
    return open_talk(company.network, *people), people, [cookie_of(person) for person in people]


async def ask(socket: Any, kind: str, **fields: Any) -> dict[str, Any]:
    """The answer to one frame; what else came meanwhile is dropped."""
    ref = uuid.uuid4().hex
    await socket.send(json.dumps({"type": kind, "ref": ref, **fields}))
    while True:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 30))
        if frame.get("ref") == ref:
            return frame


async def code_of_end(socket: Any) -> int | None:
    """The code with which the server closes; nothing when it cut the line without a word."""
    async with asyncio.timeout(60):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


async def hear(socket: Any, kind: str, seconds: float) -> dict[str, Any]:
    async with asyncio.timeout(seconds):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame["type"] == kind:
                return frame


def bodies_of(talk: Conversation) -> dict[int, str]:
    return dict(Message.objects.filter(conversation=talk).values_list("number", "body"))


async def test_no_acknowledged_message_is_lost(company: Company, servers: list[Server], own_redis: Redis) -> None:
    """1,000 messages of 20 clients, while Redis is flushed, then a server is killed, then Redis is gone for good."""
    talk, _people, cookies = await sync_to_async(make_crowd)(company, 20)
    topic = f"conversation:{talk.pk}"
    talkers = [
        Talker(
            servers[rank % 2 :] + servers[: rank % 2], cookie, topic, [f"{rank}.{n}" for n in range(50)], wanted=1000
        )
        for rank, cookie in enumerate(cookies)
    ]
    running = [asyncio.ensure_future(talker.run()) for talker in talkers]
    for progress, harm in ((100, own_redis.flush), (300, servers[1].kill), (600, own_redis.stop)):
        while min(len(talker.seen) for talker in talkers) < progress:
            await asyncio.wait(running, timeout=0.1)
        harm()
    async with asyncio.timeout(240):
        await asyncio.gather(*running)
    stored = await sync_to_async(bodies_of)(talk)
    assert sorted(stored) == list(range(1, 1001))
    assert {number for talker in talkers for number in talker.acknowledged.values()} == set(stored)
    for talker in talkers:
        assert talker.seen == list(range(1, 1001))
        assert talker.bodies == [stored[number] for number in talker.seen]


async def test_an_open_socket_catches_up_after_a_flush(
    company: Company, servers: list[Server], own_redis: Redis
) -> None:
    cookies = [await sync_to_async(cookie_of)(person) for person in (company.first, company.second)]
    async with dial(servers[0], cookies[0]) as here, dial(servers[1], cookies[1]) as there:
        await ask(there, "subscribe", topic=company.topic)
        for number in (1, 2, 3):
            own_redis.flush()
            await ask(here, "send", topic=company.topic, client_id=str(uuid.uuid4()), body=f"message {number}")
            assert (await hear(there, "message", 10))["number"] == number


async def test_a_message_crosses_from_one_process_to_the_other_at_once(company: Company, servers: list[Server]) -> None:
    cookies = [await sync_to_async(cookie_of)(person) for person in (company.first, company.second)]
    async with dial(servers[0], cookies[0]) as here, dial(servers[1], cookies[1]) as there:
        await ask(there, "subscribe", topic=company.topic)
        delays = []
        for _ in range(10):
            sent = time.monotonic()
            await ask(here, "send", topic=company.topic, client_id=str(uuid.uuid4()), body="Bonjour")
            await hear(there, "message", 10)
            delays.append(time.monotonic() - sent)
        # Some wait for the recheck of a second on a busy machine; told by the layer, most do not.
        assert sorted(delays)[3] < 0.5


async def test_the_same_client_id_from_everywhere_gives_one_message(company: Company, servers: list[Server]) -> None:
    cookie = await sync_to_async(cookie_of)(company.first)
    sent = {"topic": company.topic, "client_id": str(uuid.uuid4()), "body": "une seule fois"}
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(dial(servers[rank % 2], cookie)) for rank in range(5)]

        async def repeat(socket: Any) -> list[tuple[int, int]]:
            answers = [await ask(socket, "send", **sent) for _ in range(10)]
            return [(answer["number"], answer["id"]) for answer in answers]

        answers = await asyncio.gather(*map(repeat, sockets))
    servers[0].kill()
    async with dial(servers[1], cookie) as again:
        answers.append(await repeat(again))
    assert {answer for row in answers for answer in row} == {(1, (await Message.objects.aget()).pk)}


async def test_five_sockets_over_two_processes(company: Company, servers: list[Server]) -> None:
    cookie = await sync_to_async(cookie_of)(company.first)
    async with AsyncExitStack() as stack:
        for rank in range(5):
            socket = await stack.enter_async_context(dial(servers[rank % 2], cookie))
            assert (await ask(socket, "ping"))["type"] == "pong"
        for server in servers:
            async with dial(server, cookie) as sixth:
                assert json.loads(await sixth.recv())["code"] == "too_many_sockets"
                with pytest.raises(ConnectionClosed):
                    await ask(sixth, "ping")


async def test_foreign_origins_are_a_403_and_nobody_signed_in_a_4401(company: Company, servers: list[Server]) -> None:
    cookie = await sync_to_async(cookie_of)(company.first)
    for origin in [None, "null", *(f"http://evil-{rank}.example" for rank in range(10)), "http://127.0.0.1:1"]:
        with pytest.raises(InvalidStatus) as refused:
            await dial(servers[0], cookie, origin=origin).__aenter__()
        assert refused.value.response.status_code == 403
    async with dial(servers[0], "sessionid=absent") as nobody:
        assert await code_of_end(nobody) == 4401


async def test_signing_out_ends_the_socket_within_two_seconds_without_redis(
    company: Company, servers: list[Server], own_redis: Redis
) -> None:
    cookie = await sync_to_async(cookie_of)(company.first)
    own_redis.stop()
    async with dial(servers[0], cookie) as socket:
        assert (await ask(socket, "ping"))["type"] == "pong"
        await Session.objects.all().adelete()
        signed_out = time.monotonic()
        assert await code_of_end(socket) == 4401
        # Two seconds on a machine that has nothing else to do.
        assert time.monotonic() - signed_out < 4


def write_many(talk: Conversation, sender: Person, count: int) -> None:
    rows = (
        Message(
            conversation=talk, sender=sender, number=number, client_id=uuid.uuid4(), body=f"{number} ".ljust(4000, "é")
        )
        for number in range(1, count + 1)
    )
    Message.objects.bulk_create(rows, batch_size=500)
    Conversation.objects.filter(pk=talk.pk).update(last_number=count)


async def test_a_client_that_does_not_read_is_cut_off_and_harms_nobody(company: Company, servers: list[Server]) -> None:
    cookies = [await sync_to_async(cookie_of)(person) for person in (company.first, company.second)]
    async with dial(servers[0], cookies[0], max_queue=1) as slow, dial(servers[0], cookies[1], max_queue=None) as other:
        await slow.send(json.dumps({"type": "subscribe", "ref": "s", "topic": company.topic, "after": 0}))
        await ask(other, "subscribe", topic=company.topic)
        before = servers[0].memory()
        await sync_to_async(write_many)(company.talk, company.third, 10_000)
        for number in range(1, 10_001):
            frame = await hear(other, "message", 60)
            assert frame["number"] == number
        assert servers[0].memory() - before < 50 * MEGABYTE
        assert (await ask(other, "ping"))["type"] == "pong"
        assert await code_of_end(slow) in {1006, None}


async def test_connections_to_the_database_do_not_leak(company: Company, servers: list[Server]) -> None:
    """2,000 connects, 500 of them cut in the handshake."""
    _talk, _people, cookies = await sync_to_async(make_crowd)(company, 20)
    server = servers[0]

    async def cut(cookie: str) -> None:
        _reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        headers = [f"Host: 127.0.0.1:{server.port}", f"Origin: {server.origin}", f"Cookie: {cookie}"]
        upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        writer.write("\r\n".join(["GET /ws/v1/ HTTP/1.1", *headers, *upgrade, key, "", ""]).encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def come_and_go(cookie: str) -> None:
        for rank in range(100):
            if rank % 4 == 3:
                await cut(cookie)
            else:
                async with dial(server, cookie):
                    pass

    await asyncio.gather(*map(come_and_go, cookies))
    async with dial(server, await sync_to_async(cookie_of)(company.first)) as socket:
        assert (await ask(socket, "ping"))["type"] == "pong"
        assert await sync_to_async(count_connections)() <= SOCKET_THREADS + 2


def count_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [SERVER_NAME])
        count: int = cursor.fetchone()[0]
        return count
