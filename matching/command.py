"""``tandem match INSTANCE.json -o SOLUTION.json``: the engine on files, without a database or Django."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from matching.errors import BadInstance, Flaw
from matching.files import read_problem, write_solution
from matching.live_view import LiveView
from matching.parameters import SolveParameters
from matching.result import Progress, Result, Status
from matching.solver import solve

EXIT_OK, EXIT_FAILED, EXIT_BAD_FILE = 0, 1, 2
MOST_FLAWS = 100


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0 answered, 1 could not read or write, 2 bad file or arguments."""
    arguments = build_parser().parse_args(argv)
    began = time.perf_counter()
    params = SolveParameters(time_limit=arguments.time_limit, seed=arguments.seed, workers=arguments.workers)
    try:
        problem = read_problem(arguments.instance)
        read = time.perf_counter() - began
        with _view(quiet=arguments.quiet) as on_progress:
            result = solve(problem, params, on_progress)
    except BadInstance as error:
        print_flaws(error.problems)
        return EXIT_BAD_FILE
    except OSError as error:
        return _fail(f"{arguments.instance}: {error.strerror}")
    seconds = replace(result.seconds, read=read, total=result.seconds.total + read)
    result = replace(result, seconds=seconds)
    try:
        write_solution(result, arguments.output)
    except OSError as error:
        return _fail(f"{arguments.output}: {error.strerror}")
    if not arguments.quiet:
        sys.stdout.write(summarise(result, len(problem.requests)) + "\n")
    return EXIT_OK


def build_parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = argparse.ArgumentParser(prog="tandem match", description="Match help requests and tutors.")
    parser.add_argument("instance", type=Path, metavar="INSTANCE.json", help="tandem-matching/1 file")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="SOLUTION.json", help="file to write")
    parser.add_argument("--time-limit", type=_positive(float), metavar="SECONDS", help="search at most this long (60)")
    parser.add_argument("--seed", type=_natural, default=0, metavar="N", help="seed of random choices (0)")
    parser.add_argument("--workers", type=_positive(int), default=1, metavar="N", help="processes (1)")
    parser.add_argument("--quiet", action="store_true", help="print errors only")
    return parser


def _positive[Number: (int, float)](kind: Callable[[str], Number]) -> Callable[[str], Number]:
    def parse(text: str) -> Number:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ValueError
        return value

    parse.__name__ = "positive number"
    return parse


def _natural(text: str) -> int:
    if (value := int(text)) < 0:
        raise ValueError
    return value


def print_flaws(flaws: Sequence[Flaw]) -> None:
    """One line per problem on standard error: the first hundred, then how many more."""
    for flaw in flaws[:MOST_FLAWS]:
        sys.stderr.write(one_line(str(flaw)) + "\n")
    if (more := len(flaws) - MOST_FLAWS) > 0:
        sys.stderr.write(f"and {more} more\n")


def one_line(text: str) -> str:
    """Text that stays on its line, whatever an id holds."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def summarise(result: Result, requests: int) -> str:
    """One line on what came out."""
    if result.status == Status.INFEASIBLE:
        return f"infeasible: {len(result.conflicts)} conflicts among pinned matches"
    stopped = f", stopped by {result.stopped}" if result.stopped else ""
    return (
        f"{result.status}{stopped}: {result.served} of {requests} requests served, objective {result.objective}, "
        f"bound {result.bound}, gap {result.gap:.4%}, {result.engine}, {result.seconds.total:.2f} s"
    )


def _view(*, quiet: bool) -> AbstractContextManager[Callable[[Progress], None] | None]:
    if quiet or not sys.stderr.isatty():
        return nullcontext()
    return LiveView()


def _fail(message: str) -> int:
    sys.stderr.write(one_line(message) + "\n")
    return EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())
