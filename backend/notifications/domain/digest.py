"""What waited unread for half an hour is told by one mail, without a word of it."""

import datetime as dt

from django.db import transaction
from django.urls import reverse

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.formats import format_count
from backend.conversations.domain.reminders import Reminder, people_to_remind, take_reminders
from backend.notifications.domain.notify import absolute_url, greet_and_sign
from backend.notifications.domain.outbox import write_mail
from backend.notifications.domain.quiet import end_of_quiet
from backend.notifications.enums import Kind
from backend.notifications.models import Inbox

UNREAD_FOR = dt.timedelta(minutes=30)
BATCH = 200


def send_digests() -> None:
    """Safe to run at any time, and twice at once: whoever comes second finds nothing left to tell."""
    before = now() - UNREAD_FOR
    people = Person.objects.in_bulk(people_to_remind(before=before, limit=BATCH))
    inboxes = {inbox.person_id: inbox for inbox in Inbox.objects.filter(person__in=people)}
    for key, person in sorted(people.items()):
        inbox = inboxes.get(key) or Inbox(person=person)
        # Nothing is taken in quiet hours: what is read until then need not be told.
        if end_of_quiet(inbox, now()) <= now():
            _tell(inbox, before)


@transaction.atomic
def _tell(inbox: Inbox, before: dt.datetime) -> None:
    person = inbox.person
    reminders = take_reminders(person=person, before=before)
    if not reminders or Kind.MESSAGE in inbox.muted_kinds:
        return
    total = sum(reminder.count for reminder in reminders)
    write_mail(
        key=f"digest:{person.pk}:{reminders[0].key}",
        person=person,
        address=person.email,
        subject=f"Vous avez {format_count(total, 'message non lu', 'messages non lus')}",
        body=greet_and_sign(person, _list(reminders), absolute_url(reverse("conversations"))),
    )


def _list(reminders: list[Reminder]) -> str:
    lines = [f"- {row.title} : {format_count(row.count, 'message', 'messages')}" for row in reminders]
    return "\n".join(["Des messages vous attendent dans Tandem :", "", *lines])
