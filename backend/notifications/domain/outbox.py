"""Mails that survive a crash: a row first, sent later, tried again with longer and longer pauses."""

import datetime as dt
import logging
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.notifications.enums import MailState
from backend.notifications.models import OutboxMessage

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=2)
PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
BATCH = 50


def write_mail(
    *,
    key: str,
    address: str,
    subject: str,
    body: str,
    person: Person | None = None,
    delay: dt.timedelta = dt.timedelta(),
) -> OutboxMessage:
    """Put a mail in the outbox, in the caller's transaction; the same ``key`` again gives the one that is there."""
    message, _ = OutboxMessage.objects.get_or_create(
        key=key,
        defaults={"person": person, "address": address, "subject": subject, "body": body, "due_at": now() + delay},
    )
    return message


def deliver_due(*, limit: int = BATCH) -> int:
    """Send what is due, at most ``limit`` mails; how many left. Safe to run twice at once."""
    return sum(_deliver(message) for message in _lease_due(limit))


@transaction.atomic
def _lease_due(limit: int) -> Sequence[OutboxMessage]:
    """Take mails for ourselves alone, for as long as the lease lasts."""
    free = Q(leased_until=None) | Q(leased_until__lt=now())
    due = OutboxMessage.objects.filter(free, state=MailState.WAITING, due_at__lte=now()).order_by("due_at", "pk")
    messages = list(due.select_for_update(of=("self",), skip_locked=True)[:limit])
    OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(leased_until=now() + LEASE)
    return messages


def _deliver(message: OutboxMessage) -> bool:
    message.attempts += 1
    try:
        _send(message)
    except OSError as error:  # smtplib's own errors are OSErrors too
        _put_off(message, error)
        return False
    message.state, message.sent_at, message.leased_until, message.error = MailState.SENT, now(), None, ""
    message.save(update_fields=["state", "sent_at", "leased_until", "error", "attempts"])
    return True


def _send(message: OutboxMessage) -> None:
    # One identifier for all attempts: a mailbox that got the first one can drop the second.
    headers = {"Message-ID": f"<outbox-{message.pk}-{message.created_at:%Y%m%d%H%M%S}@{settings.MAIL_DOMAIN}>"}
    EmailMessage(subject=message.subject, body=message.body, to=[message.address], headers=headers).send()


def _put_off(message: OutboxMessage, error: OSError) -> None:
    logger.warning("mail %s was not sent, attempt %s: %s", message.pk, message.attempts, type(error).__name__)
    message.error, message.leased_until = f"{type(error).__name__}: {error}"[:300], None
    if message.attempts > len(PAUSES):
        message.state = MailState.FAILED
    else:
        message.due_at = now() + PAUSES[message.attempts - 1]
    message.save(update_fields=["state", "due_at", "leased_until", "error", "attempts"])
