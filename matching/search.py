"""A search over a whole problem: part by part, in this process or in several, with the same answer."""

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.pool import IMapIterator, Pool

import numpy as np

from matching.components import split_components
from matching.engines import Effort, solve_part
from matching.greedy import build_greedily
from matching.parameters import SolveParameters
from matching.part import Part, PartAnswer, trivial_bound
from matching.progress import INTERVAL, Reporter
from matching.tables import Ints

_WORTH_A_PROCESS = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """Chosen candidates, a proven bound, the engines that had a part in it, and whether the clock cut any short.

    ``build`` is the time spent building models, in seconds, all processes together.
    """

    columns: Ints
    bound: int
    engine: str
    clock: bool
    build: float = 0.0


class Search:
    """Holds the best answer and bound of every part, so that those of the whole are always at hand."""

    def __init__(self, whole: Part, params: SolveParameters, reporter: Reporter) -> None:
        self.whole, self.params, self.reporter = whole, params, reporter
        self.parts: list[Ints] = []
        self.held: list[Ints] = []
        self.worth: list[int] = []
        self.served: list[int] = []
        self.bound: list[int] = []

    def run(self) -> Found:
        """Search all parts."""
        self._lay_out()
        answers = dict(self._solve_parts())
        chosen = [
            positions[answers[index].chosen if index in answers else self.held[index]]
            for index, positions in enumerate(self.parts)
        ]
        engines = {name for answer in answers.values() for name in answer.engine.split("+")}
        if len(answers) < len(self.parts):
            engines.add("greedy")
        columns = self.whole.columns[np.sort(np.concatenate(chosen))] if chosen else self.whole.columns[:0]
        clock = len(answers) < len(self.parts) or any(answer.clock for answer in answers.values())
        build = sum(answer.build for answer in answers.values())
        return Found(columns, sum(self.bound), "+".join(sorted(engines)) or "none", clock, build)

    def _lay_out(self) -> None:
        """The greedy answer, and what each part starts from."""
        start = build_greedily(self.whole)
        self.reporter.report(self.whole.worth(start), None, len(start))
        in_hand = np.zeros(len(self.whole), dtype=np.bool_)
        in_hand[start] = True
        self.parts = split_components(self.whole)
        for positions in self.parts:
            held = np.flatnonzero(in_hand[positions])
            part = self.whole.select(positions)
            self.held.append(held)
            self.worth.append(part.worth(held))
            self.served.append(len(held))
            self.bound.append(trivial_bound(part))

    def _solve_parts(self) -> Iterator[tuple[int, PartAnswer]]:
        if self.params.workers > 1 and len(self.parts) > 1 and len(self.whole) >= _WORTH_A_PROCESS:
            yield from self._solve_in_processes()
            return
        for index in range(len(self.parts)):
            yield index, self._solve_here(index)

    def _solve_here(self, index: int) -> PartAnswer:
        part = self.whole.select(self.parts[index])
        effort = Effort(
            seconds=self._share(index),
            seed=self.params.seed,
            remaining=self.reporter.remaining,
            tell=lambda worth, served, bound: self._note(index, worth, served, bound),
        )
        answer = solve_part(part, self.held[index], effort)
        self._note(index, part.worth(answer.chosen), len(answer.chosen), answer.bound)
        return answer

    def _share(self, index: int) -> float:
        """Seconds of work for a part, by its size."""
        return self.params.seconds * len(self.parts[index]) / len(self.whole)

    def _note(self, index: int, worth: int, served: int, bound: int) -> bool:
        self.worth[index], self.served[index] = worth, served
        self.bound[index] = min(self.bound[index], bound)
        self.reporter.report(sum(self.worth), sum(self.bound), sum(self.served))
        return self.reporter.should_stop()

    def _solve_in_processes(self) -> Iterator[tuple[int, PartAnswer]]:
        """The same parts, each by whichever process is free; what a part finds does not depend on that."""
        deadline = time.monotonic() + self.reporter.remaining()
        tasks = [
            _Task(index, positions, self.held[index], self._share(index), self.params.seed, deadline)
            for index, positions in enumerate(self.parts)
        ]
        workers = min(self.params.workers, len(tasks))
        with multiprocessing.get_context("spawn").Pool(workers, _receive_whole, (self.whole,)) as pool:
            yield from self._collect(pool, pool.imap_unordered(_solve_task, tasks), len(tasks))

    def _collect(
        self, pool: Pool, answers: "IMapIterator[tuple[int, PartAnswer]]", count: int
    ) -> Iterator[tuple[int, PartAnswer]]:
        while count:
            try:
                index, answer = answers.next(timeout=INTERVAL)
            except multiprocessing.TimeoutError:
                self.reporter.heartbeat()
                if self.reporter.cancelled:
                    pool.terminate()
                    return
                continue
            count -= 1
            part = self.whole.select(self.parts[index])
            self._note(index, part.worth(answer.chosen), len(answer.chosen), answer.bound)
            yield index, answer


@dataclass(frozen=True, slots=True)
class _Task:
    index: int
    positions: Ints
    held: Ints
    seconds: float
    seed: int
    deadline: float  # on the machine's monotonic clock, which processes share


_whole_of_process: list[Part] = []


def _receive_whole(whole: Part) -> None:
    """What a new process keeps for all its tasks."""
    _whole_of_process[:] = [whole]


def _solve_task(task: _Task) -> tuple[int, PartAnswer]:
    def remaining() -> float:
        return max(0.0, task.deadline - time.monotonic())

    def tell(worth: int, served: int, bound: int) -> bool:
        del worth, served, bound
        return remaining() <= 0

    effort = Effort(seconds=task.seconds, seed=task.seed, remaining=remaining, tell=tell)
    return task.index, solve_part(_whole_of_process[0].select(task.positions), task.held, effort)
