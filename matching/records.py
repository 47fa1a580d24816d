"""The records that problems and answers are made of: plain frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

REMOTE = "remote"
SITE_PREFIX = "site:"

type Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scoring:
    """The integer terms of the objective, all ≥ 0; ``matching.checker`` states the formula.

    The defaults are those of the service.
    """

    level_base: int = 60
    level_step: int = 20
    same_profession: int = 100
    same_group: int = 50
    same_territory: int = 60
    prior_tutor: int = 80
    early_max: int = 20
    balance_step: int = 10
    stability_exact: int = 150
    stability_tutor: int = 75


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who learns, tutors, or both.

    Attributes
    ----------
    id : str
        Name of the person in this problem.
    available : tuple of (int, int)
        Half-open intervals in cells, sorted and disjoint; a session lies inside one of them.
    profession, profession_group, territory : str or None
        Compared for the quality of a match; None equals nothing.
    """

    id: str
    available: tuple[Interval, ...]
    profession: str | None = None
    profession_group: str | None = None
    territory: str | None = None


@dataclass(frozen=True, slots=True)
class Tutor:
    """One offer of tutoring; a person may make several.

    Attributes
    ----------
    skills : mapping of str to int
        Level held, 1 to 3, by notion.
    max_sessions, max_sessions_per_week : int
        Most sessions in all, and in any week of ``cells_per_week`` cells.
    modalities : tuple of str
        ``remote`` or ``site:<id>``.
    """

    id: str
    person: str
    skills: Mapping[str, int]
    max_sessions: int
    max_sessions_per_week: int
    modalities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One wish to learn a notion.

    Attributes
    ----------
    level : int
        Least level of the tutor, 1 to 3.
    weight : int
        What serving the request is worth, ≥ 1.
    group_ok : bool
        Whether the learner accepts company.
    prior_tutor : str or None
        A tutor the learner knows; one who is gone is ignored.
    """

    id: str
    person: str
    notion: str
    level: int
    weight: int
    modalities: tuple[str, ...]
    group_ok: bool = False
    prior_tutor: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A session that must be (``Problem.pinned``) or that was (``Problem.previous``); ``start`` in cells."""

    request: str
    tutor: str
    start: int


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """A session of the answer: who learns, who tutors, from which cell, and where."""

    request: str
    tutor: str
    start: int
    modality: str

    @property
    def pin(self) -> Pin:
        """The match without its place."""
        return Pin(self.request, self.tutor, self.start)


SCORING_KEYS = tuple(field.name for field in fields(Scoring))
