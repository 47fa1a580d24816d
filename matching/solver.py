"""One door: a problem in, a verified answer out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from matching.candidates import Candidates, enumerate_candidates
from matching.checker import Checker
from matching.errors import BadAnswer
from matching.parameters import SolveParameters
from matching.part import Part
from matching.pins import find_conflicts, restrict_to_pins
from matching.problem import Problem
from matching.progress import OnProgress, Reporter
from matching.reasons import explain_unserved
from matching.records import Match
from matching.result import GAP_OPTIMAL, Conflict, Reason, Result, Seconds, Status, Stopped, Unserved, relative_gap
from matching.schedule import Schedule
from matching.search import Found, Search
from matching.tables import Ints, Tables, index_problem


def solve(problem: Problem, params: SolveParameters | None = None, on_progress: OnProgress | None = None) -> Result:
    """Find who tutors whom and when.

    Parameters
    ----------
    problem : Problem
        What to match.
    params : SolveParameters, optional
        Time limit (seconds), seed and processes.
    on_progress : callable, optional
        Called with a :class:`Progress`: at once with the greedy answer, then at most five times a second. An answer of
        ``False`` cancels the search, which then returns the best answer so far.

    Returns
    -------
    Result
        Checked against every rule by code that the engines do not share.

    Raises
    ------
    BadAnswer
        If the checker refuses what an engine found.
    """
    params = params or SolveParameters()
    clock = Stopwatch()
    if conflicts := find_conflicts(problem):
        return _infeasible(problem, params, conflicts, clock)
    tables = index_problem(problem)
    candidates = enumerate_candidates(tables)
    columns, fixed = restrict_to_pins(tables, candidates)
    clock.lap("enumerate")
    reporter = Reporter(on_progress, params.seconds)
    found = Search(Part(tables, candidates, columns, fixed), params, reporter).run()
    clock.lap("solve")
    clock.move("solve", "build", found.build)
    return conclude(tables, candidates, found, params, clock, cancelled=reporter.cancelled)


def conclude(
    tables: Tables,
    candidates: Candidates,
    found: Found,
    params: SolveParameters,
    clock: "Stopwatch",
    *,
    cancelled: bool = False,
) -> Result:
    """Explain and verify what a search found."""
    schedule = schedule_of(tables, candidates, found.columns)
    unserved = tuple(explain_unserved(tables, candidates, schedule))
    matches = matches_of(schedule)
    objective = verify(tables.problem, matches, found.bound)
    clock.lap("explain")
    gap = relative_gap(objective, found.bound)
    status = Status.OPTIMAL if gap <= GAP_OPTIMAL else Status.FEASIBLE
    stopped = Stopped.CANCELLED if cancelled else Stopped.CLOCK if found.clock else None
    return Result(
        status=status,
        objective=objective,
        bound=found.bound,
        gap=gap,
        served=len(matches),
        engine=found.engine,
        seed=params.seed,
        seconds=clock.seconds(),
        matches=matches,
        unserved=unserved,
        stopped=None if status == Status.OPTIMAL else stopped,
    )


@dataclass(slots=True)
class Stopwatch:
    """Seconds by phase."""

    began: float = field(default_factory=time.perf_counter)
    laps: dict[str, float] = field(default_factory=dict)

    def lap(self, phase: str) -> None:
        """What passed since the last lap belongs to this phase."""
        passed = time.perf_counter() - self.began - sum(self.laps.values())
        self.laps[phase] = self.laps.get(phase, 0.0) + passed

    def move(self, source: str, target: str, seconds: float) -> None:
        """Part of one phase was another."""
        seconds = min(seconds, self.laps[source])
        self.laps[source] -= seconds
        self.laps[target] = self.laps.get(target, 0.0) + seconds

    def seconds(self) -> Seconds:
        """All phases, and the total so far."""
        return Seconds(**self.laps, total=time.perf_counter() - self.began)


def schedule_of(tables: Tables, candidates: Candidates, chosen: Ints) -> Schedule:
    """The schedule that these candidates make."""
    schedule = Schedule(tables)
    for column in chosen.tolist():
        schedule.add(int(candidates.request[column]), int(candidates.tutor[column]), int(candidates.start[column]))
    return schedule


def matches_of(schedule: Schedule) -> tuple[Match, ...]:
    """The matches of a schedule, each session in the first modality that all in it share."""
    problem = schedule.tables.problem
    place = {
        session: schedule.shared_modalities(sorted(members), session[0])[0]
        for session, members in schedule.members.items()
    }
    return tuple(
        Match(problem.requests[request].id, problem.tutors[tutor].id, start, place[tutor, start])
        for request, tutor, start in schedule.triples()
    )


def verify(problem: Problem, matches: Sequence[Match], bound: int) -> int:
    """Recompute the objective, and refuse an answer that breaks a rule or beats its own bound."""
    checker = Checker(problem)
    violations = list(checker.find_violations(matches))
    objective = checker.objective(matches)
    if objective > bound:
        violations.append(f"objective {objective} above bound {bound}")
    if violations:
        raise BadAnswer("; ".join(violations[:5]))
    return objective


def _infeasible(problem: Problem, params: SolveParameters, conflicts: tuple[Conflict, ...], clock: Stopwatch) -> Result:
    detail = "The pinned matches break a rule, so there is no answer."
    return Result(
        status=Status.INFEASIBLE,
        objective=None,
        bound=None,
        gap=None,
        served=0,
        engine="pins",
        seed=params.seed,
        seconds=clock.seconds(),
        unserved=tuple(Unserved(request.id, Reason.CONFLICT, detail) for request in problem.requests),
        conflicts=conflicts,
    )
