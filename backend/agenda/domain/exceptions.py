"""Dated changes to a week: « pas libre », « libre en plus »."""

import datetime as dt
import zoneinfo

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.agenda.models import AvailabilityException
from backend.common.clock import is_on_cell, now
from backend.common.errors import DomainError, NotFoundError

LENGTH_MAX = dt.timedelta(days=366)
AHEAD_MAX = dt.timedelta(days=2 * 366)
COUNT_MAX = 200


def coming_exceptions(person: Person) -> QuerySet[AvailabilityException]:
    """Those that are not over, in order."""
    return AvailabilityException.objects.filter(person=person, ends_at__gt=now()).order_by("starts_at", "pk")


@transaction.atomic
def add_exception(
    *, person: Person, starts_at: dt.datetime, ends_at: dt.datetime, is_free: bool
) -> AvailabilityException:
    """Change the weekly rhythm in ``[starts_at, ends_at)``; the same change told again is the one that is there."""
    _check_times(starts_at, ends_at)
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    mine = AvailabilityException.objects.filter(person=person)
    if told := mine.filter(starts_at=starts_at, ends_at=ends_at, is_free=is_free).first():
        return told
    if coming_exceptions(person).count() >= COUNT_MAX:
        raise DomainError(f"Vous avez déjà {COUNT_MAX} exceptions à venir : retirez-en une.", code="too_many")
    return mine.create(person=person, starts_at=starts_at, ends_at=ends_at, is_free=is_free)


@transaction.atomic
def remove_exception(*, person: Person, exception_id: int) -> None:
    """Raises ``NotFoundError`` for one that is gone, or somebody else's."""
    removed, _ = AvailabilityException.objects.filter(person=person, pk=exception_id).delete()
    if not removed:
        raise NotFoundError


def local_instant(day: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo, *, later: bool = False) -> dt.datetime:
    """The instant of a local time, in UTC.

    A time that a clock change repeats is its first occurrence, or its second when ``later``; one that it skips is
    refused: no clock shows it.
    """
    local = dt.datetime.combine(day, time, zone).replace(fold=int(later))
    instant = local.astimezone(dt.UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise DomainError("Cette heure n’existe pas ce jour-là : les horloges avancent.", code="skipped_time")
    return instant


def _check_times(starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    message, field = "", "ends_at"
    if not (is_on_cell(starts_at) and is_on_cell(ends_at)):
        message, field = (
            "Écrivez une heure juste, un quart, une demie ou trois quarts : par exemple 12:15.",
            "starts_at",
        )
    elif ends_at <= starts_at:
        message = "La fin doit venir après le début."
    elif ends_at <= now():
        message = "Ce moment est déjà passé."
    elif ends_at - starts_at > LENGTH_MAX:
        message = "Une exception dure un an au plus."
    elif starts_at > now() + AHEAD_MAX:
        message, field = "Choisissez un moment dans les deux ans.", "starts_at"
    if message:
        raise DomainError(message, code="times", fields={field: [message]})
