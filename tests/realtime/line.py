"""A client of the socket, inside the test's own process: no server, but the application and its hub."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client

from backend.accounts.domain.tokens import create_token
from backend.accounts.models import Person
from backend.config.asgi import application

HOST = "testserver"
ORIGIN = f"http://{HOST}"
# Machines of tests are busy: what comes late still comes.
PATIENCE = 20.0
# What must not come is waited for this long.
SILENCE = 0.3
PATH = "/ws/v1/"

type Frame = dict[str, Any]


class EndedError(Exception):
    """The server closed the socket."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


class Line:
    """One open socket. ``ask`` gives the answer to a frame; ``heard`` keeps what came meanwhile, for ``hear``."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator
        self.heard: list[Frame] = []
        self.asked = 0

    async def say(self, kind: str, **fields: Any) -> str:
        self.asked += 1
        ref = f"r{self.asked}"
        await self.say_raw(json.dumps({"type": kind, "ref": ref, **fields}))
        return ref

    async def say_raw(self, text: str) -> None:
        await self.communicator.send_to(text_data=text)

    async def ask(self, kind: str, **fields: Any) -> Frame:
        ref = await self.say(kind, **fields)
        while (frame := await self.next())["type"] == "closing" or frame.get("ref") != ref:
            self.heard.append(frame)
        return frame

    async def next(self) -> Frame:
        """The next frame of the server; raises ``EndedError`` when it closed."""
        event = await self.communicator.receive_output(PATIENCE)
        if event["type"] == "websocket.close":
            raise EndedError(event["code"])
        frame: Frame = json.loads(event["text"])
        return frame

    async def hear(self, kind: str) -> Frame:
        """The next frame of a type, among those that came already or come now."""
        for rank, frame in enumerate(self.heard):
            if frame["type"] == kind:
                return self.heard.pop(rank)
        while (frame := await self.next())["type"] != kind:
            self.heard.append(frame)
        return frame

    async def hears_nothing(self, kind: str) -> bool:
        """Whether no frame of a type comes: a ping shows that the socket was there all the while."""
        await asyncio.sleep(SILENCE)
        await self.ask("ping")
        return all(frame["type"] != kind for frame in self.heard)

    async def ends(self) -> int:
        """The code with which the server closes."""
        try:
            while True:
                self.heard.append(await self.next())
        except EndedError as end:
            return end.code

    async def send(self, topic: str, body: str, client_id: uuid.UUID | None = None, **fields: Any) -> Frame:
        return await self.ask("send", topic=topic, client_id=str(client_id or uuid.uuid4()), body=body, **fields)

    async def subscribe(self, topic: str, after: int = 0) -> Frame:
        return await self.ask("subscribe", topic=topic, after=after)


def cookie_of(person: Person) -> str:
    """The cookie of a browser that the person signed in with."""
    client = Client()
    client.force_login(person)
    return f"sessionid={client.cookies['sessionid'].value}"


def secret_of(person: Person) -> str:
    return create_token(person=person, label="Essai")[1]


async def headers_of(person: Person | None, *, origin: str | None = ORIGIN) -> list[tuple[bytes, bytes]]:
    headers = [(b"host", HOST.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    if person is not None:
        headers.append((b"cookie", (await sync_to_async(cookie_of)(person)).encode()))
    return headers


@asynccontextmanager
async def connect(headers: list[tuple[bytes, bytes]], path: str = PATH) -> AsyncIterator[Line]:
    communicator = WebsocketCommunicator(application, path, headers=headers)
    connected, _ = await communicator.connect(PATIENCE)
    assert connected, "the handshake was refused"
    try:
        yield Line(communicator)
    finally:
        await communicator.disconnect(timeout=PATIENCE)


@asynccontextmanager
async def line_of(person: Person, *topics: str) -> AsyncIterator[Line]:
    """A socket of the person's browser, which listens to ``topics`` from their beginning."""
    async with connect(await headers_of(person)) as line:
        for topic in topics:
            answer = await line.subscribe(topic)
            assert answer["type"] == "subscribed", answer
        yield line


async def is_refused(headers: list[tuple[bytes, bytes]], path: str = PATH) -> bool:
    """Whether the handshake itself is refused, which a server tells as a 403."""
    communicator = WebsocketCommunicator(application, path, headers=headers)
    connected, _ = await communicator.connect(PATIENCE)
    await communicator.disconnect(timeout=PATIENCE)
    return not connected
