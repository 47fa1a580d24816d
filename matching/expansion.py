"""How much a problem unfolds into: short files can ask for more memory than any machine has.

The largest realistic instance (50,000 requests, 10,000 tutors, six weeks of quarter-hours) stays a hundred times below.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from matching.errors import Flaw
from matching.records import Person, Request, Tutor

MOST_STARTS = 5 * 10**7
MOST_CELLS = 4 * 10**9
MOST_PAIRS = 2 * 10**7
MOST_MATCHES = 3 * 10**7


class Unfolding(Protocol):
    """The attributes of a problem that say how far it unfolds."""

    @property
    def session_cells(self) -> int: ...
    @property
    def horizon(self) -> int: ...
    @property
    def people(self) -> tuple[Person, ...]: ...
    @property
    def tutors(self) -> tuple[Tutor, ...]: ...
    @property
    def requests(self) -> tuple[Request, ...]: ...


def check_expansion(problem: Unfolding) -> Iterator[Flaw]:
    """Starts of sessions, cells of people and pairs of request and tutor, counted without listing them."""
    starts = sum(
        max(0, end - start - problem.session_cells + 1) for person in problem.people for start, end in person.available
    )
    if starts > MOST_STARTS:
        yield Flaw("people", f"{starts} possible starts of sessions in all, at most {MOST_STARTS}")
    if (cells := len(problem.people) * problem.horizon) > MOST_CELLS:
        yield Flaw("horizon", f"{cells} cells for all people together, at most {MOST_CELLS}")
    if (pairs := _count_pairs(problem.requests, problem.tutors)) > MOST_PAIRS:
        yield Flaw("requests", f"{pairs} pairs of request and tutor of one notion, at most {MOST_PAIRS}")


def check_matches(count: int) -> Iterator[Flaw]:
    """Possible matches (request, tutor, start), known only while they are listed."""
    if count > MOST_MATCHES:
        yield Flaw("requests", f"more than {MOST_MATCHES} possible matches of request, tutor and start")


def _count_pairs(requests: Sequence[Request], tutors: Sequence[Tutor]) -> int:
    """Pairs that share a notion and a modality, whatever the level; twice if they share two modalities."""
    seeking = Counter((request.notion, place) for request in requests for place in set(request.modalities))
    notions = {notion for notion, _ in seeking}
    offers = Counter(
        (notion, place)
        for tutor in tutors
        for notion in notions.intersection(tutor.skills)
        for place in set(tutor.modalities)
    )
    return sum(count * offers[key] for key, count in seeking.items())
