"""What one more tutor-hour would be worth, notion by notion: priced by duals, then verified by solving again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.candidates import early, enumerate_candidates
from matching.engines import AFFORDABLE, relaxation_cost
from matching.greedy import build_greedily
from matching.highs import Limits, solve_relaxation
from matching.lagrange import PriceSearch
from matching.parameters import SolveParameters
from matching.part import Part
from matching.pins import restrict_to_pins
from matching.problem import Problem
from matching.records import Person, Tutor
from matching.result import Result
from matching.solver import solve
from matching.tables import Tables, index_problem

_PRICE_STEPS = 400


@dataclass(frozen=True, slots=True)
class NotionPrice:
    """The worth of one more session of one notion, in points of the objective.

    Attributes
    ----------
    notion : str
        The notion; the new tutor holds it at the highest level asked, is always free, and goes anywhere.
    level : int
        That level.
    estimate : int
        From the dual prices of the requests.
    verified : int or None
        By solving again with that tutor: the objective then, less the objective now. None beyond the first few.
    """

    notion: str
    level: int
    estimate: int
    verified: int | None = None


def price_notions(
    problem: Problem, result: Result, params: SolveParameters | None = None, *, verify: int = 10
) -> tuple[NotionPrice, ...]:
    """Every notion asked for, dearest first; the first ``verify`` are solved again with ``params``."""
    if result.objective is None:
        return ()
    tables = index_problem(problem)
    duals = _request_prices(tables)
    prices = sorted(_estimate(tables, duals), key=lambda price: (-price.estimate, price.notion))
    verified = [
        replace(price, verified=_solve_with(problem, price, params) - result.objective) for price in prices[:verify]
    ]
    return (*sorted(verified, key=lambda price: (-(price.verified or 0), price.notion)), *prices[verify:])


def _request_prices(tables: Tables) -> NDArray[np.float64]:
    """What each request's single match is worth at the margin: the dual of rule 1."""
    candidates = enumerate_candidates(tables)
    part = Part(tables, candidates, *restrict_to_pins(tables, candidates))
    prices = np.zeros(len(tables.request_person))
    if not len(part):
        return prices
    if relaxation_cost(part) > AFFORDABLE:
        search = PriceSearch(part, part.worth(build_greedily(part)))
        for _ in range(_PRICE_STEPS):
            search.ascend()
        return search.best_request_price
    relaxed = solve_relaxation(part.build_model(), Limits(SolveParameters().seconds))
    if relaxed is not None:
        requests = np.unique(part.request)
        prices[requests] = relaxed.duals[: len(requests)]
    return prices


def _estimate(tables: Tables, duals: NDArray[np.float64]) -> Iterator[NotionPrice]:
    """The best exchange: a request served by the new tutor, less what serving it is worth already."""
    scoring = tables.problem.scoring
    first = np.array([starts[0] if len(starts := tables.starts_of(int(p))) else -1 for p in tables.request_person])
    worth = tables.request_weight + scoring.level_base + early(tables, first)
    for notion, number in tables.notion_index.items():
        asked = np.flatnonzero(tables.request_notion == number)
        level = int(tables.request_level[asked].max())
        gain = worth[asked] - scoring.level_step * (level - tables.request_level[asked]) - duals[asked]
        gain = gain[first[asked] >= 0]
        yield NotionPrice(notion, level, max(0, int(np.rint(gain.max(initial=0)))))


def _solve_with(problem: Problem, price: NotionPrice, params: SolveParameters | None) -> int:
    """Objective with one more tutor, for one session."""
    objective = solve(with_new_tutor(problem, price.notion, price.level), params).objective
    return 0 if objective is None else objective


def with_new_tutor(problem: Problem, notion: str, level: int) -> Problem:
    """The problem with somebody always free, anywhere, for one session of one notion."""
    person = Person(_fresh("new-person", {person.id for person in problem.people}), ((0, problem.horizon),))
    places = {place: None for request in problem.requests if request.notion == notion for place in request.modalities}
    tutor = Tutor(
        id=_fresh("new-tutor", {tutor.id for tutor in problem.tutors}),
        person=person.id,
        skills={notion: level},
        max_sessions=1,
        max_sessions_per_week=1,
        modalities=tuple(places),
    )
    return replace(problem, people=(*problem.people, person), tutors=(*problem.tutors, tutor))


def _fresh(name: str, taken: set[str]) -> str:
    """A name that nobody has."""
    while name in taken:
        name += "'"
    return name
