"""What one server process hears, and for whom: news comes once for all of its sockets, which hear it from here.

Each subscription knows the last number it was sent. News with the next number is sent on; after a gap the missing
items are read from the database, so that every socket hears all of them, in order, whatever was lost or came twice.
Everything here runs on the event loop of the server; only ``news.tell`` comes from other threads.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from backend.accounts.models import Person
from realtime import slots, stored, talks, watch
from realtime.frames import Closing, FrameError, Topic, write_frame
from realtime.news import Kind, News, hear_here, hear_other_processes
from realtime.outlets import Frame, Outlet
from realtime.sign_in import Credential
from realtime.threads import DatabaseThreads

logger = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
# What was missed is sent as fast as each client reads; one that has not read for so long is cut off.
SLOW_SECONDS = 10.0
SLOW_PAUSE = 0.05
# Counts of unread messages are told at most this often: a busy lounge has many readers.
UNREAD_SECONDS = 0.4


class Listener(Protocol):
    """A socket, as the hub knows it."""

    person: Person
    credential: Credential
    place: slots.Place
    outlet: Outlet
    subscriptions: "dict[str, Subscription]"

    def write(self, frame: Frame) -> None: ...

    def end(self, reason: Closing) -> None: ...


@dataclass(eq=False, slots=True)
class Subscription:
    """One socket on one topic; not ``live`` while it catches up."""

    listener: Listener
    topic: Topic
    seen: int = 0
    live: bool = False


@dataclass(eq=False, slots=True)
class Audience:
    """Who listens to a topic in this process. ``last`` is the highest number that this process heard of."""

    topic: Topic
    last: int = 0
    subscriptions: set[Subscription] = field(default_factory=set)
    healing: asyncio.Task[None] | None = None

    def live(self) -> list[Subscription]:
        return [subscription for subscription in self.subscriptions if subscription.live]


class Hub:
    """Works while this process has sockets: starts with the first, stops with the last."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.threads = DatabaseThreads()
        # Of its own: a crowd that connects must not delay the end of a session.
        self.watch_thread = DatabaseThreads(1)
        # Connections, from their handshake on; listeners are those that somebody signed in on.
        self.connections = 0
        self.listeners: set[Listener] = set()
        self.audiences: dict[str, Audience] = {}
        self.to_count: set[Topic] = set()
        self.count_timer: asyncio.TimerHandle | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    # Sockets come and go

    def attach(self, listener: Listener) -> None:
        self.listeners.add(listener)

    def detach(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        for subscription in list(listener.subscriptions.values()):
            self.unsubscribe(subscription)

    def start(self) -> None:
        hear_here(self.loop, self.hear)
        self._begin(self._watch_for_ever())
        self._begin(hear_other_processes(self.hear))

    async def stop(self) -> None:
        hear_here(None, self.hear)
        if self.count_timer:
            self.count_timer.cancel()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        # Threads may have a call to end: the loop goes on meanwhile.
        await asyncio.to_thread(self.threads.stop)
        await asyncio.to_thread(self.watch_thread.stop)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # Topics

    def subscribe(self, listener: Listener, topic: Topic) -> Subscription:
        """A subscription that hears nothing before ``go_live``, but ends with the right to it from now on."""
        subscription = listener.subscriptions.get(topic.key)
        if subscription is None:
            subscription = listener.subscriptions[topic.key] = Subscription(listener, topic)
            audience = self.audiences.setdefault(topic.key, Audience(topic))
            audience.subscriptions.add(subscription)
        subscription.live = False
        return subscription

    def go_live(self, subscription: Subscription, seen: int) -> None:
        subscription.seen, subscription.live = seen, True
        audience = self.audiences.get(subscription.topic.key)
        if audience is not None:
            self._learn(audience, seen)

    def unsubscribe(self, subscription: Subscription) -> None:
        subscription.live = False
        subscription.listener.subscriptions.pop(subscription.topic.key, None)
        audience = self.audiences.get(subscription.topic.key)
        if audience is None:
            return
        audience.subscriptions.discard(subscription)
        if not audience.subscriptions:
            del self.audiences[subscription.topic.key]

    def last_of(self, topic: Topic) -> int:
        audience = self.audiences.get(topic.key)
        return audience.last if audience else 0

    # News

    def hear(self, news: News) -> None:
        """Pass on what happened to whoever listens here."""
        audience = self.audiences.get(news.topic.key)
        if news.kind == Kind.REMOVED:
            self._remove(audience, news.person)
        elif audience and news.kind == Kind.PASSING:
            self._pass_on(audience, news)
        elif audience and news.kind == Kind.STORED:
            self._deliver(audience, news.number, Frame(news.text))
            self._learn(audience, news.number)
        if news.kind in {Kind.STORED, Kind.READ}:
            self._count_soon(news.topic)

    def _pass_on(self, audience: Audience, news: News) -> None:
        frame = Frame(news.text)
        for subscription in audience.live():
            if subscription.listener.person.pk != news.person:
                subscription.listener.write(frame)

    def _deliver(self, audience: Audience, number: int, frame: Frame) -> None:
        for subscription in audience.live():
            if subscription.seen == number - 1:
                subscription.seen = number
                subscription.listener.write(frame)

    def _remove(self, audience: Audience | None, person_id: int) -> None:
        for subscription in list(audience.subscriptions) if audience else []:
            if subscription.listener.person.pk == person_id:
                self._shut_out(subscription)

    def _shut_out(self, subscription: Subscription) -> None:
        """The right to the topic is gone: say so, and say nothing more of it."""
        self.unsubscribe(subscription)
        text = write_frame("unsubscribed", ref=None, topic=str(subscription.topic), reason="removed")
        subscription.listener.write(Frame(text))

    # What was missed

    def _learn(self, audience: Audience, last: int) -> None:
        """The topic has items up to ``last``: whoever has not seen them all is behind."""
        audience.last = max(audience.last, last)
        if audience.healing is None and any(row.seen < audience.last for row in audience.live()):
            audience.healing = self._begin(self._heal(audience))

    async def _heal(self, audience: Audience) -> None:
        read_at = self.loop.time()
        try:
            while behind := [row for row in audience.live() if row.seen < audience.last]:
                if ready := [row for row in behind if row.listener.outlet.is_flowing]:
                    await self._read_on(audience, min(ready, key=lambda row: row.seen))
                    read_at = self.loop.time()
                elif self.loop.time() - read_at < SLOW_SECONDS:
                    await asyncio.sleep(SLOW_PAUSE)
                else:
                    self._cut_off(behind)
        finally:
            audience.healing = None

    def _cut_off(self, rows: Iterable[Subscription]) -> None:
        for row in rows:
            row.listener.outlet.cut_off()
            self.detach(row.listener)

    async def _read_on(self, audience: Audience, slowest: Subscription) -> None:
        seen = slowest.seen
        try:
            page = await self.threads.run(partial(stored.read_page, slowest.listener.person, audience.topic, seen))
        except FrameError:
            if slowest.live:
                self._shut_out(slowest)
            return
        if audience.topic.kind == "me":
            self._count_soon(audience.topic)
        for item in page.items:
            frame = Frame(item.text)
            for row in self._move_on(audience, seen, item.number):
                row.listener.write(frame)
        if not page.more:
            # Numbers without an item belong to what was erased since.
            self._move_on(audience, page.items[-1].number if page.items else seen, page.last)
        if not page.items:
            audience.last = page.last

    def _move_on(self, audience: Audience, seen: int, number: int) -> list[Subscription]:
        """Those who had seen up to ``seen`` or more, but not ``number``, and read well; now they have.

        Whoever stops reading on the way stays where they are: nothing between two pages lets them skip an item.
        """
        moved = [row for row in audience.live() if seen <= row.seen < number and row.listener.outlet.is_flowing]
        for row in moved:
            row.seen = number
        return moved

    # Unread messages, in the navigation of every page

    def _count_soon(self, topic: Topic) -> None:
        self.to_count.add(topic)
        if self.count_timer is None:
            self.count_timer = self.loop.call_later(UNREAD_SECONDS, self._count_now)

    def _count_now(self) -> None:
        self.count_timer = None
        self._begin(self._tell_unread())

    async def _tell_unread(self) -> None:
        topics, self.to_count = self.to_count, set()
        readers = {audience.topic.number for audience in self._audiences("me")}
        for topic in topics:
            people = readers if topic.kind == "conversation" else readers & {topic.number}
            counts = await self.threads.run(partial(talks.count_unread, topic, people)) if people else {}
            for person_id, count in counts.items():
                self._tell_count(person_id, topic, count)

    def _tell_count(self, person_id: int, topic: Topic, count: int) -> None:
        mine = Topic("me", person_id)
        if audience := self.audiences.get(mine.key):
            self._pass_on(audience, News(Kind.PASSING, mine, text=write_frame("unread", topic=str(topic), count=count)))

    def _audiences(self, kind: str) -> Iterator[Audience]:
        return (audience for audience in self.audiences.values() if audience.topic.kind == kind)

    # Once a second

    async def _watch_for_ever(self) -> None:
        rounds = 0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            rounds += 1
            try:
                await self._watch(renew=rounds % slots.RENEW_SECONDS == 0)
            except Exception:
                logger.exception("sockets were not checked, the next second tries again")

    async def _watch(self, *, renew: bool) -> None:
        asked = list(self.listeners)
        seats = [row for audience in self._audiences("conversation") for row in audience.live()]
        topics = {kind: [row.topic.number for row in self._audiences(kind)] for kind in ("conversation", "me")}
        question = watch.Question([row.credential for row in asked], topics["conversation"], topics["me"])
        answer = await self.watch_thread.run(partial(watch.ask, question))
        for listener in asked:
            if not answer.is_good(listener.credential):
                listener.end(Closing.SIGNED_OUT)
        for row in seats:
            if row.live and (row.listener.person.pk, row.topic.number) not in answer.seats:
                self._shut_out(row)
        for key, last in answer.last.items():
            if audience := self.audiences.get(key):
                self._learn(audience, last)
        if renew:
            await self.watch_thread.run(partial(slots.renew_places, [row.place for row in self.listeners]))


_hubs: list[Hub] = []


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[Hub]:
    """The hub of this process, for as long as one connection lasts."""
    if not _hubs or _hubs[-1].loop is not asyncio.get_running_loop():
        _hubs[:] = [Hub()]
        _hubs[-1].start()
    hub = _hubs[-1]
    hub.connections += 1
    try:
        yield hub
    finally:
        hub.connections -= 1
        if not hub.connections:
            if hub in _hubs:
                _hubs.remove(hub)
            await hub.stop()
