"""Test clients that run the callbacks of a commit, as a server would, though the test itself rolls back."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.test import Client, TestCase

from backend.common.clock import now, told_at


class CommittingClient(Client):
    def request(self, **request: Any) -> Any:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**request)


@contextlib.contextmanager
def in_one_minute() -> Iterator[None]:
    """Limits count by the minute of the clock: no new one begins inside the block."""
    with told_at(now().replace(second=20, microsecond=0)):
        yield
