"""What happened, on its way to every server process: one message each, whatever the number of their sockets.

Best effort: what is lost here is in the database, and ``watch`` notices.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from realtime.frames import Topic

logger = logging.getLogger(__name__)

GROUP = "processes"
LAYER_SECONDS_MAX = 1.0
# In Redis a process that said nothing for longer is forgotten; settings say the same as ``group_expiry``.
REJOIN_SECONDS = 2.0
PROCESS = uuid.uuid4().hex


class Kind(StrEnum):
    """``STORED`` has a number and heals; ``PASSING`` is heard now or never."""

    STORED = "stored"
    PASSING = "passing"
    READ = "read"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class News:
    """``text`` is the frame to send; ``person`` is who was removed, or who needs not hear of it."""

    kind: Kind
    topic: Topic
    number: int = 0
    text: str = ""
    person: int = 0

    def pack(self) -> dict[str, Any]:
        topic = self.topic
        return {
            "type": "news",
            "origin": PROCESS,
            "kind": self.kind.value,
            "topic": [topic.kind, topic.number],
            "number": self.number,
            "text": self.text,
            "person": self.person,
        }


def unpack(message: dict[str, Any]) -> News:
    kind, number = message["topic"]
    return News(Kind(message["kind"]), Topic(kind, number), message["number"], message["text"], message["person"])


type Ear = Callable[[News], None]

_here: list[tuple[asyncio.AbstractEventLoop, Ear]] = []


def hear_here(loop: asyncio.AbstractEventLoop | None, ear: Ear) -> None:
    """Say who listens in this process, on which loop; without a loop, that it no longer does."""
    _here[:] = [(loop, ear)] if loop else [pair for pair in _here if pair[1] != ear]


def tell(news: News) -> None:
    """Tell this process and all others, from any thread but the loop's; call it after the commit."""
    loop = None
    for loop, ear in _here:
        loop.call_soon_threadsafe(ear, news)
    if not settings.REDIS_URL:
        return
    if loop:
        asyncio.run_coroutine_threadsafe(_tell_others(news), loop)
    else:
        async_to_sync(_tell_others)(news)


async def _tell_others(news: News) -> None:
    try:
        async with asyncio.timeout(LAYER_SECONDS_MAX):
            await get_channel_layer().group_send(GROUP, news.pack())
    except Exception as error:  # noqa: BLE001 (each layer fails in its own way; the others read it in the database)
        logger.warning("other processes were not told of %s: %s", news.topic, type(error).__name__)


async def hear_other_processes(ear: Ear) -> None:
    """Give ``ear`` what other processes tell, for ever; a layer that fails is asked again."""
    if not settings.REDIS_URL:
        return
    layer = get_channel_layer()
    channel = await layer.new_channel()
    joining = asyncio.ensure_future(_stay_in_group(channel))
    try:
        while True:
            await _hear_next(channel, ear)
    finally:
        joining.cancel()


async def _hear_next(channel: str, ear: Ear) -> None:
    try:
        message = await get_channel_layer().receive(channel)
    except Exception as error:  # noqa: BLE001 (as above)
        logger.warning("other processes are not heard: %s", type(error).__name__)
        await asyncio.sleep(REJOIN_SECONDS)
        return
    if message["origin"] != PROCESS:
        ear(unpack(message))


async def _stay_in_group(channel: str) -> None:
    """Join again and again: a layer that was flushed or started anew has forgotten who was there."""
    while True:
        try:
            async with asyncio.timeout(LAYER_SECONDS_MAX):
                await get_channel_layer().group_add(GROUP, channel)
        except Exception as error:  # noqa: BLE001 (as above)
            logger.warning("the group of processes was not joined: %s", type(error).__name__)
        await asyncio.sleep(REJOIN_SECONDS)
