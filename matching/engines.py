"""Which engine takes a part, and how they work together.

===================================  =========================================================================
part                                 engines
===================================  =========================================================================
relaxation affordable, integral      ``lp``: HiGHS on the linear relaxation
fractional, without groups or tiny   ``mip``: HiGHS branch and bound
fractional, with groups              ``lns`` guided by the relaxation's duals, then ``sat``: CP-SAT from there
large, one to one, one cell          ``flow`` for bound and prices, the relaxation near these, then ``lns``
large, groups or longer sessions     ``pdlp``: first-order steps on the relaxation, then ``lns`` near its prices
too large for such steps             ``prices``: Lagrangian bound and prices, then ``lns``
===================================  =========================================================================

Each spends a share of deterministic work; the clock only ends what that share did not.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from matching.core import solve_core
from matching.cpsat import solve_by_sat
from matching.flow import FlowAnswer, mend_flow, solve_flow
from matching.greedy import fill_greedily
from matching.highs import Limits, LinearAnswer, approach_relaxation, solve_integer, solve_relaxation
from matching.lagrange import PriceSearch
from matching.linear import Floats, LinearModel, float_reduced_costs, prove_bound
from matching.neighbourhood import NeighbourhoodSearch
from matching.part import Part, PartAnswer, trivial_bound
from matching.schedule import Schedule
from matching.tables import Flags, Ints
from matching.watched import Abandoned, run_watched

AFFORDABLE = 150_000
_GROUP_COST, _LONG_COST = 8, 3
_MIP_NODES = 500
_TINY = 1500
_WORTH_A_FLOW = 20_000
_CORE_SHARE, _LEAST_CORE, _CORE_CLOCK = 0.15, 0.1, 0.75
_ROUNDING = 1e-4
_LAST_MOMENT = 0.05
_WORK_PER_SECOND = 35_000
_SAT_PER_SECOND = 0.45
_POLISH_SHARE, _POLISH_PER_POSITION = 0.5, 40
_PRICE_SHARE = 1.5
_LARGE_START = 1500
_ENTRIES_PER_SECOND, _STEP_SHARE, _FEWEST_STEPS, _MOST_STEPS = 1e8, 0.1, 300, 2_000
_ENTRIES_PER_COLUMN = 5
_NEAR, _CHOSEN = 0.05, 1e-4


@dataclass(frozen=True, slots=True)
class Effort:
    """What one part may spend.

    ``seconds`` is its share of the time limit, turned into deterministic work; ``remaining`` reads the clock;
    ``tell(worth, served, bound)`` reports a step and answers whether to stop.
    """

    seconds: float
    seed: int
    remaining: Callable[[], float]
    tell: Callable[[int, int, int], bool]

    @property
    def work(self) -> int:
        """Units of neighbourhood work."""
        return int(self.seconds * _WORK_PER_SECOND)


def solve_part(part: Part, start: Ints, effort: Effort) -> PartAnswer:
    """Answer one part; ``start`` is an answer in hand."""
    bound = trivial_bound(part)
    if part.worth(start) >= bound:
        return PartAnswer(start, bound, "greedy")
    if effort.remaining() <= 0 or effort.tell(part.worth(start), len(start), bound):
        return PartAnswer(start, bound, "greedy", clock=True)
    solve = _solve_small if relaxation_cost(part) <= AFFORDABLE else _solve_large
    try:
        return solve(part, start, effort)
    except Abandoned:
        return PartAnswer(start, bound, "greedy", clock=True)


def relaxation_cost(part: Part) -> int:
    """Columns, weighted by how hard their kind is on the simplex method."""
    factor = _GROUP_COST if part.has_groups else 1
    return len(part) * factor * (_LONG_COST if part.tables.problem.session_cells > 1 else 1)


def _solve_small(part: Part, start: Ints, effort: Effort) -> PartAnswer:
    hand = PartAnswer(start, trivial_bound(part), "greedy")
    if len(part) > _WORTH_A_FLOW and is_network(part):
        hand, _ = _answer_by_flow(part, start, effort)
    if part.worth(hand.chosen) >= hand.bound:
        return hand
    began = time.perf_counter()
    model = part.build_model()
    build = time.perf_counter() - began
    return replace(_solve_model(part, model, hand, effort), build=build)


def _solve_model(part: Part, model: LinearModel, hand: PartAnswer, effort: Effort) -> PartAnswer:
    """The relaxation first; what it leaves fractional goes on to branch and bound or to the group engines."""
    limits = Limits(effort.remaining())
    try:
        relaxed = run_watched(lambda: solve_relaxation(model, limits), lambda: _tell(part, hand, effort))
    except Abandoned:
        relaxed = None
    if relaxed is None:
        return replace(hand, clock=True)
    bound = min(prove_bound(model, relaxed.duals), hand.bound)
    if relaxed.is_integral:
        return PartAnswer(np.flatnonzero(relaxed.values[: len(part)] > 1 / 2), bound, "lp")
    relaxed_hand = PartAnswer(hand.chosen, bound, "lp")
    if part.has_groups and len(part) > _TINY:
        return _solve_groups(part, model, relaxed, relaxed_hand, effort)
    return _branch(part, float_reduced_costs(model, relaxed.duals)[: len(part)], relaxed_hand, effort)


def _branch(part: Part, reduced: Floats, hand: PartAnswer, effort: Effort) -> PartAnswer:
    """Branch and bound by HiGHS over the matches that a better answer than the one in hand may hold.

    The relaxation is nearly integral, so few nodes are enough.
    """
    worth = part.worth(hand.chosen)
    possible = _possible(part, reduced, hand)
    smaller = part.select(possible)
    model = smaller.build_model()
    bound, limits = hand.bound, Limits(effort.remaining(), _MIP_NODES)
    try:
        answer = run_watched(
            lambda: solve_integer(model, limits, seed=effort.seed, hint=None),
            lambda: _tell(part, hand, effort),
        )
    except Abandoned:
        return replace(hand, clock=True)
    if np.isfinite(answer.bound):
        bound = min(bound, max(worth, int(np.floor(answer.bound + _ROUNDING))))
    chosen = hand.chosen
    if answer.values is not None:
        found = possible[answer.values[: len(possible)]]
        chosen = max(chosen, found, key=part.worth)
    return PartAnswer(chosen, bound, "mip", clock=not answer.is_optimal and effort.remaining() <= _LAST_MOMENT)


def _solve_groups(
    part: Part, model: LinearModel, relaxed: LinearAnswer, hand: PartAnswer, effort: Effort
) -> PartAnswer:
    """Round the relaxation, improve it by neighbourhoods, then close the gap with CP-SAT."""
    reduced = float_reduced_costs(model, relaxed.duals)[: len(part)]
    rounded = _fill(part, [], np.lexsort((-reduced, -np.round(relaxed.values[: len(part)], 6))))
    hand = replace(hand, chosen=max(hand.chosen, rounded, key=part.worth))
    enough = min(effort.seconds * _POLISH_SHARE, len(part) * _POLISH_PER_POSITION / _WORK_PER_SECOND)
    polished = _improve(part, hand, reduced, replace(effort, seconds=enough))
    if part.worth(polished.chosen) >= polished.bound or polished.clock:
        return polished
    return _search_by_sat(part, _possible(part, reduced, polished), polished, effort)


def _possible(part: Part, reduced: Floats, hand: PartAnswer) -> Ints:
    """Positions that an answer better than the one in hand may hold, and those that are in it."""
    possible = (reduced >= part.worth(hand.chosen) - hand.bound - _ROUNDING) | part.fixed
    possible[hand.chosen] = True
    return np.flatnonzero(possible)


def _search_by_sat(part: Part, possible: Ints, hand: PartAnswer, effort: Effort) -> PartAnswer:
    """CP-SAT over the ``possible`` positions, from the answer in hand."""
    state = {"worth": part.worth(hand.chosen), "served": len(hand.chosen)}
    smaller = part.select(possible)

    def on_step(values: Flags | None, bound: int) -> bool:
        if values is not None:
            chosen = np.flatnonzero(values[: len(smaller)])
            state.update(worth=smaller.worth(chosen), served=len(chosen))
        return effort.tell(state["worth"], state["served"], max(state["worth"], min(bound, hand.bound)))

    answer = solve_by_sat(
        smaller.build_model(),
        hint=np.isin(possible, hand.chosen),
        work=effort.seconds * _SAT_PER_SECOND,
        seconds=effort.remaining(),
        seed=effort.seed,
        on_step=on_step,
    )
    chosen = hand.chosen
    if answer.values is not None:
        chosen = max(chosen, possible[answer.values[: len(smaller)]], key=part.worth)
    bound = max(part.worth(chosen), min(hand.bound, answer.bound))
    return PartAnswer(chosen, bound, "lns+sat", clock=answer.clock)


def _tell(part: Part, hand: PartAnswer, effort: Effort) -> bool:
    return effort.tell(part.worth(hand.chosen), len(hand.chosen), hand.bound)


def is_network(part: Part) -> bool:
    """Whether all but the rows of people with several roles is a flow."""
    return not part.has_groups and part.tables.problem.session_cells == 1


def _solve_large(part: Part, start: Ints, effort: Effort) -> PartAnswer:
    if is_network(part):
        return _solve_by_flow(part, start, effort)
    steps = int(effort.seconds * _STEP_SHARE * _ENTRIES_PER_SECOND / (_ENTRIES_PER_COLUMN * len(part)))
    if steps < _FEWEST_STEPS:
        return _solve_by_prices(part, start, effort)
    return _solve_by_steps(part, start, effort, min(steps, _MOST_STEPS))


def _solve_by_steps(part: Part, start: Ints, effort: Effort, steps: int) -> PartAnswer:
    """First-order steps for bound, prices and a point to round, then neighbourhoods over what is near the prices."""
    hand = PartAnswer(start, trivial_bound(part), "greedy")
    model = part.build_model()
    limits = Limits(effort.remaining(), steps=steps)
    relaxed = run_watched(lambda: approach_relaxation(model, limits), lambda: _tell(part, hand, effort))
    if relaxed is None:
        return replace(hand, clock=True)
    reduced, values = float_reduced_costs(model, relaxed.duals)[: len(part)], relaxed.values[: len(part)]
    rounded = _fill(part, [], np.lexsort((-reduced, -np.round(values, 3))))
    chosen = max(start, rounded, key=part.worth)
    hand = PartAnswer(chosen, min(prove_bound(model, relaxed.duals), hand.bound), "pdlp")
    if not part.has_groups:
        core = _search_core(part, hand, np.rint(reduced).astype(np.int64), chosen, effort)
        hand = hand if core is None else replace(hand, chosen=max(chosen, core, key=part.worth))
    near = (reduced >= -_NEAR * np.median(part.value)) | (values > _CHOSEN) | part.fixed
    near[hand.chosen] = True
    return _improve_within(part, np.flatnonzero(near), hand, reduced, effort)


def _improve_within(part: Part, near: Ints, hand: PartAnswer, reduced: Floats, effort: Effort) -> PartAnswer:
    """Neighbourhoods that look at these positions only."""
    held = replace(hand, chosen=np.searchsorted(near, hand.chosen))
    answer = _improve(part.select(near), held, reduced[near], effort)
    return replace(answer, chosen=near[answer.chosen])


def _solve_by_flow(part: Part, start: Ints, effort: Effort) -> PartAnswer:
    """A flow for bound and prices, an answer near these, then neighbourhoods."""
    hand, flow = _answer_by_flow(part, start, effort)
    return _improve(part, hand, flow.reduced.astype(np.float64), effort)


def _answer_by_flow(part: Part, start: Ints, effort: Effort) -> tuple[PartAnswer, FlowAnswer]:
    """The relaxation over the columns nearest a flow's prices; failing that, the flow mended where people clash."""
    hand = PartAnswer(start, trivial_bound(part), "greedy")
    flow = run_watched(lambda: solve_flow(part), lambda: _tell(part, hand, effort))
    hand = PartAnswer(start, min(flow.bound, hand.bound), "flow")
    found = _search_core(part, hand, flow.reduced, np.union1d(start, flow.chosen), effort)
    if found is None:
        mended = mend_flow(part, flow, lambda: _tell(part, hand, effort))
        found = _fill(part, mended, np.lexsort((-flow.reduced, -part.value)))
    return replace(hand, chosen=max(start, found, key=part.worth)), flow


def _search_core(part: Part, hand: PartAnswer, reduced: Ints, start: Ints, effort: Effort) -> Ints | None:
    """The relaxation over ``start`` and the columns nearest the prices, as many as its share of the work allows."""
    limits, share = Limits(effort.remaining() * _CORE_CLOCK), effort.seconds * _CORE_SHARE
    if part.has_groups or share < _LEAST_CORE:
        return None
    try:
        return run_watched(
            lambda: solve_core(part, reduced, start, limits, seed=effort.seed, seconds=share),
            lambda: _tell(part, hand, effort),
        )
    except Abandoned:
        return None


def _solve_by_prices(part: Part, start: Ints, effort: Effort) -> PartAnswer:
    """Lagrangian prices until they settle or their work is spent, a greedy fill guided by them, then neighbourhoods."""
    search = PriceSearch(part, part.worth(start))
    budget = int(effort.work * _PRICE_SHARE * 20)
    while not search.is_settled and search.work < budget and effort.remaining() > 0:
        search.ascend()
        if effort.tell(part.worth(start), len(start), search.best.bound):
            break
    reduced = search.best.reduced
    filled = _fill(part, [], np.argsort(-reduced, kind="stable"))
    chosen = max(start, filled, key=part.worth)
    hand = PartAnswer(chosen, min(search.best.bound, trivial_bound(part)), "prices")
    near = _search_core(part, hand, reduced, chosen, effort)
    if near is not None:
        hand = replace(hand, chosen=max(chosen, near, key=part.worth))
    return _solve_remainder(part, hand, reduced, effort) or _improve(
        part, hand, reduced.astype(np.float64), effort, size=_LARGE_START
    )


def _solve_remainder(part: Part, hand: PartAnswer, reduced: Ints, effort: Effort) -> PartAnswer | None:
    """The relaxation over the matches that a better answer than the one in hand may hold, once they are few.

    Every other match would cost more than the gap: no answer that holds it is worth as much.
    """
    possible = np.flatnonzero((reduced >= part.worth(hand.chosen) - hand.bound) | part.fixed)
    smaller = part.select(possible)
    if relaxation_cost(smaller) > AFFORDABLE:
        return None
    answer = _solve_small(smaller, np.flatnonzero(np.isin(possible, hand.chosen)), effort)
    return replace(answer, chosen=possible[answer.chosen], bound=min(answer.bound, hand.bound))


def _fill(part: Part, kept: Ints | list[int], order: Ints) -> Ints:
    """Start from pins and ``kept``, then add matches in this order wherever they fit and pay."""
    schedule = Schedule(part.tables)
    position_of: dict[int, int] = {}
    for position in [*np.flatnonzero(part.fixed).tolist(), *np.asarray(kept, dtype=np.int64).tolist()]:
        if (request := int(part.request[position])) not in position_of:
            schedule.add(request, int(part.tutor[position]), int(part.start[position]))
            position_of[request] = position
    fill_greedily(schedule, part, order, position_of)
    return np.array(sorted(position_of.values()), dtype=np.int64)


def _improve(part: Part, hand: PartAnswer, reduced: Floats, effort: Effort, *, size: int | None = None) -> PartAnswer:
    """Neighbourhood search until the work is spent or the bound is met."""
    search = NeighbourhoodSearch(part, hand.chosen, reduced, seed=effort.seed, size=size)
    while search.worth < hand.bound and search.work < effort.work:
        if effort.remaining() <= 0 or effort.tell(search.worth, search.served, hand.bound):
            return PartAnswer(search.chosen, hand.bound, f"{hand.engine}+lns", clock=True)
        search.improve()
    return PartAnswer(search.chosen, hand.bound, f"{hand.engine}+lns")
