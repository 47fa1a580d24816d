"""Many callers at once, each with a database connection of its own: for PostgreSQL, which locks rows."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from backend.common.errors import ConflictError

# A server accepts a hundred connections by default.
CALLERS_AT_ONCE = 40


def race(calls: Sequence[Callable[[], object]]) -> list[object]:
    """What each call gave or raised, in order; they start together, as many at a time as connections allow."""
    start = threading.Barrier(min(len(calls), CALLERS_AT_ONCE))

    def run(rank: int) -> object:
        try:
            if rank < start.parties:
                start.wait(timeout=30)
            return calls[rank]()
        except Exception as error:  # noqa: BLE001 (told to the test, whatever it is)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(start.parties) as pool:
        return list(pool.map(run, range(len(calls))))


def count_outcomes(outcomes: Sequence[object]) -> dict[str, int]:
    """How many succeeded, lost with a conflict (by its code), or failed otherwise (by their error)."""
    return dict(Counter(name_outcome(outcome) for outcome in outcomes))


def name_outcome(outcome: object) -> str:
    if isinstance(outcome, ConflictError):
        return outcome.code
    return repr(outcome) if isinstance(outcome, Exception) else "ok"
