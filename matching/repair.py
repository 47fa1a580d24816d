"""Repair: something changed, and as few sessions as possible should move for it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.candidates import enumerate_candidates
from matching.checker import Checker
from matching.core import choose_core, solve_core
from matching.engines import is_network
from matching.flow import solve_flow
from matching.highs import Limits
from matching.neighbourhood import NeighbourhoodSearch
from matching.parameters import SolveParameters
from matching.part import Part, trivial_bound
from matching.pins import find_conflicts, restrict_to_pins
from matching.problem import Problem
from matching.records import Interval, Match, Person, Pin, Request
from matching.result import Result
from matching.search import Found
from matching.solver import Stopwatch, conclude, solve
from matching.tables import Flags, Ints, index_problem

DEFAULT_MOVE_COST = 400
_SIZE = 1_200
_PASSES = 2


@dataclass(frozen=True, slots=True)
class Change:
    """What is no longer as it was.

    Attributes
    ----------
    tutors_out : frozenset of str
        Tutors who give no session any more.
    declined : frozenset of (str, str)
        Pairs (request, tutor) that shall not meet.
    lost_time : tuple of (str, int, int)
        Person, start and end, in cells: no longer available.
    withdrawn : frozenset of str
        Requests taken back.
    new_people, new_requests : tuples
        Who and what came in since.
    """

    tutors_out: frozenset[str] = frozenset()
    declined: frozenset[tuple[str, str]] = frozenset()
    lost_time: tuple[tuple[str, int, int], ...] = ()
    withdrawn: frozenset[str] = frozenset()
    new_people: tuple[Person, ...] = ()
    new_requests: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """A session that could have stayed and did not; ``after`` is None if the request is now without.

    ``price`` is what keeping it after all would cost the total, other moves included.
    """

    before: Match
    after: Match | None
    price: int


@dataclass(frozen=True, slots=True)
class Repair:
    """The repaired answer and what it disturbs.

    Attributes
    ----------
    problem : Problem
        The changed problem, the earlier matches that still hold being ``previous``.
    kept : int
        Earlier matches that could stay and did.
    moves : tuple of Move
        Earlier matches that could have stayed and did not.
    lost : tuple of str
        Requests that had a match, are still there, and have none now.
    """

    problem: Problem
    result: Result
    kept: int
    moves: tuple[Move, ...]
    lost: tuple[str, ...]


def repair(
    problem: Problem,
    matches: Sequence[Match],
    change: Change,
    *,
    fixed: Collection[str] = (),
    move_cost: int = DEFAULT_MOVE_COST,
    params: SolveParameters | None = None,
) -> Repair:
    """Find the best answer after a change, near the one before.

    Parameters
    ----------
    matches : sequence of Match
        The answer before.
    fixed : collection of str
        Requests whose match must stay.
    move_cost : int
        Points of the objective that moving one session has to be worth.
    """
    params = params or SolveParameters()
    changed = apply_change(problem, matches, change, fixed=fixed, move_cost=move_cost)
    if find_conflicts(changed):
        return Repair(changed, solve(changed, params), 0, (), ())
    affected = {match.request for match in matches} - {pin.request for pin in changed.previous}
    affected |= {request.id for request in change.new_requests}
    workshop = _Workshop(changed, affected, params)
    result = workshop.repair()
    return Repair(changed, result, *_compare(workshop, result, matches))


def apply_change(
    problem: Problem, matches: Sequence[Match], change: Change, *, fixed: Collection[str] = (), move_cost: int
) -> Problem:
    """The changed problem; earlier matches that still hold are ``previous``, those of ``fixed`` requests pinned."""
    tutors = tuple(tutor for tutor in problem.tutors if tutor.id not in change.tutors_out)
    requests = tuple(request for request in problem.requests if request.id not in change.withdrawn)
    known = {request.id for request in requests}, {tutor.id for tutor in tutors}
    pinned = {*problem.pinned, *(match.pin for match in matches if match.request in fixed)}
    scoring = replace(problem.scoring, stability_exact=move_cost, stability_tutor=move_cost // 2)
    excluded = dict.fromkeys((*problem.excluded, *sorted(change.declined)))
    changed = replace(
        problem,
        people=(*(_cut_time(person, change) for person in problem.people), *change.new_people),
        tutors=tutors,
        requests=(*requests, *change.new_requests),
        excluded=tuple(pair for pair in excluded if pair[0] in known[0] and pair[1] in known[1]),
        pinned=(),
        previous=(),
        scoring=scoring,
    )
    checker = Checker(changed)
    there = [match for match in matches if match.request in known[0] and match.tutor in known[1]]
    still = [match.pin for match in there if not any(checker.find_match_violations(match))]
    firm = sorted(pinned, key=lambda pin: (pin.request, pin.tutor, pin.start))
    kept_pins = tuple(pin for pin in firm if pin.request in known[0] and pin.tutor in known[1])
    return replace(changed, pinned=kept_pins, previous=tuple(still))


def _cut_time(person: Person, change: Change) -> Person:
    available: list[Interval] = list(person.available)
    for who, start, end in change.lost_time:
        if who == person.id:
            available = [piece for interval in available for piece in _subtract(interval, start, end)]
    return replace(person, available=tuple(available))


def _subtract(interval: Interval, start: int, end: int) -> Iterator[Interval]:
    first, last = interval
    if first < min(last, start):
        yield first, min(last, start)
    if max(first, end) < last:
        yield max(first, end), last


class _Workshop:
    """The changed problem as a part, with a neighbourhood search that starts from what still holds."""

    def __init__(self, changed: Problem, affected: Collection[str], params: SolveParameters) -> None:
        self.params, self.clock = params, Stopwatch()
        self.tables = index_problem(changed)
        self.candidates = enumerate_candidates(self.tables)
        self.part = Part(self.tables, self.candidates, *restrict_to_pins(self.tables, self.candidates))
        self.clock.lap("enumerate")
        self.before = self.positions_of(changed.previous)
        held = np.union1d(self.before, np.flatnonzero(self.part.fixed))
        self.search = NeighbourhoodSearch(self.part, held, self.part.value.astype(np.float64), seed=params.seed)
        index = self.tables.request_index
        self.affected = np.array(sorted(index[name] for name in affected if name in index), dtype=np.int64)
        self.engine = "lns"
        self.changed_tutors = np.zeros(len(self.tables.tutor_person), dtype=np.bool_)
        self.near: Flags = np.ones(len(self.part), dtype=np.bool_)

    def positions_of(self, pins: Sequence[Pin]) -> Ints:
        """Where these matches are in the part; what pins rule out is gone."""
        columns = [self.candidates.find(*self.tables.pin_triple(pin)) for pin in pins]
        return np.flatnonzero(np.isin(self.part.columns, columns))

    def repair(self) -> Result:
        """Serve again who lost a session: over the whole network, or else in a neighbourhood around them."""
        bound = trivial_bound(self.part)
        if len(self.part) and is_network(self.part):
            bound = min(bound, self._repair_network())
        else:
            self._repair_around()
        self.clock.lap("solve")
        found = Found(self.part.columns[self.search.chosen], bound, self.engine, clock=False)
        return conclude(self.tables, self.candidates, found, self.params, self.clock)

    def _repair_network(self) -> int:
        """Everything may move, each move at its cost; returns a bound."""
        before = self.search.chosen
        flow = solve_flow(self.part)
        limits = Limits(self.params.seconds)
        after = solve_core(self.part, flow.reduced, np.union1d(before, flow.chosen), limits, seed=self.params.seed)
        if after is None or self.part.worth(after) < self.part.worth(before):
            self._repair_around()
        else:
            self.search.adopt(after)
            self.engine = "core"
            self.near[:] = False
            self.near[choose_core(self.part, flow.reduced, np.union1d(before, after), self.params.seconds)] = True
            touched = self.part.tutor[np.setxor1d(before, after)]
            self.changed_tutors[touched] = True
        return flow.bound

    def _repair_around(self) -> None:
        """Around who lost a session first, a little further each time."""
        for reach in range(1, _PASSES + 1):
            seeds = np.intersect1d(self.search.unserved(), self.affected)
            if not len(seeds):
                break
            near = self.search.grow(seeds.tolist(), _SIZE * reach)
            self.changed_tutors |= near
            if self.search.improve_among(near) <= 0:
                break

    def price(self, position: int) -> int:
        """What the total loses, other moves included, if this earlier match stays after all."""
        tutors = self.changed_tutors.copy()
        tutors[self.part.tutor[position]] = True
        columns = self.search.free_columns(tutors)
        columns = columns[self.near[columns]]
        now = self.search.chosen[tutors[self.part.tutor[self.search.chosen]]]
        kept = self._solve_keeping(columns, position)
        return 0 if kept is None else self.part.worth(now) - self.part.worth(kept)

    def _solve_keeping(self, columns: Ints, position: int) -> Ints | None:
        """The best neighbourhood answer that holds this match; None if something outside forbids it."""
        if position not in columns:
            return None
        part, request = self.part, self.part.request[position]
        columns = columns[(part.request[columns] != request) | (columns == position)]
        fixed: Flags = part.fixed[columns] | (columns == position)
        local = Part(part.tables, part.candidates, part.columns[columns], fixed)
        found = self.search.solve_neighbourhood(local)
        return None if found is None else columns[found]


def _compare(
    workshop: _Workshop, result: Result, matches: Sequence[Match]
) -> tuple[int, tuple[Move, ...], tuple[str, ...]]:
    """What stayed, what moved and at which price, and who lost a session."""
    after = {match.request: match for match in result.matches}
    still = set(workshop.tables.problem.previous)
    moved = [match for match in matches if match.pin in still and _differs(match, after.get(match.request))]
    moves = [
        Move(match, after.get(match.request), workshop.price(int(position)))
        for match in moved
        for position in workshop.positions_of([match.pin])
    ]
    known = workshop.tables.request_index
    lost = tuple(match.request for match in matches if match.request in known and match.request not in after)
    return len(still) - len(moved), tuple(moves), lost


def _differs(before: Match, after: Match | None) -> bool:
    return after is None or before.pin != after.pin
