"""What the engine answers, against optima found by hand and by trying everything."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from matching import Checker, Match, Problem, Progress, Reason, Result, SolveParameters, Status, read_problem, solve
from tests.matching.brute import best_objective
from tests.matching.instances import make_problem, pin_some, small_problems

DATA = Path(__file__).parent / "data"
SLOW_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)


def assert_right(problem: Problem, result: Result) -> None:
    """The answer keeps every rule and its figures add up, by the checker that the engines do not know."""
    checker = Checker(problem)
    assert list(checker.find_violations(result.matches)) == []
    assert checker.objective(result.matches) == result.objective
    assert {match.request for match in result.matches} | {row.request for row in result.unserved} == {
        request.id for request in problem.requests
    }
    assert len(result.matches) + len(result.unserved) == len(problem.requests)


def assert_optimal(problem: Problem) -> None:
    result = solve(problem)
    best = best_objective(problem)
    if best is None:
        assert result.status == Status.INFEASIBLE
        assert result.conflicts
        return
    assert (result.status, result.objective, result.bound) == (Status.OPTIMAL, best, best)
    assert_right(problem, result)


def test_six_requests_solved_by_hand() -> None:
    """Ben's only cell goes to one of five uses; tutoring Cleo and Dan together is worth most: 159 + 129 + 119."""
    result = solve(read_problem(DATA / "six.json"))
    assert (result.status, result.objective, result.bound) == (Status.OPTIMAL, 407, 407)
    assert result.matches == (
        Match("r1", "t-ben", 1, "remote"),
        Match("r2", "t-ben", 1, "remote"),
        Match("r3", "t-ana", 6, "remote"),
    )
    assert [(row.request, row.reason) for row in result.unserved] == [
        ("r4", Reason.TUTORS_FULL),
        ("r5", Reason.NO_TUTOR),
        ("r6", Reason.LEVEL),
    ]


@pytest.mark.parametrize(("name", "objective"), [("town-s", 77252), ("town-s-groups", 79174)])
def test_town_is_proven_optimal(name: str, objective: int) -> None:
    problem = read_problem(DATA / f"{name}.json")
    result = solve(problem)
    assert (result.status, result.objective, result.bound) == (Status.OPTIMAL, objective, objective)
    assert_right(problem, result)


@SLOW_MACHINE
@given(problem=small_problems())
def test_one_to_one_beats_every_other_answer(problem: Problem) -> None:
    assert_optimal(problem)


@SLOW_MACHINE
@given(problem=small_problems(groups=True, most_requests=4))
def test_groups_beat_every_other_answer(problem: Problem) -> None:
    assert_optimal(problem)


@SLOW_MACHINE
@given(problem=small_problems(cells=3))
def test_long_sessions_beat_every_other_answer(problem: Problem) -> None:
    assert_optimal(problem)


@SLOW_MACHINE
@given(problem=small_problems(groups=True, cells=2, pins=True, most_requests=4))
def test_everything_at_once_beats_every_other_answer(problem: Problem) -> None:
    assert_optimal(problem)


@SLOW_MACHINE
@given(problem=small_problems(groups=True, most_requests=4))
def test_pins_taken_from_an_answer_are_kept(problem: Problem) -> None:
    worst_first = tuple(reversed(solve(problem).matches))
    assert_optimal(pin_some(replace(problem, previous=()), worst_first, 2))


def test_progress_starts_with_the_greedy_answer() -> None:
    seen: list[Progress] = []
    result = solve(make_problem(60, 20), on_progress=seen.append)
    assert result.objective is not None
    assert seen[0].bound is None
    assert seen[0].objective <= result.objective


def test_progress_comes_at_most_five_times_a_second() -> None:
    seen: list[Progress] = []
    solve(make_problem(120, 40, scarcity=2.0, group_size_max=3), SolveParameters(2), seen.append)
    moments = [progress.elapsed for progress in seen]
    assert all(later - earlier >= 0.199 for earlier, later in pairwise(moments))


def test_solution_without_a_request_is_empty() -> None:
    problem = replace(make_problem(5, 2), requests=(), excluded=())
    result = solve(problem)
    assert (result.status, result.objective, result.bound, result.matches) == (Status.OPTIMAL, 0, 0, ())


def test_known_answer_of_the_example_is_what_the_file_says() -> None:
    recorded = json.loads((DATA / "six.solution.json").read_text())
    assert recorded["objective"] == solve(read_problem(DATA / "six.json")).objective
