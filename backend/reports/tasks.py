"""What the scheduler asks for again and again."""

from crontask import cron
from django.tasks import task

from backend.reports.domain.quarters import fix_due_quarters

EVERY_NIGHT = "15 3 * * *"


@cron(EVERY_NIGHT)
@task
def fix_quarters() -> None:
    """Fix the figures of quarters that closed. Whoever reads one first does it too: safe at any time, and twice."""
    fix_due_quarters()
