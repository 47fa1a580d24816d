"""Prices for parts whose linear relaxation is too large: Lagrangian relaxation with a subgradient ascent.

Requests (rule 1) and people's time (rule 6) get a price each. What is left falls apart by tutor: every session is worth
its best members at those prices, and a tutor takes the best sessions week by week within the limits, each further one
at the cost of balance. The value of that, plus the prices, bounds every answer for any prices at all. All sums are of
integers, so the bound is exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.group_model import list_shared_sessions
from matching.part import Part
from matching.tables import Flags, Ints

_PATIENCE = 12
_SHORTEST_STEP = 0.02


@dataclass(frozen=True, slots=True)
class Prices:
    """The best bound found, and the reduced cost of every position under the prices that gave it."""

    bound: int
    reduced: Ints


class PriceSearch:
    """Subgradient ascent on the prices of one part."""

    def __init__(self, part: Part, objective: int) -> None:
        self.part = part
        self.objective = objective
        self.request_price = np.zeros(len(part.tables.request_person), dtype=np.float64)
        self._lay_out_people()
        self._lay_out_seats()
        self.time_price = np.zeros(len(self.busy), dtype=np.float64)
        self.best = Prices(2**62, part.value)
        self.best_request_price = self.request_price
        self.step = 1.0
        self._stale = 0
        self.work = 0

    def _lay_out_people(self) -> None:
        """Cells of people who could be in two places; rows of ``uses`` are (position, priced cell)."""
        part, tables = self.part, self.part.tables
        cells = tables.problem.session_cells
        learner, helper = tables.request_person[part.request], tables.tutor_person[part.tutor]
        priced = _may_clash(part, learner, helper)
        span = tables.problem.horizon + cells
        reach = np.arange(cells)
        codes, owners = [], []
        for people, needed in ((learner, priced[learner]), (helper, priced[helper])):
            position = np.flatnonzero(needed)
            codes.append(((people[position] * span + part.start[position])[:, None] + reach).ravel())
            owners.append(np.repeat(position, cells))
        self.busy, self._cell = np.unique(np.concatenate(codes), return_inverse=True)
        self._owner = np.concatenate(owners)

    def _lay_out_seats(self) -> None:
        """Which positions may sit together: by session, numbered so that those of a tutor and start are neighbours."""
        part, tables = self.part, self.part.tables
        alone = np.ones(len(part), dtype=np.bool_)
        member, session = np.flatnonzero(alone), np.arange(len(part))
        tutor, start = part.tutor, part.start
        if part.has_groups:
            shared = list_shared_sessions(tables, part.request, part.tutor, part.start)
            alone[shared.match] = False
            single = np.flatnonzero(alone)
            member = np.concatenate((single, shared.match))
            session = np.concatenate((np.arange(len(single)), len(single) + shared.session))
            tutor = np.concatenate((part.tutor[single], shared.tutor))
            start = np.concatenate((part.start[single], shared.start))
        self._member, self._session = member, session
        self._slot, self._slot_of_session = np.unique(tutor * tables.problem.horizon + start, return_inverse=True)

    def reduced_costs(self) -> Ints:
        """Value less the prices of the request and of the people's time, rounded to integers."""
        part = self.part
        time = np.bincount(self._owner, weights=self._prices(self.time_price)[self._cell], minlength=len(part))
        return part.value - self._prices(self.request_price)[part.request] - time.astype(np.int64)

    @staticmethod
    def _prices(prices: NDArray[np.float64]) -> Ints:
        return np.rint(prices).astype(np.int64)

    def ascend(self) -> None:
        """One step: evaluate the bound at the prices, then move them against what is asked for too often."""
        reduced = self.reduced_costs()
        taken, value = self.fill_sessions(reduced)
        bound = value + int(self._prices(self.request_price).sum()) + int(self._prices(self.time_price).sum())
        self.work += len(self._member)
        self._note(bound, reduced)
        demand = np.bincount(self.part.request[taken], minlength=len(self.request_price)) - 1.0
        crowd = np.bincount(self._cell[np.isin(self._owner, taken)], minlength=len(self.busy)) - 1.0
        demand[(demand < 0) & (self.request_price <= 0)] = 0
        crowd[(crowd < 0) & (self.time_price <= 0)] = 0
        norm = float(demand @ demand + crowd @ crowd)
        if norm > 0:
            length = self.step * max(1.0, bound - self.objective) / norm
            self.request_price = np.maximum(0, self.request_price + length * demand)
            self.time_price = np.maximum(0, self.time_price + length * crowd)

    def _note(self, bound: int, reduced: Ints) -> None:
        if bound < self.best.bound:
            self.best = Prices(bound, reduced)
            self.best_request_price = self.request_price.copy()
            self._stale = 0
            return
        self._stale += 1
        if self._stale >= _PATIENCE:
            self.step, self._stale = self.step / 1.5, 0

    @property
    def is_settled(self) -> bool:
        """Whether steps have become too short to matter."""
        return self.step < _SHORTEST_STEP

    def fill_sessions(self, reduced: Ints) -> tuple[Ints, int]:
        """The best sessions at these prices: positions seated, and what they are worth."""
        gain, order, inside = self._value_sessions(reduced)
        slot_gain = np.zeros(len(self._slot), dtype=np.int64)
        np.maximum.at(slot_gain, self._slot_of_session, gain)
        kept, value = self._fill_tutors(slot_gain)
        winner = np.full(len(self._slot), -1, dtype=np.int64)
        best = gain == slot_gain[self._slot_of_session]
        winner[self._slot_of_session[best][::-1]] = np.flatnonzero(best)[::-1]
        open_session = np.zeros(len(gain), dtype=np.bool_)
        open_session[winner[kept]] = True
        seated = order[inside & open_session[self._session[order]]]
        return self._member[seated], value

    def _value_sessions(self, reduced: Ints) -> tuple[Ints, Ints, Flags]:
        """Worth of each session: its best members with a positive reduced cost, up to the group size."""
        worth = reduced[self._member]
        order = np.lexsort((-worth, self._session))
        session, worth = self._session[order], worth[order]
        rank = np.arange(len(order)) - np.searchsorted(session, session)
        inside = (worth > 0) & (rank < self.part.tables.problem.group_size_max)
        gain = np.zeros(int(self._session.max(initial=-1)) + 1, dtype=np.int64)
        np.add.at(gain, session[inside], worth[inside])
        return gain, order, inside

    def _fill_tutors(self, gain: Ints) -> tuple[Ints, int]:
        """Per tutor the best slots within the week's and the whole limit, while each pays for its balance cost."""
        tables, problem = self.part.tables, self.part.tables.problem
        slots = np.flatnonzero(gain > 0)
        tutor, start = np.divmod(self._slot[slots], problem.horizon)
        weeks = -(-problem.horizon // problem.cells_per_week)
        week = tutor * weeks + start // problem.cells_per_week
        order = np.lexsort((slots, -gain[slots], week))
        slots, tutor, week = slots[order], tutor[order], week[order]
        allowed = np.arange(len(slots)) - np.searchsorted(week, week) < tables.tutor_weekly[tutor]
        slots, tutor = slots[allowed], tutor[allowed]
        order = np.lexsort((slots, -gain[slots], tutor))
        slots, tutor = slots[order], tutor[order]
        rank = np.arange(len(slots)) - np.searchsorted(tutor, tutor)
        net = gain[slots] - problem.scoring.balance_step * rank
        kept = (net > 0) & (rank < tables.tutor_total[tutor])
        return slots[kept], int(net[kept].sum())


def _may_clash(part: Part, learner: Ints, helper: Ints) -> Flags:
    """People with more than one request or role in the part; any tutor once sessions are longer than a cell."""
    people = len(part.tables.traits)
    pairs = np.unique(learner * len(part.tables.request_person) + part.request)
    requests = np.bincount(pairs // max(1, len(part.tables.request_person)), minlength=people)
    offers = np.unique(helper * len(part.tables.tutor_person) + part.tutor)
    roles = np.bincount(offers // max(1, len(part.tables.tutor_person)), minlength=people)
    several = requests + roles > 1
    if part.tables.problem.session_cells > 1:
        several |= roles > 0
    flags: Flags = several
    return flags
