"""What the demonstration tells: the invented names, places and accounts of ``fixtures/demo/story.json``."""

import functools
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings

PASSWORD = "tandem-demo"  # noqa: S105 (known on purpose; ``demo`` refuses any database but its own)
ADMIN_EMAIL = "admin@demo.example"


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of everything, per network."""

    networks: int
    members: int
    tutors: int
    requests: int


SCALES = {
    "small": Scale(networks=1, members=40, tutors=12, requests=30),
    "cpts": Scale(networks=1, members=300, tutors=60, requests=150),
    "departement": Scale(networks=10, members=300, tutors=60, requests=150),
}
NEIGHBOUR = Scale(networks=1, members=10, tutors=4, requests=8)


@dataclass(frozen=True, slots=True)
class Star:
    """A request that must come out in a known way: only ``tutor`` holds what ``learner`` asks for."""

    campaign: str
    learner: str
    tutor: str | None
    capacity: str
    fate: str


@functools.cache
def read_story() -> dict[str, Any]:
    return json.loads((settings.FIXTURES_DIR / "demo" / "story.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@functools.cache
def read_stars() -> tuple[Star, ...]:
    return tuple(Star(**star) for star in read_story()["stars"])
