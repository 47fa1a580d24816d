"""Calendars that people keep elsewhere: only when they are busy is read, and kept."""

import datetime as dt
import logging

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.agenda.domain.fetching import FetchError, Guard, check_address, fetch, tidy_address
from backend.agenda.enums import OutsideKind
from backend.agenda.models import OutsideBusy, OutsideCalendar
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.common.patient_numbers import refuse_patient_number
from backend.networks.rules import zone_of
from calendars.intervals import Interval
from calendars.reading import read_busy
from calendars.sieve import SIZE_MAX, RefusedCalendarError

logger = logging.getLogger(__name__)

COUNT_MAX = 20
NAME_LENGTH_MAX = 80
URL_LENGTH_MAX = 1000
# A campaign is known a few weeks ahead; a file says nothing new later.
BEHIND, AHEAD = dt.timedelta(days=1), dt.timedelta(days=400)
EVERY = dt.timedelta(hours=1)
# Whoever reads a calendar has it for that long.
LEASE = dt.timedelta(minutes=5)
PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (15, 60, 240, 720, 1440))
BATCH = 10

REASONS = {
    "bad_address": "Cette adresse n’est pas lisible : copiez-la en entier.",
    "not_https": "L’adresse doit commencer par https:// (ou webcal://).",
    "forbidden_address": "Cette adresse ne mène pas à un calendrier public d’Internet.",
    "unreachable": "Le calendrier ne répond pas.",
    "too_slow": "Le calendrier met trop de temps à répondre.",
    "too_many_redirects": "L’adresse renvoie d’adresse en adresse.",
    "too_big": "Ce calendrier est trop gros : un million de caractères au plus.",
    "too_many_events": "Ce calendrier a trop d’événements.",
    "too_many_occurrences": "Ce calendrier a trop d’événements.",
    "too_heavy": "Ce calendrier demande trop de calcul pour être lu.",
    "sub_daily": "Un événement s’y répète plusieurs fois par jour : nous ne savons pas le lire.",
    "too_old": "Un événement y commence il y a plusieurs siècles : nous ne savons pas le lire.",
    "not_a_calendar": "Ce n’est pas un calendrier (.ics).",
    "unreadable": "Ce n’est pas un calendrier (.ics).",
    "status_401": "Ce calendrier demande un mot de passe : donnez son adresse secrète, ou un fichier.",
    "status_403": "Ce calendrier ne se laisse pas lire à cette adresse.",
    "status_404": "Il n’y a pas de calendrier à cette adresse.",
    "status_410": "Il n’y a plus de calendrier à cette adresse.",
}


def describe_error(code: str) -> str:
    """A French sentence for the code of a failure."""
    return REASONS.get(code, "Le calendrier n’a pas pu être lu.") if code else ""


def outside_calendars_of(person: Person) -> QuerySet[OutsideCalendar]:
    return OutsideCalendar.objects.filter(person=person).order_by("pk")


def access_outside_for(person: Person, calendar_id: int) -> OutsideCalendar:
    """One of the person's calendars; ``NotFoundError`` otherwise."""
    calendar = outside_calendars_of(person).filter(pk=calendar_id).first()
    if calendar is None:
        raise NotFoundError
    return calendar


@transaction.atomic
def add_address(*, person: Person, url: str, name: str = "") -> OutsideCalendar:
    """Follow a calendar at an address; it is read soon after, by a job. The same address again is the one there."""
    if len(url) > URL_LENGTH_MAX:
        raise _refusal("bad_address", "url")
    try:
        address = tidy_address(url)
    except FetchError as error:
        raise _refusal(error.code, "url") from error
    _lock(person)
    if told := outside_calendars_of(person).filter(url=address).first():
        return told
    _check_room(person)
    host = check_address(address, Guard()).host
    return OutsideCalendar.objects.create(
        person=person, kind=OutsideKind.ADDRESS, url=address, name=_check_name(name) or host[:NAME_LENGTH_MAX]
    )


def add_file(*, person: Person, data: bytes, name: str) -> OutsideCalendar:
    """Read a calendar's file, once; what it says when is kept, the file is not."""
    label = _check_name(name) or "Fichier"
    if len(data) > SIZE_MAX:
        raise _refusal("too_big", "file")
    try:
        busy = read_busy(data, window=_window(), zone=zone_of(person).key)
    except RefusedCalendarError as error:
        raise _refusal(error.code, "file") from error
    with transaction.atomic():
        _lock(person)
        _check_room(person)
        calendar = OutsideCalendar.objects.create(
            person=person, kind=OutsideKind.FILE, name=label, due_at=None, refreshed_at=now()
        )
        _write_busy(calendar, busy)
    return calendar


@transaction.atomic
def remove_outside(*, person: Person, calendar_id: int) -> None:
    """Forget a calendar and its busy time."""
    access_outside_for(person, calendar_id).delete()


@transaction.atomic
def ask_refresh(*, person: Person, calendar_id: int) -> OutsideCalendar:
    """Have a calendar read again as soon as a job comes by."""
    calendar = access_outside_for(person, calendar_id)
    if calendar.kind == OutsideKind.FILE:
        raise ConflictError("Un fichier n’est lu qu’une fois : ajoutez le nouveau.", code="cannot_refresh")
    if calendar.refreshed_at is None or calendar.refreshed_at < now() - LEASE:
        calendar.due_at = now()
        calendar.save(update_fields=["due_at"])
    return calendar


def refresh_due(*, limit: int = BATCH, guard: Guard | None = None) -> int:
    """Read again the calendars whose time has come; how many were read well. Safe to run twice at once."""
    return sum(_refresh(calendar, guard) for calendar in _lease_due(limit))


@transaction.atomic
def _lease_due(limit: int) -> list[OutsideCalendar]:
    due = OutsideCalendar.objects.filter(due_at__lte=now(), person__is_active=True).order_by("due_at", "pk")
    calendars = list(due.select_for_update(of=("self",), skip_locked=True)[:limit])
    keys = [calendar.pk for calendar in calendars]
    OutsideCalendar.objects.filter(pk__in=keys).update(due_at=now() + LEASE)
    return calendars


def _refresh(calendar: OutsideCalendar, guard: Guard | None) -> bool:
    try:
        busy = read_busy(fetch(calendar.url, guard=guard), window=_window(), zone=zone_of(calendar.person).key)
    except (FetchError, RefusedCalendarError) as error:
        # The address may be a secret, and a stranger's words are not ours to log.
        logger.info("outside calendar %s was not read: %s", calendar.pk, error.code)
        _note_failure(calendar, error.code)
        return False
    with transaction.atomic():
        # Removed, or read by somebody else, in the meantime: nothing to write.
        kept = OutsideCalendar.objects.select_for_update(of=("self",)).filter(pk=calendar.pk, url=calendar.url).first()
        if kept is None:
            return False
        kept.refreshed_at, kept.error, kept.failures, kept.due_at = now(), "", 0, now() + EVERY
        kept.save(update_fields=["refreshed_at", "error", "failures", "due_at"])
        _write_busy(kept, busy)
    return True


def _note_failure(calendar: OutsideCalendar, code: str) -> None:
    """The last good reading stays; the next try comes later and later."""
    failures = calendar.failures + 1
    pause = PAUSES[min(failures, len(PAUSES)) - 1]
    OutsideCalendar.objects.filter(pk=calendar.pk).update(
        error=code[:30], failures=min(failures, 1000), due_at=now() + pause
    )


def _write_busy(calendar: OutsideCalendar, busy: list[Interval]) -> None:
    calendar.busy.all().delete()
    OutsideBusy.objects.bulk_create(
        (
            OutsideBusy(
                calendar=calendar,
                starts_at=dt.datetime.fromtimestamp(start, dt.UTC),
                ends_at=dt.datetime.fromtimestamp(end, dt.UTC),
            )
            for start, end in busy
        ),
        batch_size=1000,
    )


def _window() -> Interval:
    return int((now() - BEHIND).timestamp()), int((now() + AHEAD).timestamp())


def _lock(person: Person) -> None:
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)


def _check_room(person: Person) -> None:
    if outside_calendars_of(person).count() >= COUNT_MAX:
        raise DomainError(f"Vous avez déjà {COUNT_MAX} calendriers : retirez-en un.", code="too_many_calendars")


def _check_name(name: str) -> str:
    refuse_patient_number(name, field="name")
    return name.strip()[:NAME_LENGTH_MAX]


def _refusal(code: str, field: str) -> DomainError:
    message = describe_error(code)
    return DomainError(message, code=code, fields={field: [message]})
