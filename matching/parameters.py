"""How long and how to search."""

from dataclasses import dataclass

DEFAULT_TIME_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class SolveParameters:
    """Limits of one solve.

    Attributes
    ----------
    time_limit : float or None
        Seconds of search. It sets the deterministic work the engines may spend, and the clock is a safety net at
        this many seconds. None: 60 s.
    seed : int
        Seed of every random choice, ≥ 0.
    workers : int
        Processes for independent parts of the problem, ≥ 1. The answer does not depend on it.
    """

    time_limit: float | None = None
    seed: int = 0
    workers: int = 1

    def __post_init__(self) -> None:
        if self.time_limit is not None and not 0 < self.time_limit < float("inf"):
            message = f"time_limit: {self.time_limit} is not a positive number of seconds"
            raise ValueError(message)
        if self.seed < 0:
            message = f"seed: {self.seed} is negative"
            raise ValueError(message)
        if self.workers < 1:
            message = f"workers: {self.workers} is not positive"
            raise ValueError(message)

    @property
    def seconds(self) -> float:
        """The time limit in force, in seconds."""
        return DEFAULT_TIME_LIMIT if self.time_limit is None else self.time_limit
