"""What the scheduler asks for again and again."""

from crontask import cron
from django.tasks import task

from backend.needs.domain.entering import withdraw_expired
from backend.notifications.domain.outbox import deliver_due

# APScheduler's interval would do as well; a mail may wait a minute.
EVERY_MINUTE = "* * * * *"


@cron(EVERY_MINUTE)
@task
def tick() -> None:
    """Send the mails that are due; withdraw what nobody confirmed. Safe to run at any time, and twice at once."""
    deliver_due()
    withdraw_expired()
