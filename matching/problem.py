"""The matching problem: plain frozen data, checked when it is built."""

from dataclasses import dataclass, field

from matching.errors import BadInstance
from matching.records import Person, Pin, Request, Scoring, Tutor
from matching.validation import find_flaws


@dataclass(frozen=True, slots=True)
class Problem:
    """A campaign to match.

    Attributes
    ----------
    cell_minutes : int
        Length of a cell in minutes; the engine itself only counts cells.
    session_cells : int
        Length of every session, in cells.
    cells_per_week : int
        A week is ``start // cells_per_week``.
    horizon : int
        Number of cells, from 0.
    group_size_max : int
        Most learners in one session.
    excluded : tuple of (str, str)
        Pairs (request, tutor) that never meet.
    pinned : tuple of Pin
        Matches that must be in the answer.
    previous : tuple of Pin
        An earlier answer; keeping to it is worth the stability terms.

    Raises
    ------
    BadInstance
        With every flaw found.
    """

    cell_minutes: int
    session_cells: int
    cells_per_week: int
    horizon: int
    people: tuple[Person, ...]
    tutors: tuple[Tutor, ...]
    requests: tuple[Request, ...]
    group_size_max: int = 1
    excluded: tuple[tuple[str, str], ...] = ()
    pinned: tuple[Pin, ...] = ()
    previous: tuple[Pin, ...] = ()
    scoring: Scoring = field(default_factory=Scoring)

    def __post_init__(self) -> None:
        if flaws := tuple(find_flaws(self)):
            raise BadInstance(flaws)
