"""One part of a problem, as every engine takes it: what may be chosen, and what must be."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from matching.candidates import Candidates
from matching.group_model import build_group_model
from matching.linear import LinearModel
from matching.model import build_single_model
from matching.tables import Flags, Ints, Tables


@dataclass(frozen=True, slots=True)
class Part:
    """Candidates to choose from (``columns``), those among them that are pinned, and their numbers in parallel arrays.

    An answer is a sorted array of positions in ``columns``.
    """

    tables: Tables
    candidates: Candidates
    columns: Ints
    fixed: Flags
    request: Ints = field(init=False)
    tutor: Ints = field(init=False)
    start: Ints = field(init=False)
    value: Ints = field(init=False)

    def __post_init__(self) -> None:
        for name in ("request", "tutor", "start", "value"):
            object.__setattr__(self, name, getattr(self.candidates, name)[self.columns].astype(np.int64))

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def has_groups(self) -> bool:
        """Whether learners may share a session."""
        return self.tables.problem.group_size_max > 1

    def select(self, positions: Ints) -> "Part":
        """A smaller part."""
        return Part(self.tables, self.candidates, self.columns[positions], self.fixed[positions])

    def build_model(self) -> LinearModel:
        """The linear model for the problem's group size."""
        build = build_group_model if self.has_groups else build_single_model
        return build(self.tables, self.candidates, self.columns, self.fixed)

    def worth(self, chosen: Ints) -> int:
        """Objective of an answer: value of the matches less the cost of balance."""
        horizon = self.tables.problem.horizon
        sessions = np.unique(self.tutor[chosen] * horizon + self.start[chosen])
        loads = np.bincount(sessions // horizon)
        balance = int((loads * (loads - 1) // 2).sum())
        return int(self.value[chosen].sum()) - self.tables.problem.scoring.balance_step * balance


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """An answer to one part: positions chosen, a proven bound, what found them, whether the clock cut in.

    ``build`` is the time spent building the model, in seconds.
    """

    chosen: Ints
    bound: int
    engine: str
    clock: bool = False
    build: float = 0.0


type Watch = Callable[[Ints, int], bool]
"""Told of every better answer and bound of a part; True asks the engine to stop."""


def trivial_bound(part: Part) -> int:
    """Every request at its best match, without any limit."""
    best = np.zeros(len(part.tables.request_person), dtype=np.int64)
    np.maximum.at(best, part.request, part.value)
    pinned = part.request[part.fixed]
    best[pinned] = part.value[part.fixed]
    return int(best.sum())
