"""Hours at which nobody wants mail: what would leave then waits for their end."""

import datetime as dt

from django.db import transaction

from backend.accounts.models import Person
from backend.common.errors import DomainError
from backend.networks.rules import zone_of
from backend.notifications.models import Inbox


@transaction.atomic
def choose_quiet_hours(*, person: Person, start: dt.time | None, end: dt.time | None) -> None:
    """Keep mail back from ``start`` to ``end``, past midnight if need be; neither means at no time."""
    if (start is None) != (end is None):
        message = "Donnez les deux heures, ou aucune."
        raise DomainError(message, code="half_quiet", fields={"end" if end is None else "start": [message]})
    if start is not None and start == end:
        message = "Choisissez deux heures différentes."
        raise DomainError(message, code="quiet_never_ends", fields={"end": [message]})
    Inbox.objects.update_or_create(person=person, defaults={"quiet_start": start, "quiet_end": end})


def quiet_hours_of(person: Person) -> tuple[dt.time | None, dt.time | None]:
    inbox = Inbox.objects.filter(person=person).first()
    return (inbox.quiet_start, inbox.quiet_end) if inbox else (None, None)


def end_of_quiet(inbox: Inbox, instant: dt.datetime) -> dt.datetime:
    """``instant``, or the end of the quiet hours that hold it, in the zone of the person."""
    start, end = inbox.quiet_start, inbox.quiet_end
    if start is None or end is None:
        return instant
    local = instant.astimezone(zone_of(inbox.person))
    if not _holds(start, end, local.time()):
        return instant
    day = local.date() + dt.timedelta(days=int(end <= local.time()))
    return dt.datetime.combine(day, end, tzinfo=local.tzinfo).astimezone(dt.UTC)


def _holds(start: dt.time, end: dt.time, at: dt.time) -> bool:
    return start <= at < end if start < end else at >= start or at < end
