"""At most five sockets a person, over all server processes.

Each socket holds one of five places in the cache, which all processes share, and renews it; a killed process loses its
places when they expire. Without the cache a person is let in: losing Redis must close no door.
"""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache

logger = logging.getLogger(__name__)

SOCKETS_MAX = 5
# A place that nobody renewed is free again; clients that lost their server come back within seconds.
PLACE_SECONDS = 10
RENEW_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Place:
    key: str
    holder: str


def take_place(person_id: int) -> Place | None:
    """A place for one more socket of the person; nothing when all are taken."""
    holder = uuid.uuid4().hex
    try:
        for rank in range(SOCKETS_MAX):
            place = Place(f"socket:{person_id}:{rank}", holder)
            if cache.add(place.key, holder, PLACE_SECONDS):
                return place
    except Exception as error:  # noqa: BLE001 (whatever backend the settings name, each fails in its own way)
        logger.warning("sockets are not counted, the cache does not answer: %s", type(error).__name__)
        return Place("", holder)
    return None


def renew_places(places: Iterable[Place]) -> None:
    held = {place.key: place.holder for place in places if place.key}
    try:
        cache.set_many(held, PLACE_SECONDS)
    except Exception as error:  # noqa: BLE001 (as above)
        logger.warning("places of sockets are not renewed: %s", type(error).__name__)


def free_place(place: Place) -> None:
    """Give the place back, unless it expired and somebody else holds it."""
    try:
        if place.key and cache.get(place.key) == place.holder:
            cache.delete(place.key)
    except Exception as error:  # noqa: BLE001 (as above)
        logger.warning("a place of a socket is left to expire: %s", type(error).__name__)
