"""What the demonstration says while it works: to a terminal, or to nobody."""

from typing import Protocol

import matching
from backend.campaigns.models import Campaign, Run


class Narrator(Protocol):
    def step(self, text: str) -> None:
        """A new step begins."""

    def progress(self, progress: matching.Progress) -> None:
        """The solver has news."""

    def solved(self, campaign: Campaign, run: Run) -> None:
        """A run is over."""
