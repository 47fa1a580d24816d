"""The picture of a search: what was found and what is proven possible, closing in on each other; and its table."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.campaigns.models import RunProgress

WIDTH, HEIGHT, LEFT, TOP = 640, 220, 8, 24
MOST_ROWS = 60
SHORTEST_SEARCH = 0.1


@dataclass(frozen=True, slots=True)
class RunChart:
    """``found`` and ``proven`` are the points of two lines; ``rows`` say the same in a table."""

    rows: list[RunProgress]
    found: str
    proven: str
    seconds: float

    @property
    def is_telling(self) -> bool:
        """One moment, or a blink, makes no picture: the table alone says it."""
        return len(self.rows) > 1 and self.rows[-1].elapsed >= SHORTEST_SEARCH


def draw_run(progress: Sequence[RunProgress]) -> RunChart | None:
    """Nothing before the search has said where it stands."""
    rows = thin_out(progress)
    if not rows:
        return None
    values = [row.objective for row in rows] + [row.bound for row in rows if row.bound is not None]
    low, high = min(values), max(values)
    seconds = max(rows[-1].elapsed, SHORTEST_SEARCH)

    def place(elapsed: float, value: int) -> tuple[int, int]:
        right = LEFT + (WIDTH - 2 * LEFT) * elapsed / seconds
        share = (value - low) / (high - low) if high > low else 1.0
        return round(right), round(HEIGHT - TOP - (HEIGHT - 2 * TOP) * share)

    found = [place(row.elapsed, row.objective) for row in rows]
    proven = [place(row.elapsed, row.bound) for row in rows if row.bound is not None]
    return RunChart(
        rows=rows,
        found=_stairs(found),
        proven=_stairs(proven),
        seconds=seconds,
    )


def thin_out(progress: Sequence[RunProgress]) -> list[RunProgress]:
    """At most as many moments as a picture can show, the last always among them."""
    step = -(-len(progress) // MOST_ROWS) or 1
    return list(reversed(progress[::-1][::step]))


def _stairs(points: Sequence[tuple[int, int]]) -> str:
    """A value stands until the next one: horizontal, then vertical; one alone has always stood."""
    if len(points) == 1:
        points = [(LEFT, points[0][1]), *points]
    corners = []
    for rank, (right, down) in enumerate(points):
        if rank:
            corners.append((right, points[rank - 1][1]))
        corners.append((right, down))
    return " ".join(f"{right},{down}" for right, down in corners)
