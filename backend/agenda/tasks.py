"""What the scheduler asks for again and again."""

from crontask import cron
from django.tasks import task

from backend.agenda.domain.outside import refresh_due

EVERY_MINUTE = "* * * * *"


@cron(EVERY_MINUTE)
@task
def refresh_outside_calendars() -> None:
    """Read the outside calendars that are due; apart from mails, which a slow calendar must not hold up."""
    refresh_due()
