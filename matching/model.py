"""The linear model of a problem, one function per rule.

Columns, in this order: candidate matches; shared sessions (groups only); second and further sessions of each tutor.
"""

from dataclasses import dataclass, field

import numpy as np

from matching.candidates import Candidates
from matching.linear import LinearModel
from matching.tables import Flags, Ints, Tables, ranges


@dataclass(frozen=True, slots=True)
class Activities:
    """What takes a tutor's time: single matches, and shared sessions once groups are allowed.

    Arrays by activity; ``column`` is the column of the model that it is.
    """

    tutor: Ints
    start: Ints
    column: Ints


@dataclass(slots=True)
class RowBuilder:
    """Collects rows ``Σ coefficient · column ≤ limit``."""

    limits: list[Ints] = field(default_factory=list)
    entries: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)
    count: int = 0

    def add(self, limit: Ints, row: Ints, column: Ints, coefficient: Ints | None = None) -> Ints:
        """Add ``len(limit)`` rows; ``row`` counts from 0 within them. Returns their numbers in the model."""
        ones = np.ones(len(column), dtype=np.int64) if coefficient is None else coefficient
        self.entries.append((row + self.count, column, ones))
        self.limits.append(limit)
        numbers = np.arange(self.count, self.count + len(limit))
        self.count += len(limit)
        return numbers

    def add_grouped(self, key: Ints, column: Ints, limit_of: Ints) -> Ints:
        """One row per distinct key; ``limit_of`` gives the limit beside each entry. Returns the row of each entry."""
        kinds, first, row = np.unique(key, return_index=True, return_inverse=True)
        before = self.count
        self.add(limit_of[first], row, column)
        return before + row if len(kinds) else row

    def build(self, cost: Ints, fixed: Flags) -> LinearModel:
        """The model, rows in the order they were added."""
        row, column, coefficient = (np.concatenate([entry[part] for entry in self.entries]) for part in range(3))
        return LinearModel(cost, fixed, np.concatenate(self.limits), row, column, coefficient)


def build_single_model(tables: Tables, candidates: Candidates, chosen: Ints, fixed: Flags) -> LinearModel:
    """One learner per session, over the ``chosen`` candidates; ``fixed`` marks the pinned ones among them."""
    rows = RowBuilder()
    request, tutor = candidates.request[chosen].astype(np.int64), candidates.tutor[chosen].astype(np.int64)
    start, column = candidates.start[chosen].astype(np.int64), np.arange(len(chosen))
    add_request_rows(rows, request)
    add_person_rows(
        rows,
        tables,
        person=np.concatenate((tables.tutor_person[tutor], tables.request_person[request])),
        start=np.tile(start, 2),
        column=np.tile(column, 2),
        request=np.tile(request, 2),
    )
    sessions = Activities(tutor, start, column)
    add_week_rows(rows, tables, sessions)
    extra_cost = add_load_rows(rows, tables, sessions, first_column=len(chosen))
    cost = np.concatenate((candidates.value[chosen], extra_cost))
    return rows.build(cost, np.concatenate((fixed, np.zeros(len(extra_cost), dtype=np.bool_))))


def add_request_rows(rows: RowBuilder, request: Ints) -> None:
    """Rule 1: a request gets at most one match."""
    rows.add_grouped(request, np.arange(len(request)), np.ones(len(request), dtype=np.int64))


def add_person_rows(
    rows: RowBuilder, tables: Tables, *, person: Ints, start: Ints, column: Ints, request: Ints
) -> None:
    """Rule 6: a person is in one place at a time.

    Sessions that overlap pairwise all hold one common cell, so each row is a maximal run of starts less than a session
    apart. Runs that concern a single request say nothing new.
    """
    order = np.lexsort((column, start, person))
    person, start, column, request = person[order], start[order], column[order], request[order]
    code = person * (tables.problem.horizon + tables.problem.session_cells) + start
    nodes, first = np.unique(code, return_index=True)
    last = np.searchsorted(nodes, nodes + tables.problem.session_cells - 1, side="right")
    maximal = np.diff(last, prepend=0) > 0
    ends = np.append(first, len(code))
    low, high = ends[:-1][maximal], ends[last[maximal]]
    several = _range_extreme(np.maximum, request, low, high) > _range_extreme(np.minimum, request, low, high)
    low, high = low[several], high[several]
    entries = np.repeat(low, high - low) + ranges(high - low)
    row = np.repeat(np.arange(len(low)), high - low)
    rows.add(np.ones(len(low), dtype=np.int64), row, column[entries])


def _range_extreme(ufunc: np.ufunc, values: Ints, low: Ints, high: Ints) -> Ints:
    """Extreme of each (possibly overlapping) range of ``values``."""
    if not len(low):
        return np.zeros(0, dtype=np.int64)
    bounds = np.column_stack((low, high)).ravel()
    padded = np.append(values, values[-1])
    result: Ints = ufunc.reduceat(padded, bounds)[::2]
    return result


def add_week_rows(rows: RowBuilder, tables: Tables, sessions: Activities) -> None:
    """Rule 7, each week, where the starts on offer could exceed it."""
    weeks = -(-tables.problem.horizon // tables.problem.cells_per_week)
    key = sessions.tutor * weeks + sessions.start // tables.problem.cells_per_week
    limit = tables.tutor_weekly[sessions.tutor]
    possible = _distinct_starts(key, sessions.start)
    binding = (possible > limit) & (limit < tables.tutor_total[sessions.tutor])
    rows.add_grouped(key[binding], sessions.column[binding], limit[binding])


def add_load_rows(rows: RowBuilder, tables: Tables, sessions: Activities, first_column: int) -> Ints:
    """Rule 7 in all, and the convex cost of balance.

    A tutor's sessions are at most one plus the further ones bought, the k-th for ``balance_step · (k − 1)``. Returns
    the costs of those columns, numbered from ``first_column``.
    """
    possible = _distinct_starts(sessions.tutor, sessions.start)
    most = np.minimum(possible, tables.tutor_total[sessions.tutor])
    concerned = possible > np.minimum(tables.tutor_total[sessions.tutor], 1)
    tutor, column, most = sessions.tutor[concerned], sessions.column[concerned], most[concerned]
    kinds, first, row = np.unique(tutor, return_index=True, return_inverse=True)
    further = np.maximum(most[first] - 1, 0)
    extra = ranges(further)
    bought = first_column + np.arange(len(extra))
    ones = np.ones(len(column), dtype=np.int64)
    rows.add(
        np.minimum(most[first], 1),
        np.concatenate((row, np.repeat(np.arange(len(kinds)), further))),
        np.concatenate((column, bought)),
        np.concatenate((ones, -np.ones(len(extra), dtype=np.int64))),
    )
    return -tables.problem.scoring.balance_step * (extra + 1)


def _distinct_starts(key: Ints, start: Ints) -> Ints:
    """Beside each entry, how many different starts its key has."""
    span = int(start.max(initial=0)) + 1
    codes = np.unique(key * span + start)
    kinds, counts = np.unique(codes // span, return_counts=True)
    return counts[np.searchsorted(kinds, key)] if len(kinds) else np.zeros(0, dtype=np.int64)
