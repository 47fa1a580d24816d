"""One-to-one matching with sessions of one cell as a minimum-cost flow.

Request → tutor's cell → tutor's week → tutor → sink, with one arc per further session at its convex cost. Only the rows
of people who could be in two places (a learner with several requests, a tutor who learns) are missing, so the flow is a
bound, and an answer once those clashes are mended. Integers throughout: the bound and the prices are exact.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from matching.part import Part
from matching.tables import Flags, Ints, ranges

_CORE = 120_000
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class FlowAnswer:
    """Positions that carry flow, the optimal value of the flow, and the exact reduced cost (≤ 0) of every position."""

    chosen: Ints
    bound: int
    reduced: Ints


@dataclass(frozen=True, slots=True)
class _Network:
    tail: Ints
    head: Ints
    capacity: Ints
    cost: Ints
    matches: slice  # the arcs of matches, as many as requests before them
    sink: int


def solve_flow(part: Part) -> FlowAnswer:
    """The best flow, what it proves, and its prices."""
    bonus = _pin_bonus(part)
    network = _build_network(part, part.value + bonus * part.fixed)
    units, cost = _solve_network(network)
    bound = -cost - bonus * int(part.fixed.sum())
    return FlowAnswer(np.flatnonzero(units[network.matches]), bound, _reduced_costs(network, units))


def _route(part: Part) -> Ints:
    """Positions that carry the best flow."""
    network = _build_network(part, part.value + _pin_bonus(part) * part.fixed)
    units, _ = _solve_network(network)
    return np.flatnonzero(units[network.matches])


def _solve_network(network: _Network) -> tuple[Ints, int]:
    """Units on every arc, and their cost."""
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        network.tail.astype(np.int32), network.head.astype(np.int32), network.capacity, network.cost
    )
    flow.set_node_supply(0, network.matches.start)
    flow.set_node_supply(network.sink, -network.matches.start)
    if flow.solve() != flow.OPTIMAL:
        raise ArithmeticError("the flow has no optimum: costs are out of range")
    return np.asarray(flow.flows(arcs)), int(flow.optimal_cost())


def _pin_bonus(part: Part) -> int:
    most_sessions = int(part.tables.tutor_total.max(initial=0))
    return 2 * (int(np.abs(part.value).max(initial=0)) + part.tables.problem.scoring.balance_step * most_sessions) + 1


def _build_network(part: Part, value: Ints) -> _Network:
    """Nodes: source, requests, tutors' cells, tutors' weeks, tutors, sink."""
    tables, problem = part.tables, part.tables.problem
    weeks_each = -(-problem.horizon // problem.cells_per_week)
    requests, request = np.unique(part.request, return_inverse=True)
    slots, slot = np.unique(part.tutor * problem.horizon + part.start, return_inverse=True)
    week_code = slots // problem.horizon * weeks_each + slots % problem.horizon // problem.cells_per_week
    weeks, week = np.unique(week_code, return_inverse=True)
    tutors, tutor = np.unique(weeks // weeks_each, return_inverse=True)
    most = np.minimum(tables.tutor_total[tutors], np.bincount(tutor[week], minlength=len(tutors)))
    first_slot = 1 + len(requests)
    first_week = first_slot + len(slots)
    first_tutor = first_week + len(weeks)
    sink = first_tutor + len(tutors)
    rank = ranges(most)
    one, none = np.ones(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    to_sink = np.array([sink])
    further = problem.scoring.balance_step * rank
    layers: list[tuple[Ints, Ints, Ints, Ints]] = [
        (np.zeros(len(requests), dtype=np.int64), 1 + np.arange(len(requests)), one, none),
        (1 + request, first_slot + slot, one, -value),
        (first_slot + np.arange(len(slots)), first_week + week, one, none),
        (first_week + np.arange(len(weeks)), first_tutor + tutor, tables.tutor_weekly[tutors[tutor]], none),
        (first_tutor + np.repeat(np.arange(len(tutors)), most), to_sink, one, further),
        (1 + np.arange(len(requests)), to_sink, one, none),
    ]
    parts = [np.broadcast_arrays(*layer) for layer in layers]
    tail, head, capacity, cost = (np.concatenate([arrays[side] for arrays in parts]) for side in range(4))
    matches = slice(len(requests), len(requests) + len(part))
    return _Network(tail, head, capacity, cost, matches, sink)


def _reduced_costs(network: _Network, units: Ints) -> Ints:
    """Value less the prices of request and tutor's cell: potentials are distances in the residual network."""
    forward, backward = units < network.capacity, units > 0
    tail = np.concatenate((network.tail[forward], network.head[backward]))
    head = np.concatenate((network.head[forward], network.tail[backward]))
    cost = np.concatenate((network.cost[forward], -network.cost[backward]))
    order = np.argsort(head, kind="stable")
    tail, head, cost = tail[order], head[order], cost[order]
    heads, first = np.unique(head, return_index=True)
    distance = np.zeros(network.sink + 1, dtype=np.int64)
    improved = True
    while improved:
        reached = np.minimum(distance[heads], np.minimum.reduceat(distance[tail] + cost, first))
        improved = not np.array_equal(reached, distance[heads])
        distance[heads] = reached
    head, tail = network.head[network.matches], network.tail[network.matches]
    reduced: Ints = np.minimum(0, distance[head] - distance[tail] - network.cost[network.matches])
    return reduced


def mend_flow(part: Part, flow: FlowAnswer, should_stop: Callable[[], bool]) -> Ints:
    """Turn a flow into an answer: forbid what clashes, let it flow again, and so on until asked to stop.

    Only matches near the prices of the first flow are looked at again. What clashes after the last round is dropped.
    """
    worst = -np.partition(-flow.reduced, _CORE - 1)[_CORE - 1] if len(part) > _CORE else np.int64(-(2**62))
    near = flow.reduced >= worst
    near[flow.chosen] = True
    chosen = flow.chosen
    for _ in range(_ROUNDS):
        clash = clashing(part, chosen)
        if not clash.any() or should_stop():
            break
        near &= ~_same_time(part, clash)
        core = np.flatnonzero(near)
        chosen = core[_route(part.select(core))]
    return chosen[~clashing(part, chosen)[chosen]]


def _same_time(part: Part, clash: Flags) -> Flags:
    """Every match of the same request at the same start as one that clashes, pins apart."""
    code = part.request * part.tables.problem.horizon + part.start
    flags: Flags = np.isin(code, code[clash]) & ~part.fixed
    return flags


def clashing(part: Part, chosen: Ints) -> Flags:
    """Marks the matches of a flow that put a person in two places, all but the most valuable of each clash.

    Where a learner's request clashes with his own tutoring, the request gives way.
    """
    tables, span = part.tables, part.tables.problem.horizon
    order = chosen[np.lexsort((chosen, -part.value[chosen], ~part.fixed[chosen]))]
    helper = tables.tutor_person[part.tutor[order]] * span + part.start[order]
    learner = tables.request_person[part.request[order]] * span + part.start[order]
    repeated = np.ones(len(order), dtype=np.bool_)
    repeated[np.unique(learner, return_index=True)[1]] = False
    again = np.ones(len(order), dtype=np.bool_)
    again[np.unique(helper, return_index=True)[1]] = False
    marks = np.zeros(len(part), dtype=np.bool_)
    marks[order[repeated | again]] = True
    firm = order[part.fixed[order]]
    teaching = np.isin(learner, helper[~(repeated | again)])
    learning_pins = np.isin(helper, tables.request_person[part.request[firm]] * span + part.start[firm])
    marks[order[(teaching & ~part.fixed[order]) | (learning_pins & ~part.fixed[order])]] = True
    return marks
