"""The work of runs, and what the scheduler asks for again and again."""

from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]
from crontask import cron
from django.tasks import task

from backend.campaigns.domain.jobs import execute_run, take_back_runs
from backend.campaigns.models import Run

# With a lease of twenty seconds, what a dead worker held is queued again within a minute.
SECONDS_BETWEEN_TICKS = 15


@task
def solve_run(run_id: int) -> None:
    """Safe to run twice: the second finds the run taken, or done."""
    run = Run.objects.filter(pk=run_id).first()
    if run is not None:
        execute_run(run=run)


@cron(IntervalTrigger(seconds=SECONDS_BETWEEN_TICKS))
@task(priority=50)
def tick_runs() -> None:
    """Before the queued runs: they may wait for this very one. Safe to run at any time, and twice at once."""
    take_back_runs()
