"""One connection of ``/ws/v1/``, from its handshake to its end."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from backend.accounts.models import Person
from backend.common.errors import DomainError, NotFoundError
from backend.conversations.domain.messages import MaybePatientWarning, mark_read, send_message
from backend.conversations.domain.queries import unread_among
from backend.notifications.domain.notify import count_unread_notifications, mark_notifications_read
from realtime import slots, stored, talks
from realtime.frames import (
    CLOSE_CODES,
    MESSAGES,
    Closing,
    Code,
    FrameError,
    Request,
    Topic,
    parse_request,
    parse_topic,
    write_frame,
)
from realtime.hub import Hub, Subscription, connected
from realtime.news import Kind, News, tell
from realtime.outlets import Frame, Outlet, Send, open_outlet
from realtime.sign_in import Credential, Scope, authenticate, is_welcome

logger = logging.getLogger(__name__)

TOPICS_MAX = 20
# Frames that wait for their turn: a client that sends more at once is told to slow down.
WAITING_MAX = 200
TYPING_SECONDS = 1.0

type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def serve_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    await receive()
    if not is_welcome(scope):
        # Before it is accepted: the handshake is answered with a 403.
        await send({"type": "websocket.close"})
        return
    async with connected() as hub:
        signed_in = await hub.threads.run(partial(authenticate, scope))
        if signed_in is None:
            await _refuse(send, Closing.SIGNED_OUT)
            return
        person, credential = signed_in
        place = await hub.threads.run(partial(slots.take_place, person.pk))
        if place is None:
            await _refuse(send, Closing.TOO_MANY_SOCKETS)
            return
        try:
            await send({"type": "websocket.accept"})
            await Socket(hub, person, credential, place, open_outlet(send)).listen(receive)
        finally:
            await hub.threads.run(partial(slots.free_place, place))


async def _refuse(send: Send, reason: Closing) -> None:
    """Accept, for a browser learns nothing from a refused handshake; say why; close."""
    await send({"type": "websocket.accept"})
    if reason == Closing.TOO_MANY_SOCKETS:
        code = Code.TOO_MANY_SOCKETS
        await send(
            {"type": "websocket.send", "text": write_frame("error", ref=None, code=code, message=MESSAGES[code])}
        )
    await send({"type": "websocket.send", "text": write_frame("closing", reason=reason)})
    await send({"type": "websocket.close", "code": CLOSE_CODES[reason]})


@dataclass(eq=False)
class Socket:
    hub: Hub
    person: Person
    credential: Credential
    place: slots.Place
    outlet: Outlet
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    typed_at: dict[str, float] = field(default_factory=dict)
    waiting: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(WAITING_MAX))

    async def listen(self, receive: Receive) -> None:
        """Take frames until the client goes; each is answered before the next."""
        self.hub.attach(self)
        answering = asyncio.ensure_future(self._answer_all())
        try:
            while (event := await receive())["type"] == "websocket.receive":
                self._take(event.get("text"))
        finally:
            self.hub.detach(self)
            answering.cancel()
            self.outlet.stop()

    def write(self, frame: Frame) -> None:
        self.outlet.write(frame)

    def end(self, reason: Closing) -> None:
        """Hear and say nothing more."""
        self.hub.detach(self)
        self._say("closing", reason=reason)
        self.outlet.close(CLOSE_CODES[reason])

    def _say(self, kind: str, **fields: Any) -> None:
        self.outlet.write(Frame(write_frame(kind, **fields)))

    def _take(self, text: str | None) -> None:
        try:
            self.waiting.put_nowait(text)
        except asyncio.QueueFull:
            self._refuse(FrameError(Code.TOO_FAST))

    def _refuse(self, error: FrameError, ref: str | None = None) -> None:
        self._say("error", ref=error.ref if ref is None else ref, code=error.code, message=error.message)

    async def _answer_all(self) -> None:
        try:
            while True:
                await self._answer(await self.waiting.get())
        except Exception:
            # Ours to mend: the client connects again, and sends again what was not acknowledged.
            logger.exception("a frame of person %s could not be answered", self.person.pk)
            self.end(Closing.FAILURE)

    async def _answer(self, text: str | None) -> None:
        if self not in self.hub.listeners:
            return
        try:
            request = parse_request(text)
        except FrameError as error:
            self._refuse(error)
            return
        try:
            await getattr(self, f"_do_{request.type}")(request)
        except FrameError as error:
            self._refuse(error, request.ref)
        except DomainError as error:
            self._refuse(_frame_error(error), request.ref)

    def _topic(self, request: Request, *kinds: str) -> Topic:
        topic = parse_topic(request.topic, self.person.pk)
        if kinds and topic.kind not in kinds:
            raise FrameError(Code.NOT_FOUND)
        return topic

    # One method for each type of frame

    async def _do_subscribe(self, request: Request) -> None:
        topic = self._topic(request)
        if topic.key not in self.subscriptions and len(self.subscriptions) >= TOPICS_MAX:
            raise FrameError(Code.TOO_MANY_TOPICS)
        subscription = self.hub.subscribe(self, topic)
        try:
            page = await self.hub.threads.run(partial(stored.read_page, self.person, topic, request.after))
        except FrameError:
            self.hub.unsubscribe(subscription)
            raise
        for item in page.items:
            self.write(Frame(item.text))
            await self.outlet.drain()
        self._say("subscribed", ref=request.ref, topic=str(topic), last=page.last, more=page.more)
        if page.more:
            self.hub.unsubscribe(subscription)
        elif topic.key in self.subscriptions:
            self.hub.go_live(subscription, page.last)
            await self._tell_standing(topic)

    async def _tell_standing(self, topic: Topic) -> None:
        """Where things stand that have no number, for whoever begins to listen."""
        if topic.kind == "me":
            await self._tell_unread()
        elif topic.kind == "campaign" and (text := await self.hub.threads.run(partial(stored.read_progress, topic))):
            self.write(Frame(text))

    async def _tell_unread(self) -> None:
        counts = await self.hub.threads.run(partial(unread_among, self.person))
        for conversation_id, count in counts.items():
            self._say("unread", topic=f"conversation:{conversation_id}", count=count)
        # Last: whoever adds up the counts knows that they are all there.
        news = await self.hub.threads.run(partial(count_unread_notifications, self.person))
        self._say("unread", topic="me", count=news)

    async def _do_unsubscribe(self, request: Request) -> None:
        topic = self._topic(request)
        if subscription := self.subscriptions.get(topic.key):
            self.hub.unsubscribe(subscription)
        self._say("unsubscribed", ref=request.ref, topic=str(topic))

    async def _do_send(self, request: Request) -> None:
        topic = self._topic(request, "conversation")
        assert request.client_id is not None  # noqa: S101 (the parser requires it of this type)
        try:
            message = await self.hub.threads.run(
                partial(
                    send_message,
                    conversation_id=topic.number,
                    sender=self.person,
                    client_id=request.client_id,
                    body=request.body,
                    confirmed=request.confirmed,
                )
            )
        except MaybePatientWarning as question:
            self._say(
                "warning",
                ref=request.ref,
                client_id=str(request.client_id),
                code=question.code,
                message=question.message,
            )
            return
        self._say(
            "ack",
            ref=request.ref,
            client_id=str(request.client_id),
            number=message.number,
            id=message.pk,
            sent_at=message.sent_at.isoformat(),
        )

    async def _do_read(self, request: Request) -> None:
        topic = self._topic(request, "conversation", "me")
        await self.hub.threads.run(partial(_mark_read, self.person, topic, request.number))
        self._say("ack", ref=request.ref)

    async def _do_typing(self, request: Request) -> None:
        topic = self._topic(request, "conversation")
        if time.monotonic() - self.typed_at.get(topic.key, -TYPING_SECONDS) < TYPING_SECONDS:
            return
        await self.hub.threads.run(partial(_tell_typing, self.person, topic))
        if len(self.typed_at) >= TOPICS_MAX:
            self.typed_at.clear()
        self.typed_at[topic.key] = time.monotonic()

    async def _do_ping(self, request: Request) -> None:
        topics = [subscription.topic for subscription in self.subscriptions.values()]
        self._say("pong", ref=request.ref, last={str(topic): self.hub.last_of(topic) for topic in topics})


def _frame_error(error: DomainError) -> FrameError:
    """As the protocol names it; what it has no name for is a frame that says something impossible."""
    if isinstance(error, NotFoundError):
        return FrameError(Code.NOT_FOUND)
    return FrameError(error.code if error.code in set(Code) else Code.BAD_FRAME, error.message)


def _mark_read(person: Person, topic: Topic, number: int) -> None:
    if topic.kind == "me":
        mark_notifications_read(person=person, up_to=number)
        tell(News(Kind.READ, topic))
    else:
        mark_read(person=person, conversation_id=topic.number, number=number)


def _tell_typing(person: Person, topic: Topic) -> None:
    if not talks.shows_typing(person, topic.number):
        raise FrameError(Code.NOT_FOUND)
    text = write_frame("typing", topic=str(topic), person=person.pk)
    tell(News(Kind.PASSING, topic, text=text, person=person.pk))
