"""Where else a request could go in an answer, nothing else moving, and what each move would cost the total."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matching.candidates import Candidates, enumerate_candidates
from matching.problem import Problem
from matching.records import Match
from matching.schedule import Schedule
from matching.tables import index_problem


@dataclass(frozen=True, slots=True)
class Alternative:
    """A match that fits if nothing else moves.

    Attributes
    ----------
    match : Match
        Tutor, start and place.
    price : int
        What the total loses by it, balance included; negative if it gains.
    """

    match: Match
    price: int


def list_alternatives(
    problem: Problem, matches: Sequence[Match], request: str, per_tutor: int = 3
) -> tuple[Alternative, ...]:
    """Feasible other matches of a request, the cheapest ``per_tutor`` of each tutor, cheapest first.

    A request without a match in ``matches`` has alternatives too: its price is then what serving it costs, as a rule
    negative.
    """
    tables = index_problem(problem)
    candidates = enumerate_candidates(tables)
    schedule = Schedule(tables)
    for match in matches:
        schedule.add(tables.request_index[match.request], tables.tutor_index[match.tutor], match.start)
    row = tables.request_index[request]
    worth, now = _take_out(candidates, schedule, row)
    found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for tutor, start, net in _offers(candidates, schedule, row):
        if (tutor, start) != now:
            found[tutor].append((worth - net, start, tutor))
    cheapest = sorted(option for options in found.values() for option in sorted(options)[:per_tutor])
    return tuple(
        Alternative(Match(request, problem.tutors[tutor].id, start, schedule.place_for(row, tutor, start)), price)
        for price, start, tutor in cheapest
    )


def _take_out(candidates: Candidates, schedule: Schedule, request: int) -> tuple[int, tuple[int, int] | None]:
    """What the match of a request adds to the total, and the match, which leaves the schedule."""
    if request not in schedule.match_of:
        return 0, None
    tutor, start = schedule.remove(request)
    value = int(candidates.value[candidates.find(request, tutor, start)])
    return value - (schedule.cost(request, tutor, start) or 0), (tutor, start)


def _offers(candidates: Candidates, schedule: Schedule, request: int) -> Iterator[tuple[int, int, int]]:
    """(tutor, start, what it would add to the total) of what fits."""
    rows = candidates.of_request(request)
    columns = (candidates.tutor[rows], candidates.start[rows], candidates.value[rows])
    for tutor, start, value in zip(*(column.tolist() for column in columns), strict=True):
        cost = schedule.cost(request, tutor, start)
        if cost is not None:
            yield tutor, start, value - cost
