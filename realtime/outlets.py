"""How text leaves for one client: never waiting, never without bound.

A frame for many is encoded once. A client that does not read fills a buffer; past ``UNSENT_MAX`` it is cut off, so that
it costs the others nothing. Whoever has much to send to one client waits for it with ``drain``.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from autobahn.websocket.protocol import PreparedMessage
from daphne.ws_protocol import WebSocketProtocol

UNSENT_MAX = 1024 * 1024
# Above this a client is told no more than what happens until it has read; Twisted pauses at the same.
FULL = 64 * 1024

type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Frame:
    """A text that goes to any number of sockets."""

    __slots__ = ("payload", "prepared", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.payload = text.encode()
        self.prepared: PreparedMessage | None = None

    def prepare(self) -> PreparedMessage:
        """As the server writes it on every wire: made once."""
        if self.prepared is None:
            self.prepared = PreparedMessage(self.payload, isBinary=False, applyMask=False, doNotCompress=True)
        return self.prepared


class Outlet(Protocol):
    def write(self, frame: Frame) -> bool:
        """Take a frame to send; false when the client is, or now has been, cut off."""

    @property
    def is_flowing(self) -> bool:
        """Whether the client reads as fast as we write."""

    async def drain(self) -> None:
        """Wait until the client has read most of what was written, or is gone."""

    def cut_off(self) -> None:
        """End it at once: the client does not read."""

    def close(self, code: int) -> None:
        """End the conversation, after what was written."""

    def stop(self) -> None:
        """The socket has ended: let go."""


def open_outlet(send: Send) -> Outlet:
    """The outlet of an ASGI connection: daphne's own, whose buffer can be measured, or a queue for any other server."""
    protocol = next(iter(getattr(send, "args", ())), None)
    if isinstance(protocol, WebSocketProtocol):
        return DaphneOutlet(protocol)
    return QueueOutlet(send)


class DaphneOutlet:
    """Writes straight to the connection. Twisted says when its buffer is full (64 kB) and when it is empty again."""

    def __init__(self, protocol: WebSocketProtocol) -> None:
        self.protocol = protocol
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.unsent = 0
        # The HTTP side of daphne leaves its own producer behind.
        protocol.unregisterProducer()
        protocol.registerProducer(self, True)  # noqa: FBT003 (Twisted's name for « push »)

    def write(self, frame: Frame) -> bool:
        if self.protocol.state != WebSocketProtocol.STATE_OPEN:
            return False
        self.protocol.sendPreparedMessage(frame.prepare())
        if self.flowing.is_set():
            return True
        self.unsent += len(frame.payload)
        if self.unsent <= UNSENT_MAX:
            return True
        self.cut_off()
        return False

    @property
    def is_flowing(self) -> bool:
        return self.flowing.is_set()

    def cut_off(self) -> None:
        self.protocol.dropConnection(abort=True)

    async def drain(self) -> None:
        await self.flowing.wait()

    def close(self, code: int) -> None:
        if self.protocol.state == WebSocketProtocol.STATE_OPEN:
            self.protocol.serverClose(code)

    def stop(self) -> None:
        self.flowing.set()

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        self.flowing.clear()

    def resumeProducing(self) -> None:  # noqa: N802 (Twisted's name)
        self.unsent = 0
        self.flowing.set()

    def stopProducing(self) -> None:  # noqa: N802 (Twisted's name)
        self.flowing.set()


class QueueOutlet:
    """A queue, and a task that sends from it as fast as the server takes."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.unsent = 0
        self.cut = False
        self.empty = asyncio.Event()
        self.empty.set()
        self.waiting: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.task = asyncio.ensure_future(self._send_all())

    def write(self, frame: Frame) -> bool:
        if self.cut:
            return False
        self.unsent += len(frame.payload)
        self.empty.clear()
        self.waiting.put_nowait({"type": "websocket.send", "text": frame.text})
        if self.unsent > UNSENT_MAX:
            self.cut_off()
        return not self.cut

    @property
    def is_flowing(self) -> bool:
        return self.unsent < FULL

    async def drain(self) -> None:
        await self.empty.wait()

    def close(self, code: int) -> None:
        self.cut = True
        self.waiting.put_nowait({"type": "websocket.close", "code": code})

    def stop(self) -> None:
        self.cut = True
        self.empty.set()
        self.task.cancel()

    def cut_off(self) -> None:
        """Forget what waits, and close as soon as the server takes that."""
        self.waiting = asyncio.Queue()
        self.close(1008)

    async def _send_all(self) -> None:
        while True:
            message = await self.waiting.get()
            await self.send(message)
            if message["type"] == "websocket.close":
                return
            self.unsent -= len(message["text"].encode())
            if self.waiting.empty():
                self.empty.set()
