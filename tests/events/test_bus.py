"""Transactional listeners stand and fall with what happened; the others only hear of what was committed."""

from dataclasses import dataclass

import pytest
from django.db import transaction

from backend.events.bus import listen, publish
from backend.events.types import Event


@dataclass(frozen=True, slots=True)
class BellRang(Event):
    """Only for these tests."""

    times: int


heard: list[int] = []
heard_after: list[int] = []


@listen(BellRang)
def hear(event: BellRang) -> None:
    heard.append(event.times)


@listen(BellRang, after_commit=True)
def hear_after(event: BellRang) -> None:
    heard_after.append(event.times)
    if event.times == 13:
        raise RuntimeError("a broadcast that fails harms nobody")


@transaction.atomic
def publish_then_fall() -> None:
    publish(BellRang(2))
    raise RuntimeError("the bell did not ring after all")


@pytest.fixture(autouse=True)
def _silence() -> None:
    heard.clear()
    heard_after.clear()


@pytest.mark.django_db(transaction=True)
def test_after_commit_hears_only_what_was_committed() -> None:
    with transaction.atomic():
        publish(BellRang(1))
        assert (heard, heard_after) == ([1], [])
    assert heard_after == [1]
    with pytest.raises(RuntimeError):
        publish_then_fall()
    assert (heard, heard_after) == ([1, 2], [1])


@pytest.mark.django_db(transaction=True)
def test_a_failing_broadcast_does_not_undo_what_happened() -> None:
    with transaction.atomic():
        publish(BellRang(13))
    assert heard_after == [13]
