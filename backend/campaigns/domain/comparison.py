"""Several runs side by side, in the figures a coordinator chooses by. Three queries, whatever they hold."""

import datetime as dt
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from backend.campaigns.enums import RunState
from backend.campaigns.models import Campaign, Proposal, Run, Unserved


@dataclass(frozen=True, slots=True)
class RunFigures:
    """``worst_off`` is how many days the longest waiting request without a proposal has waited already."""

    run: Run
    minutes: int = 0
    sessions: int = 0
    fewest: int = 0
    most: int = 0
    worst_off: int | None = None
    median_days: int | None = None

    @property
    def gap_percent(self) -> float | None:
        return None if self.run.gap is None else 100 * self.run.gap


def compare_runs(campaign: Campaign) -> list[RunFigures]:
    """All runs of a campaign, last first; figures for those that have ended."""
    runs = list(campaign.runs.defer("instance", "solution").order_by("-pk"))
    done = [run.pk for run in runs if run.state == RunState.DONE]
    matches: dict[int, list[tuple[int, dt.datetime, dt.datetime]]] = defaultdict(list)
    rows = Proposal.objects.filter(run__in=done).order_by("pk")
    for run, tutor, start, asked in rows.values_list("run", "tutor", "starts_at", "request__created_at"):
        matches[run].append((tutor, start, asked))
    oldest: dict[int, dt.datetime] = {}
    for run, asked in Unserved.objects.filter(run__in=done).order_by("pk").values_list("run", "request__created_at"):
        oldest[run] = min(oldest.get(run, asked), asked)
    return [_figures(run, matches[run.pk], oldest.get(run.pk)) for run in runs]


def _figures(
    run: Run, matches: Sequence[tuple[int, dt.datetime, dt.datetime]], oldest: dt.datetime | None
) -> RunFigures:
    sessions = {(tutor, start) for tutor, start, _ in matches}
    load = Counter(tutor for tutor, _ in sessions).values()
    waits = [max(0, (start - asked).days) for _, start, asked in matches]
    return RunFigures(
        run=run,
        minutes=len(sessions) * run.session_minutes,
        sessions=len(sessions),
        fewest=min(load, default=0),
        most=max(load, default=0),
        worst_off=max(0, (run.created_at - oldest).days) if oldest else None,
        median_days=statistics.median_low(waits) if waits else None,
    )
