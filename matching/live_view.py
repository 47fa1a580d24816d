"""The search as it runs, on a terminal: objective and bound closing in."""

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from matching.result import Progress

_HISTORY = 8
_FULL_SCALE = 0.05


class LiveView:
    """A small table of the last moments of the search; call it with each :class:`Progress`."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._live = Live(console=self._console, refresh_per_second=5, transient=True)
        self._moments: list[Progress] = []

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def __call__(self, progress: Progress) -> None:
        """Show one more moment."""
        self._moments = [*self._moments, progress][-_HISTORY:]
        self._live.update(self._render(progress))

    def _render(self, latest: Progress) -> Group:
        table = Table("seconds", "served", "objective", "bound", "gap", box=None)
        for column in table.columns:
            column.justify = "right"
        for moment in self._moments:
            table.add_row(
                f"{moment.elapsed:.1f}",
                str(moment.served),
                f"{moment.objective:,}",
                "–" if moment.bound is None else f"{moment.bound:,}",
                "–" if moment.gap is None else f"{moment.gap:.4%}",
            )
        closed = 0.0 if latest.gap is None else 1 - min(1.0, latest.gap / _FULL_SCALE)
        return Group(table, Text("objective closing in on its bound"), ProgressBar(total=1.0, completed=closed))
