"""What a solve gives back."""

from dataclasses import dataclass
from enum import StrEnum

from matching.records import Match

GAP_OPTIMAL = 1e-6


class Status(StrEnum):
    """How good the answer is known to be."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"


class Stopped(StrEnum):
    """What cut a search short before its work was done."""

    CLOCK = "clock"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why a request is not served: the first of these that holds."""

    NO_TUTOR = "no_tutor"
    LEVEL = "level"
    INELIGIBLE = "ineligible"
    NO_COMMON_SLOT = "no_common_slot"
    TUTORS_FULL = "tutors_full"
    OUTWEIGHED = "outweighed"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class MoreSessions:
    """One more session for this tutor, in all and in any week."""

    tutor: str


@dataclass(frozen=True, slots=True)
class MoreTime:
    """One more availability interval, in cells, for a tutor's person or for a learner (a person's id)."""

    start: int
    end: int
    tutor: str | None = None
    learner: str | None = None


@dataclass(frozen=True, slots=True)
class NewTutor:
    """One more tutor: always free, with the request's modalities, for one session."""

    notion: str
    level: int


type Unblock = MoreSessions | MoreTime | NewTutor


@dataclass(frozen=True, slots=True)
class Unserved:
    """A request left out.

    Attributes
    ----------
    detail : str
        One English sentence for people who read solution files.
    unblock : tuple of Unblock
        Single changes, cheapest first. After any one of them alone, some answer serves the request and is worth at
        least this answer's objective; the engine has such an answer in hand for each.
    """

    request: str
    reason: Reason
    detail: str
    unblock: tuple[Unblock, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Pins (indexes into ``Problem.pinned``) that break a rule together, and which."""

    pins: tuple[int, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of the search; ``elapsed`` in seconds, ``bound`` None until something is proven."""

    elapsed: float
    objective: int
    bound: int | None
    served: int

    @property
    def gap(self) -> float | None:
        """Relative distance of objective and bound."""
        return None if self.bound is None else relative_gap(self.objective, self.bound)


@dataclass(frozen=True, slots=True)
class Seconds:
    """Where the time went, in seconds."""

    read: float = 0.0
    enumerate: float = 0.0
    build: float = 0.0
    solve: float = 0.0
    explain: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """A verified answer.

    Attributes
    ----------
    status : Status
        ``infeasible`` only when the pins alone break a rule; ``conflicts`` then says which.
    objective : int or None
        Worth of the matches, recomputed by the checker.
    bound : int or None
        No answer is worth more: proven.
    gap : float or None
        ``(bound − objective) / max(1, |bound|)``.
    served : int
        Number of requests matched.
    engine : str
        The engines that had a part in it.
    matches : tuple of Match
        In the order of the problem's requests.
    unserved : tuple of Unserved
        One per request without a match, in the order of the problem's requests.
    conflicts : tuple of Conflict
        Only when infeasible.
    stopped : Stopped or None
        Set when the clock or the caller cut the search short.
    """

    status: Status
    objective: int | None
    bound: int | None
    gap: float | None
    served: int
    engine: str
    seed: int
    seconds: Seconds
    matches: tuple[Match, ...] = ()
    unserved: tuple[Unserved, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    stopped: Stopped | None = None


def relative_gap(objective: int, bound: int) -> float:
    """``(bound − objective) / max(1, |bound|)``."""
    return (bound - objective) / max(1, abs(bound))
