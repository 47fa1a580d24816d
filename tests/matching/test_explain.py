"""Reasons, ways out, choices, prices and repair."""

from dataclasses import replace

from hypothesis import given

from matching import (
    Change,
    Checker,
    MoreSessions,
    MoreTime,
    NewTutor,
    Person,
    Problem,
    Reason,
    Request,
    Status,
    Tutor,
    Unblock,
    explain_choices,
    price_notions,
    read_problem,
    repair,
    solve,
)
from matching.notion_prices import with_new_tutor
from tests.matching.brute import best_objective
from tests.matching.instances import make_problem, small_problems
from tests.matching.test_solve import DATA, SLOW_MACHINE


def apply_unblock(problem: Problem, request: str, change: Unblock) -> Problem:
    """The problem after one change, as the format page words it."""
    match change:
        case MoreSessions(tutor=name):
            tutors = [
                replace(t, max_sessions=t.max_sessions + 1, max_sessions_per_week=t.max_sessions_per_week + 1)
                if t.id == name
                else t
                for t in problem.tutors
            ]
            return replace(problem, tutors=tuple(tutors))
        case MoreTime(start=start, end=end, tutor=tutor, learner=learner):
            name = learner or next(t.person for t in problem.tutors if t.id == tutor)
            people = [add_time(person, start, end) if person.id == name else person for person in problem.people]
            return replace(problem, people=tuple(people))
        case NewTutor(notion=notion, level=level):
            places = next(r.modalities for r in problem.requests if r.id == request)
            wider = with_new_tutor(problem, notion, level)
            return replace(wider, tutors=(*wider.tutors[:-1], replace(wider.tutors[-1], modalities=places)))


def add_time(person: Person, start: int, end: int) -> Person:
    """A new interval joins those it touches."""
    apart = [piece for piece in person.available if piece[1] < start or piece[0] > end]
    touched = [piece for piece in person.available if piece[1] >= start and piece[0] <= end]
    joined = min([start, *(piece[0] for piece in touched)]), max([end, *(piece[1] for piece in touched)])
    return replace(person, available=tuple(sorted([*apart, joined])))


def assert_unblocks_hold(problem: Problem) -> None:
    result = solve(problem)
    if result.objective is None:
        return
    for row in result.unserved:
        for change in row.unblock:
            served = best_objective(apply_unblock(problem, row.request, change), must_serve=row.request)
            assert served is not None, (row, change)
            assert served >= result.objective, (row, change)


@SLOW_MACHINE
@given(problem=small_problems(most_requests=4))
def test_every_way_out_serves_the_request_without_loss(problem: Problem) -> None:
    assert_unblocks_hold(problem)


@SLOW_MACHINE
@given(problem=small_problems(groups=True, cells=2, pins=True, most_requests=3))
def test_every_way_out_holds_for_groups_and_long_sessions(problem: Problem) -> None:
    assert_unblocks_hold(problem)


def test_ways_out_of_the_example() -> None:
    """Free at cell 2, Ben meets Ana there: 407 + 108 − 4; nobody else could teach chess or advanced python."""
    rows = {row.request: row for row in solve(read_problem(DATA / "six.json")).unserved}
    assert rows["r4"].unblock == (MoreTime(2, 3, learner="ben"),)
    assert rows["r5"].unblock == (NewTutor("chess", 1),)
    assert rows["r6"].unblock == (NewTutor("python", 3),)


def two_people(**tutor: object) -> Problem:
    """One learner free in cells 0 and 1, one tutor as told."""
    people = (Person("learner", ((0, 2),)), Person("helper", ((0, 2),)))
    offer = Tutor("t", "helper", {"law": 1}, max_sessions=1, max_sessions_per_week=1, modalities=("remote",))
    return Problem(
        cell_minutes=60,
        session_cells=1,
        cells_per_week=5,
        horizon=5,
        people=people,
        tutors=(replace(offer, **tutor),),  # type: ignore[arg-type]
        requests=(Request("r", "learner", "law", 1, 100, ("remote",)),),
    )


def test_each_reason_in_turn() -> None:
    cases = {
        Reason.NO_TUTOR: two_people(skills={"maths": 3}),
        Reason.LEVEL: replace(two_people(), requests=(replace(two_people().requests[0], level=2),)),
        Reason.INELIGIBLE: two_people(modalities=("site:far",)),
        Reason.NO_COMMON_SLOT: replace(
            two_people(), people=(Person("learner", ((0, 2),)), Person("helper", ((2, 4),)))
        ),
        Reason.TUTORS_FULL: two_people(max_sessions=0),
    }
    for reason, problem in cases.items():
        assert [row.reason for row in solve(problem).unserved] == [reason]


def test_request_that_would_lower_the_total_is_outweighed() -> None:
    """A second session of the one tutor costs 500 in balance and brings 190."""
    problem = two_people(max_sessions=2, max_sessions_per_week=2)
    requests = (problem.requests[0], replace(problem.requests[0], id="second"))
    result = solve(replace(problem, requests=requests, scoring=replace(problem.scoring, balance_step=500)))
    assert [row.reason for row in result.unserved] == [Reason.OUTWEIGHED]


def test_choices_add_up_and_never_regret() -> None:
    problem = make_problem(120, 40, scarcity=0.5)
    result = solve(problem)
    assert result.status == Status.OPTIMAL
    checker, choices = Checker(problem), explain_choices(problem, result.matches)
    assert [choice.match for choice in choices] == list(result.matches)
    assert all(choice.terms == checker.terms(choice.match) for choice in choices)
    losses = []
    for choice in choices:
        if choice.alternative is not None and choice.loss is not None:
            others = [match for match in result.matches if match.request != choice.match.request]
            changed = [*others, choice.alternative]
            assert list(checker.find_violations(changed)) == []
            assert (result.objective or 0) - checker.objective(changed) == choice.loss
            losses.append(choice.loss)
    assert losses
    assert min(losses) >= 0


def test_notion_prices_are_what_solving_again_gives() -> None:
    problem = make_problem(60, 20)
    result = solve(problem)
    prices = price_notions(problem, result, verify=3)
    assert {price.notion for price in prices} == {request.notion for request in problem.requests}
    assert [price.verified is not None for price in prices] == [True] * 3 + [False] * (len(prices) - 3)
    for price in prices[:3]:
        again = solve(with_new_tutor(problem, price.notion, price.level))
        assert (again.objective or 0) - (result.objective or 0) == price.verified


def test_repair_after_a_tutor_leaves_keeps_nearly_everything() -> None:
    problem = make_problem(200, 50, scarcity=0.8)
    first = solve(problem)
    tutor = first.matches[5].tutor
    repaired = repair(problem, first.matches, Change(tutors_out=frozenset({tutor})))
    assert list(Checker(repaired.problem).find_violations(repaired.result.matches)) == []
    assert all(match.tutor != tutor for match in repaired.result.matches)
    stayed = {match.pin for match in first.matches} & {match.pin for match in repaired.result.matches}
    assert len(stayed) == repaired.kept
    assert len(repaired.moves) <= 0.02 * len(first.matches)
    assert all(move.price >= 0 for move in repaired.moves)
    assert set(repaired.lost) <= {row.request for row in repaired.result.unserved}


def test_repair_after_a_declined_session_a_lost_hour_and_a_new_request() -> None:
    problem = make_problem(100, 40, scarcity=0.6)
    first = solve(problem)
    declined, cancelled, fixed = first.matches[0], first.matches[1], first.matches[2]
    person = next(r.person for r in problem.requests if r.id == cancelled.request)
    late = replace(problem.requests[3], id="late", weight=9000)
    change = Change(
        declined=frozenset({(declined.request, declined.tutor)}),
        lost_time=((person, cancelled.start, cancelled.start + 1),),
        new_requests=(late,),
    )
    repaired = repair(problem, first.matches, change, fixed=[fixed.request])
    after = {match.request: match for match in repaired.result.matches}
    assert after[fixed.request] == fixed
    assert after.get(declined.request) is None or after[declined.request].tutor != declined.tutor
    assert cancelled.pin not in {match.pin for match in repaired.result.matches}
    assert list(Checker(repaired.problem).find_violations(repaired.result.matches)) == []
