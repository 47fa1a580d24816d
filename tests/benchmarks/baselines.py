"""What others do: match first and look for a time afterwards, or serve in order of priority. Written for clarity."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from ortools.graph.python import min_cost_flow
from ortools.sat.python import cp_model

from matching import Match, Problem
from matching.candidates import Candidates, enumerate_candidates
from matching.greedy import build_greedily
from matching.part import Part
from matching.pins import restrict_to_pins
from matching.schedule import Schedule
from matching.solver import matches_of, schedule_of
from matching.tables import Tables, index_problem


def priority_greedy(problem: Problem) -> tuple[Match, ...]:
    """Heaviest request first, each with the best tutor and time still free."""
    tables, candidates = _prepare(problem)
    schedule = Schedule(tables)
    for request in sorted(range(len(problem.requests)), key=lambda index: -problem.requests[index].weight):
        rows = candidates.of_request(request)
        options = zip(
            candidates.value[rows].tolist(),
            candidates.tutor[rows].tolist(),
            candidates.start[rows].tolist(),
            strict=True,
        )
        for _, tutor, start in sorted(options, key=lambda option: (-option[0], option[2])):
            if schedule.cost(request, tutor, start) is not None:
                schedule.add(request, tutor, start)
                break
    return matches_of(schedule)


def contention_greedy(problem: Problem) -> tuple[Match, ...]:
    """The engine's own first answer."""
    tables, candidates = _prepare(problem)
    part = Part(tables, candidates, *restrict_to_pins(tables, candidates))
    return matches_of(schedule_of(tables, candidates, part.columns[build_greedily(part)]))


def munkres_then_slots(problem: Problem) -> tuple[Match, ...]:
    """The best assignment of requests to tutors' seats, blind to time; then a time for each pair where one is left."""
    tables, candidates = _prepare(problem)
    pairs = candidates.pairs
    requests, tutors = len(problem.requests), len(problem.tutors)
    flow = min_cost_flow.SimpleMinCostFlow()
    source, sink = requests + tutors, requests + tutors + 1
    arcs = [
        flow.add_arc_with_capacity_and_unit_cost(int(r), requests + int(t), 1, -int(v))
        for r, t, v in zip(pairs.request, pairs.tutor, pairs.value, strict=True)
    ]
    for request in range(requests):
        flow.add_arc_with_capacity_and_unit_cost(source, request, 1, 0)
        flow.add_arc_with_capacity_and_unit_cost(request, sink, 1, 0)
    for tutor in range(tutors):
        flow.add_arc_with_capacity_and_unit_cost(requests + tutor, sink, int(tables.tutor_total[tutor]), 0)
    flow.set_node_supply(source, requests)
    flow.set_node_supply(sink, -requests)
    flow.solve()
    chosen = [(int(r), int(t)) for arc, r, t in zip(arcs, pairs.request, pairs.tutor, strict=True) if flow.flow(arc)]
    return _place(tables, candidates, chosen)


def gale_shapley_then_slots(problem: Problem) -> tuple[Match, ...]:
    """Requests propose in order of quality, tutors keep the heaviest; then a time for each pair where one is left."""
    tables, candidates = _prepare(problem)
    weight = tables.request_weight.tolist()
    wishes = {request: _wishes(candidates, request) for request in range(len(problem.requests))}
    held: dict[int, list[int]] = defaultdict(list)
    free = list(wishes)
    while free:
        request = free.pop()
        tutor = next(wishes[request], None)
        if tutor is None:
            continue
        held[tutor].append(request)
        if len(held[tutor]) > tables.tutor_total[tutor]:
            least = min(held[tutor], key=lambda index: (weight[index], -index))
            held[tutor].remove(least)
            free.append(least)
    return _place(tables, candidates, [(request, tutor) for tutor in held for request in held[tutor]])


def default_cpsat(problem: Problem, seconds: float = 20.0) -> tuple[Match, ...]:
    """One Boolean per request, tutor and time, one row per rule, default settings."""
    tables, candidates = _prepare(problem)
    model = cp_model.CpModel()
    rows: dict[tuple[object, ...], list[cp_model.IntVar]] = defaultdict(list)
    variables = [model.new_bool_var("") for _ in range(len(candidates))]
    for variable, r, t, s in zip(
        variables, candidates.request.tolist(), candidates.tutor.tolist(), candidates.start.tolist(), strict=True
    ):
        rows["request", r].append(variable)
        rows["load", t].append(variable)
        rows["week", t, s // problem.cells_per_week].append(variable)
        for cell in range(s, s + problem.session_cells):
            rows["time", int(tables.tutor_person[t]), cell].append(variable)
            rows["time", int(tables.request_person[r]), cell].append(variable)
    objective = cp_model.LinearExpr.weighted_sum(variables, candidates.value.tolist())
    for key, members in rows.items():
        if key[0] == "load":
            tutor = int(str(key[1]))
            load = model.new_int_var(0, int(tables.tutor_total[tutor]), "")
            cost = model.new_int_var(0, 10**6, "")
            model.add(load == sum(members))
            for k in range(int(tables.tutor_total[tutor])):
                model.add(cost >= k * load - k * (k + 1) // 2)
            objective -= problem.scoring.balance_step * cost
        elif key[0] == "week":
            model.add(sum(members) <= int(tables.tutor_weekly[int(str(key[1]))]))
        else:
            model.add_at_most_one(members)
    model.maximize(objective)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return ()
    chosen = np.array([index for index, variable in enumerate(variables) if solver.value(variable)], dtype=np.int64)
    return matches_of(schedule_of(tables, candidates, chosen))


def _prepare(problem: Problem) -> tuple[Tables, Candidates]:
    tables = index_problem(problem)
    return tables, enumerate_candidates(tables)


def _wishes(candidates: Candidates, request: int) -> Iterator[int]:
    """Tutors of a request, best quality first."""
    pairs = candidates.pairs.tutors_and_values_of(request)
    return iter([tutor for tutor, _ in sorted(pairs, key=lambda pair: (-pair[1], pair[0]))])


def _place(tables: Tables, candidates: Candidates, pairs: list[tuple[int, int]]) -> tuple[Match, ...]:
    """The first common time left for each pair, heaviest request first."""
    schedule = Schedule(tables)
    for request, tutor in sorted(pairs, key=lambda pair: (-tables.request_weight[pair[0]], pair)):
        rows = candidates.of_request(request)
        starts = candidates.start[rows][candidates.tutor[rows] == tutor].tolist()
        fitting = [start for start in starts if schedule.cost(request, tutor, start) is not None]
        if fitting:
            schedule.add(request, tutor, fitting[0])
    return matches_of(schedule)
