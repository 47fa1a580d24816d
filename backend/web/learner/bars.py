"""One bar a domain, drawn on the server: how many capacities stand at each level. The table beside it says the same."""

from dataclasses import dataclass

from backend.skills.domain.positioning import Stretch
from backend.skills.enums import PositioningLevel

WIDTH = 100
# From what is held best to what is not answered yet.
ORDER = (*sorted(PositioningLevel.values, reverse=True), None)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the bar: ``x`` and ``width`` in hundredths of it."""

    kind: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Bar:
    segments: list[Segment]
    counts: list[int]
    words: str


def bar_of(stretch: Stretch) -> Bar:
    counts = [stretch.count(level) for level in ORDER]
    segments, start, total = [], 0, len(stretch.steps)
    for level, count in zip(ORDER, counts, strict=True):
        if count:
            kind = "none" if level is None else str(level)
            segments.append(Segment(kind, _hundredths(start, total), _hundredths(count, total)))
        start += count
    return Bar(segments, counts, _tell(counts))


def _hundredths(part: int, total: int) -> str:
    return f"{WIDTH * part / total:.2f}"


def _tell(counts: list[int]) -> str:
    """« je fais sans aide : 3 ; sans réponse : 9 »."""
    labels = [str(PositioningLevel(level).label) if level is not None else "sans réponse" for level in ORDER]
    return " ; ".join(f"{label} : {count}" for label, count in zip(labels, counts, strict=True) if count)
