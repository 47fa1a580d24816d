"""« Pourquoi ce tuteur » : what each match is worth, term by term, and the best that could have been instead."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matching.candidates import Candidates, enumerate_candidates
from matching.checker import Checker, Terms
from matching.problem import Problem
from matching.records import Match
from matching.schedule import Schedule
from matching.tables import Tables, index_problem


@dataclass(frozen=True, slots=True)
class Choice:
    """Why a match is what it is.

    Attributes
    ----------
    match : Match
        The match explained.
    terms : Terms
        Its value, term by term.
    alternatives : int
        How many other tutors could meet the request at some time, others' sessions apart.
    alternative : Match or None
        The best match with another tutor that fits if nothing else moves; None if there is none.
    alternative_terms : Terms or None
        What that would be worth.
    loss : int or None
        What the total would lose by it, balance included; never negative in an optimal answer.
    """

    match: Match
    terms: Terms
    alternatives: int
    alternative: Match | None = None
    alternative_terms: Terms | None = None
    loss: int | None = None


def explain_choices(
    problem: Problem, matches: Sequence[Match], requests: Collection[str] | None = None
) -> tuple[Choice, ...]:
    """Explain the matches of an answer, or only those of some ``requests``, in the order of ``matches``."""
    tables = index_problem(problem)
    candidates = enumerate_candidates(tables)
    schedule = Schedule(tables)
    for match in matches:
        schedule.add(tables.request_index[match.request], tables.tutor_index[match.tutor], match.start)
    wanted = [match for match in matches if requests is None or match.request in requests]
    return tuple(_explain(tables, candidates, schedule, wanted))


def _explain(tables: Tables, candidates: Candidates, schedule: Schedule, matches: Sequence[Match]) -> Iterator[Choice]:
    checker = Checker(tables.problem)
    for match in matches:
        request = tables.request_index[match.request]
        rows = candidates.of_request(request)
        others = len(np.unique(candidates.tutor[rows])) - 1
        best = _best_elsewhere(candidates, schedule, request)
        terms = checker.terms(match)
        if best is None:
            yield Choice(match, terms, others)
            continue
        loss, tutor, start = best
        place = schedule.place_for(request, tutor, start)
        alternative = Match(match.request, tables.problem.tutors[tutor].id, start, place)
        yield Choice(match, terms, others, alternative, checker.terms(alternative), loss)


def _best_elsewhere(candidates: Candidates, schedule: Schedule, request: int) -> tuple[int, int, int] | None:
    """What moving the request to another tutor costs at least, with that tutor and start; nothing else moves."""
    rows = candidates.of_request(request)
    tutor, start = schedule.match_of[request]
    worth = int(candidates.value[candidates.find(request, tutor, start)])
    schedule.remove(request)
    kept_cost = schedule.cost(request, tutor, start) or 0
    best: tuple[int, int, int] | None = None
    for other, when, value in zip(
        candidates.tutor[rows].tolist(), candidates.start[rows].tolist(), candidates.value[rows].tolist(), strict=True
    ):
        cost = None if other == tutor else schedule.cost(request, other, when)
        if cost is not None:
            loss = (worth - kept_cost) - (value - cost)
            best = min(best, (loss, other, when)) if best else (loss, other, when)
    schedule.add(request, tutor, start)
    return best
