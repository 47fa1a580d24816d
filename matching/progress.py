"""What a caller hears of a running search, and how it stops one."""

import time
from collections.abc import Callable

from matching.result import Progress

type OnProgress = Callable[[Progress], bool | None]

INTERVAL = 0.2


class Reporter:
    """Tells the caller at most five times a second; an answer of False cancels the search."""

    def __init__(self, on_progress: OnProgress | None, seconds: float) -> None:
        self._on_progress = on_progress
        self._began = time.perf_counter()
        self._deadline = self._began + seconds
        self._last = float("-inf")
        self._latest: Progress | None = None
        self.cancelled = False
        self.late = False

    @property
    def elapsed(self) -> float:
        """Seconds since the search began."""
        return time.perf_counter() - self._began

    def remaining(self) -> float:
        """Seconds left on the clock."""
        return max(0.0, self._deadline - time.perf_counter())

    def should_stop(self) -> bool:
        """Whether the caller cancelled, or the clock ran out."""
        self.late = self.late or self.remaining() <= 0
        return self.cancelled or self.late

    def report(self, objective: int, bound: int | None, served: int) -> None:
        """Pass on where the search stands, if the last time is long enough ago."""
        self._latest = Progress(self.elapsed, objective, bound, served)
        self.heartbeat()

    def heartbeat(self) -> None:
        """Repeat the latest report with a new time, if one is due."""
        if self._latest is None or self._on_progress is None or self.elapsed - self._last < INTERVAL:
            return
        self._last = self.elapsed
        latest = Progress(self.elapsed, self._latest.objective, self._latest.bound, self._latest.served)
        if self._on_progress(latest) is False:
            self.cancelled = True
