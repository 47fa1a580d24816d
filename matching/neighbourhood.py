"""Large neighbourhood search: free a few tutors and everyone they could serve, solve that exactly, keep the rest.

A neighbourhood grows from a request: the tutors it is drawn to most, whoever those tutors serve now, the tutors those
are drawn to, and so on until it is as large as an exact solve takes easily. What draws is the reduced cost of a match
under the current prices of requests and tutors' time.
"""

from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from matching.cpsat import solve_by_sat
from matching.highs import Limits, LinearAnswer, solve_integer, solve_relaxation
from matching.linear import LinearModel, float_reduced_costs, prove_bound
from matching.part import Part
from matching.tables import Flags, Ints

_NODES = 20
_SECONDS = 20.0
_SMALLEST, _SMALLEST_GROUPS, _LARGEST = 1000, 800, 6000
_PATIENCE = 60
_NOISE = 0.02
_DRAWN = 4
_SAT_WORK, _UNITS_OF_SAT = 0.1, 80_000


class NeighbourhoodSearch:
    """Improves an answer of a part, one neighbourhood after another."""

    def __init__(
        self, part: Part, chosen: Ints, reduced: NDArray[np.float64], *, seed: int, size: int | None = None
    ) -> None:
        self.part = part
        self.rng = np.random.default_rng(seed)
        self.reduced = reduced
        self.column_of = np.full(len(part.tables.request_person), -1, dtype=np.int64)
        self.worth = 0
        self.adopt(chosen)
        self.work = 0
        self._size = size or (_SMALLEST_GROUPS if part.has_groups else _SMALLEST)
        self._stale = 0
        self._rounds = 0
        self._by_tutor = np.argsort(part.tutor, kind="stable")
        self._tutor_from = np.searchsorted(part.tutor[self._by_tutor], np.arange(len(part.tables.tutor_person) + 1))
        self._requests = np.unique(part.request)
        self._request_from = np.searchsorted(part.request, np.arange(len(part.tables.request_person) + 1))
        self._noise = _NOISE * float(np.median(part.value))
        self._queue: list[int] = []

    def adopt(self, chosen: Ints) -> None:
        """Go on from this answer."""
        self.column_of[:] = -1
        self.column_of[self.part.request[chosen]] = chosen
        self.worth = self.part.worth(chosen)

    @property
    def served(self) -> int:
        """Number of requests matched."""
        return int(np.count_nonzero(self.column_of >= 0))

    def improve(self) -> None:
        """One neighbourhood around the next request; neighbourhoods grow while nothing is gained."""
        if self._improve_around(self._next_request()) > 0:
            self._stale = 0
            return
        self._stale += 1
        if self._stale >= _PATIENCE:
            self._size, self._stale = min(self._size * 3 // 2, _LARGEST), 0

    def _next_request(self) -> int:
        """Requests left out in turn, every other time any request."""
        self._rounds += 1
        if self._rounds % 2:
            return int(self.rng.choice(self._requests))
        if not self._queue:
            self._queue = self.rng.permutation(self.unserved()).tolist()
        return self._queue.pop() if self._queue else int(self.rng.choice(self._requests))

    @property
    def chosen(self) -> Ints:
        """The answer, as sorted positions."""
        return np.sort(self.column_of[self.column_of >= 0])

    def unserved(self) -> Ints:
        """Requests of the part without a match."""
        return self._requests[self.column_of[self._requests] < 0]

    def _improve_around(self, seed_request: int) -> int:
        """Solve the neighbourhood of a request; returns what was gained."""
        return self.improve_among(self.grow([seed_request], self._size))

    def improve_among(self, tutors: Flags) -> int:
        """Give these tutors' sessions, and the requests they serve or could serve, their best use; returns the gain."""
        columns = self.free_columns(tutors)
        before = self._held(tutors)
        part = self.part.select(columns)
        self.work += 500 + len(columns)
        found = self.solve_neighbourhood(part, np.searchsorted(columns, before))
        if found is None:
            return 0
        after = columns[found]
        gain = part.worth(found) - self.part.worth(before)
        if gain < 0:
            return 0
        self.column_of[self.part.request[before]] = -1
        self.column_of[self.part.request[after]] = after
        self.worth += gain
        return gain

    def grow(self, seeds: Iterable[int], size: int) -> Flags:
        """Tutors around these requests, as flags, until they have about ``size`` columns."""
        inside = np.zeros(len(self.part.tables.tutor_person), dtype=np.bool_)
        seen = set(seeds)
        queue, columns = deque(sorted(seen)), 0
        while queue and columns < size:
            for tutor in self._drawn_to(queue.popleft()):
                if inside[tutor] or columns >= size:
                    continue
                inside[tutor] = True
                columns += self._free_size(tutor)
                fresh = [request for request in self._served_by(tutor) if request not in seen]
                seen.update(fresh)
                queue.extend(fresh)
        return inside

    def _drawn_to(self, request: int) -> list[int]:
        """A few tutors by reduced cost, with some noise so that no two rounds are the same."""
        rows = slice(self._request_from[request], self._request_from[request + 1])
        tutors = self.part.tutor[rows]
        noise = self.rng.exponential(self._noise, size=len(tutors))
        order = np.argsort(-(self.reduced[rows] - noise), kind="stable")
        return list(dict.fromkeys(tutors[order].tolist()))[:_DRAWN]

    def _columns_of(self, tutor: int) -> Ints:
        return self._by_tutor[self._tutor_from[tutor] : self._tutor_from[tutor + 1]]

    def _served_by(self, tutor: int) -> list[int]:
        columns = self._columns_of(tutor)
        held: list[int] = self.part.request[columns[self.column_of[self.part.request[columns]] == columns]].tolist()
        return held

    def _free_size(self, tutor: int) -> int:
        """Columns of the tutor whose request is not served elsewhere, roughly."""
        columns = self._columns_of(tutor)
        return int(np.count_nonzero(self.column_of[self.part.request[columns]] < 0)) + 20 * len(self._served_by(tutor))

    def _held(self, tutors: Flags) -> Ints:
        chosen = self.chosen
        return chosen[tutors[self.part.tutor[chosen]]]

    def free_columns(self, tutors: Flags) -> Ints:
        """Sorted positions that the neighbourhood may choose from: nothing that the rest keeps busy."""
        part = self.part
        chosen = self.chosen
        outside = chosen[~tutors[part.tutor[chosen]]]
        taken = np.zeros(len(self.column_of), dtype=np.bool_)
        taken[part.request[outside]] = True
        columns = np.concatenate([self._columns_of(tutor) for tutor in np.flatnonzero(tutors).tolist()])
        columns = np.sort(columns[~taken[part.request[columns]]])
        return columns[~self._is_busy(columns, outside)]

    def _is_busy(self, columns: Ints, outside: Ints) -> Flags:
        """Where the learner's or the tutor's person is in a session that stays."""
        part, tables = self.part, self.part.tables
        cells = tables.problem.session_cells
        span = tables.problem.horizon + 2 * cells
        learner, helper = tables.request_person[part.request], tables.tutor_person[part.tutor]
        people = np.concatenate((learner[outside], helper[outside])) * span
        reach = np.arange(1 - cells, cells)
        taken = np.unique((people + np.tile(part.start[outside], 2))[:, None] + reach[None, :])
        busy: Flags = np.isin(learner[columns] * span + part.start[columns], taken)
        busy |= np.isin(helper[columns] * span + part.start[columns], taken)
        return busy

    def solve_neighbourhood(self, part: Part, held: Ints | None = None) -> Ints | None:
        """The best answer found to a neighbourhood, or None if there is none; ``held`` is one in hand."""
        model = part.build_model()
        relaxed = solve_relaxation(model, Limits(_SECONDS))
        if relaxed is None:
            return None
        if relaxed.is_integral:
            return np.flatnonzero(relaxed.values[: len(part)] > 1 / 2)
        if part.has_groups and held is not None:
            return self._search_by_sat(part, model, relaxed, held)
        answer = solve_integer(model, Limits(_SECONDS, _NODES), seed=int(self.rng.integers(2**31)), hint=None)
        self.work += 3 * len(part)
        return None if answer.values is None else np.flatnonzero(answer.values[: len(part)])

    def _search_by_sat(self, part: Part, model: LinearModel, relaxed: LinearAnswer, held: Ints) -> Ints | None:
        """CP-SAT over the matches that a better answer than the one in hand may hold."""
        gap = prove_bound(model, relaxed.duals) - part.worth(held)
        if gap <= 0:
            return held
        possible = float_reduced_costs(model, relaxed.duals)[: len(part)] >= -gap - 1
        possible[held] = True
        columns = np.flatnonzero(possible | part.fixed)
        smaller = part.select(columns)
        answer = solve_by_sat(
            smaller.build_model(),
            hint=np.isin(columns, held),
            work=_SAT_WORK,
            seconds=_SECONDS,
            seed=int(self.rng.integers(2**31)),
        )
        self.work += int(_UNITS_OF_SAT * answer.work)
        return None if answer.values is None else columns[answer.values[: len(columns)]]
