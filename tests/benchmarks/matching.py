"""Engines and baselines side by side, each in a process of its own.

    python -m tests.benchmarks.matching                      # every case
    python -m tests.benchmarks.matching M L --plot docs      # some cases, with objective and bound over time as SVG

Seconds are of processor time, so that other work on the machine counts little; ratios are to the priority greedy.
"""

import argparse
import multiprocessing
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from matching import Change, Checker, Match, Problem, Progress, Result, SolveParameters, repair, solve
from tests.benchmarks import baselines
from tests.benchmarks.plot import draw_progress
from tests.matching.instances import make_problem


@dataclass(frozen=True, slots=True)
class Case:
    """One instance and how long to search."""

    make: Callable[[], Problem]
    seconds: float
    rivals: tuple[str, ...] = ("priority_greedy", "contention_greedy")


SIMPLE = ("priority_greedy", "contention_greedy", "munkres_then_slots", "gale_shapley_then_slots")
CASES = {
    "S": Case(partial(make_problem, 60, 20), 60, (*SIMPLE, "default_cpsat")),
    "M": Case(partial(make_problem, 400, 80), 60, (*SIMPLE, "default_cpsat")),
    "L": Case(partial(make_problem, 2_000, 400), 60, (*SIMPLE, "default_cpsat")),
    "XL": Case(partial(make_problem, 10_000, 2_000), 60),
    "XL-300s": Case(partial(make_problem, 10_000, 2_000), 300),
    "XXL": Case(partial(make_problem, 50_000, 10_000, networks=170), 300),
    "M-groups": Case(partial(make_problem, 400, 80, scarcity=2.0, group_size_max=3), 20),
    "L-groups": Case(partial(make_problem, 2_000, 400, scarcity=2.0, group_size_max=3), 120),
    "M-15min": Case(partial(make_problem, 400, 80, cell_minutes=15, session_cells=3), 60),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What one engine did on one case."""

    engine: str
    served: int
    objective: int
    bound: int | None
    cpu: float
    wall: float
    megabytes: float
    phases: str = ""
    trace: tuple[Progress, ...] = ()


def run_baseline(case: str, name: str) -> Row:
    """One baseline, checked."""
    problem = CASES[case].make()
    rival: Callable[[Problem], tuple[Match, ...]] = getattr(baselines, name)
    cpu, wall = time.process_time(), time.perf_counter()
    matches = rival(problem)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    checker = Checker(problem)
    if violations := list(checker.find_violations(matches)):
        raise AssertionError(violations[:3])
    return Row(name, len(matches), checker.objective(matches), None, cpu, wall, peak_megabytes())


def run_engine(case: str) -> Row:
    """The engine, with the objective and bound it told of on the way."""
    problem, trace = CASES[case].make(), list[Progress]()
    cpu, wall = time.process_time(), time.perf_counter()
    result = solve(problem, SolveParameters(CASES[case].seconds), trace.append)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Row(
        f"matching ({result.engine})",
        result.served,
        result.objective or 0,
        result.bound,
        cpu,
        wall,
        peak_megabytes(),
        describe_phases(result),
        tuple(trace),
    )


def describe_phases(result: Result) -> str:
    """Where the time went, and what cut the search short."""
    seconds = result.seconds
    stopped = f", stopped by {result.stopped}" if result.stopped else ""
    return f"enumerate {seconds.enumerate:.2f}, solve {seconds.solve:.2f}, explain {seconds.explain:.2f} s{stopped}"


def peak_megabytes() -> float:
    """Most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_repairs(case: str, count: int = 10) -> str:
    """One tutor out, ten times, the three busiest first: what moves and what is lost against solving all again."""
    problem = CASES[case].make()
    first, whole = time_cpu(lambda: solve(problem))
    loads = Counter(match.tutor for match in first.matches)
    busiest = [tutor for tutor, _ in loads.most_common(count // 3)]
    tutors = busiest + sorted(loads.keys() - set(busiest))[:: max(1, len(loads) // count)][: count - len(busiest)]
    moved, lost, seconds = [], [], []
    for tutor in tutors:
        change = Change(tutors_out=frozenset({tutor}))
        repaired, cpu = time_cpu(partial(repair, problem, first.matches, change))
        moved.append(len(repaired.moves) / max(1, repaired.kept + len(repaired.moves)))
        free = replace(problem, tutors=repaired.problem.tutors, excluded=repaired.problem.excluded)
        lost.append(solve(free).served - repaired.result.served)
        seconds.append(cpu / whole)
    return (
        f"{case}: one tutor out, {len(tutors)} times: {sum(moved) / len(moved):.2%} of kept pairs moved "
        f"({len(busiest)} busiest: {sum(moved[: len(busiest)]) / len(busiest):.2%}, worst {max(moved):.2%}), "
        f"{max(lost)} requests lost at worst against solving all again without regard to the first answer, "
        f"in {sum(seconds) / len(seconds):.0%} of the processor time of the first solve, prices of moves included"
    )


def time_cpu[Answer](call: Callable[[], Answer]) -> tuple[Answer, float]:
    """An answer and the processor seconds it took."""
    began = time.process_time()
    answer = call()
    return answer, time.process_time() - began


def in_own_process[Answer](function: Callable[..., Answer], *arguments: Any) -> Answer:
    """Run with memory of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def print_table(case: str, rows: list[Row]) -> None:
    """Markdown, gaps against the proven bound."""
    bound = min((row.bound for row in rows if row.bound is not None), default=None)
    base = rows[0].cpu
    write(f"\n### {case}\n\n| engine | served | objective | gap to bound | CPU s | × greedy | peak MB | |")
    write("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for row in rows:
        gap = "" if bound is None else f"{(bound - row.objective) / max(1, abs(bound)):.4%}"
        write(
            f"| {row.engine} | {row.served} | {row.objective:,} | {gap} | {row.cpu:.2f} | {row.cpu / base:.1f} "
            f"| {row.megabytes:.0f} | {row.phases} |"
        )


def write(line: str) -> None:
    """One line of the report, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run the cases asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], help="all without any")
    parser.add_argument("--plot", type=Path, metavar="FOLDER", help="write objective and bound over time as SVG")
    arguments = parser.parse_args()
    for case in arguments.cases or CASES:
        rows = [in_own_process(run_baseline, case, name) for name in CASES[case].rivals]
        rows.append(in_own_process(run_engine, case))
        print_table(case, rows)
        if arguments.plot:
            target = arguments.plot / f"matching-{case.lower()}.svg"
            target.write_text(draw_progress(case, rows[-1].trace), encoding="utf-8")
        if case in {"M", "L"}:
            write("\n" + in_own_process(run_repairs, case))


if __name__ == "__main__":
    main()
