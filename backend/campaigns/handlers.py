"""A run that is queued is given to the task backend once its row is there for all to see."""

from backend.campaigns.tasks import solve_run
from backend.events.bus import listen
from backend.events.types import RunQueued


@listen(RunQueued, after_commit=True)
def enqueue_solve(event: RunQueued) -> None:
    """Best effort: what is lost here, the tick queues again."""
    solve_run.enqueue(event.run_id)
