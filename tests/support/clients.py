"""Test clients that run the callbacks of a commit, as a server would, though the test itself rolls back."""

from typing import Any

from django.test import Client, TestCase


class CommittingClient(Client):
    def request(self, **request: Any) -> Any:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**request)
