"""A contention-aware greedy: an instant answer, a warm start, and the baseline to quote gains against.

Each request spreads one unit of demand evenly over the sessions it could have. A tutor's or a time's demand over its
supply says how contended it is. Heavy requests choose first, among equals those with the fewest ways; each takes the
match with the best value after paying for what others want more.
"""

import numpy as np

from matching.part import Part
from matching.schedule import Schedule
from matching.tables import Ints


def build_greedily(part: Part) -> Ints:
    """Pins first, then every request that still fits; positions in the part, sorted."""
    schedule = Schedule(part.tables)
    position_of: dict[int, int] = {}
    for position in np.flatnonzero(part.fixed).tolist():
        schedule.add(int(part.request[position]), int(part.tutor[position]), int(part.start[position]))
        position_of[int(part.request[position])] = position
    fill_greedily(schedule, part, contention_order(part), position_of)
    return np.array(sorted(position_of.values()), dtype=np.int64)


def contention_order(part: Part) -> Ints:
    """Heavy requests first, then those with few ways; each request's matches by value less contention."""
    ways = np.bincount(part.request, minlength=len(part.tables.request_person))
    weight = part.tables.request_weight[part.request]
    return np.lexsort((-contention_scores(part), part.request, ways[part.request], -weight))


def contention_scores(part: Part) -> Ints:
    """Value of each match less what its tutor and its time are worth to others."""
    tables = part.tables
    ways = np.bincount(part.request, minlength=len(tables.request_person))
    share = 1 / ways[part.request]
    mean = float(tables.request_weight.mean()) if len(part) else 0.0
    demand = np.bincount(part.tutor, weights=share, minlength=len(tables.tutor_person))
    pressure = np.minimum(1, demand / np.maximum(1, tables.tutor_total))
    slots, place = np.unique(part.tutor * tables.problem.horizon + part.start, return_inverse=True)
    crowd = np.bincount(place, weights=share, minlength=len(slots))
    scores = part.value - np.rint(mean * (pressure[part.tutor] + np.minimum(1, crowd[place])))
    return scores.astype(np.int64)


def fill_greedily(schedule: Schedule, part: Part, order: Ints, position_of: dict[int, int]) -> None:
    """Add matches in this order wherever they fit and pay; ``position_of`` notes the match of each request."""
    rows = zip(
        order.tolist(),
        part.request[order].tolist(),
        part.tutor[order].tolist(),
        part.start[order].tolist(),
        part.value[order].tolist(),
        strict=True,
    )
    for position, request, tutor, start, value in rows:
        if request not in position_of:
            cost = schedule.cost(request, tutor, start)
            if cost is not None and cost < value:
                schedule.add(request, tutor, start)
                position_of[request] = position
