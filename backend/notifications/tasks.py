"""What the scheduler asks for again and again."""

from crontask import cron
from django.tasks import task

from backend.campaigns.domain.repair import repair_automatically
from backend.credits.domain.batches import work_on_batches
from backend.needs.domain.entering import withdraw_expired
from backend.notifications.domain.digest import send_digests
from backend.notifications.domain.outbox import deliver_due
from backend.tutoring.domain.attendance_reminders import ask_for_attendance
from backend.tutoring.domain.certificate_pages import print_certificate
from backend.tutoring.domain.silence import decline_unanswered, remind_of_tomorrow, remind_tutors
from backend.tutoring.domain.talks import end_past_talks

# APScheduler's interval would do as well; a mail may wait a minute.
EVERY_MINUTE = "* * * * *"


@cron(EVERY_MINUTE)
@task
def tick() -> None:
    """Send the mails that are due, end what nobody confirmed or answered or is long past, remind of what is near.

    Safe to run at any time, and twice at once.
    """
    deliver_due()
    withdraw_expired()
    end_past_talks()
    decline_unanswered()
    remind_tutors()
    remind_of_tomorrow()
    repair_automatically()
    ask_for_attendance()
    work_on_batches(print_certificate)
    send_digests()
