"""Sessions as calendars tell them: one identity for life, the same words in a feed, a file and a mail."""

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from backend.accounts.models import Person
from backend.agenda.models import CalendarFeed
from backend.common.clock import now
from backend.tutoring.domain.access import own_sessions
from backend.tutoring.enums import JoinKind, SessionState
from backend.tutoring.models import Session
from calendars.events import Event, Mailbox, Status
from calendars.writing import write_feed

KEPT_FOR = dt.timedelta(days=90)
ALARM = dt.timedelta(minutes=30)
FEED_NAME = "Tandem"
# One more whenever the same sessions are written otherwise: programs that hold a copy fetch it anew.
EDITION = 1
STATUS = {
    SessionState.PROPOSED: Status.TENTATIVE,
    SessionState.CONFIRMED: Status.CONFIRMED,
    SessionState.HELD: Status.CONFIRMED,
    SessionState.MISSED: Status.CONFIRMED,
    SessionState.DECLINED: Status.CANCELLED,
    SessionState.CANCELLED: Status.CANCELLED,
}
FALLEN = [state for state, status in STATUS.items() if status == Status.CANCELLED]


def feed_sessions(person: Person) -> list[Session]:
    """What the person's feed holds, of all their networks; one query. What fell through is not in it any more."""
    sessions: QuerySet[Session] = own_sessions(person).filter(ends_at__gt=now() - KEPT_FOR).exclude(state__in=FALLEN)
    return list(sessions.select_related("network", "notion", "site").order_by("starts_at", "pk"))


def fingerprint(feed: CalendarFeed, sessions: Sequence[Session]) -> str:
    """An ETag: another one as soon as a byte of the feed would be."""
    digest = hashlib.sha256(f"{EDITION} {feed.full_titles} {settings.PUBLIC_URL} {settings.MAIL_DOMAIN}".encode())
    for session in sessions:
        site = session.site.name if session.site else ""
        digest.update(
            f"{session.pk} {session.sequence} {session.state} {session.starts_at} {session.ends_at} "
            f"{session.network.timezone} {site} {session.join_value} {session.notion.title}\n".encode(
                "utf-8", "backslashreplace"
            )
        )
    return f'"{digest.hexdigest()[:32]}"'


def write_sessions(sessions: Collection[Session], *, full_titles: bool) -> bytes:
    """A published calendar of sessions."""
    return write_feed(name=FEED_NAME, events=[event_of(session, full_title=full_titles) for session in sessions])


def event_of(session: Session, *, full_title: bool) -> Event:
    """A session as an event. Neutral unless asked otherwise: a subject is something that somebody cannot do yet."""
    location, conference = _place_of(session)
    address = f"{settings.PUBLIC_URL}{reverse('session', args=[session.pk])}"
    return Event(
        uid=f"session-{session.pk}@{settings.MAIL_DOMAIN}",
        sequence=session.sequence,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.network.timezone,
        status=STATUS[SessionState(session.state)],
        title=f"Séance Tandem : {session.notion.title}" if full_title else "Séance Tandem",
        organizer=organizer(),
        created_at=session.created_at,
        changed_at=session.changed_at,
        description=_description(session, address),
        location=location,
        conference=conference,
        url=address,
        alarm=ALARM,
    )


def organizer() -> Mailbox:
    """Tandem itself: nobody's address goes to anybody else."""
    name, _, address = settings.DEFAULT_FROM_EMAIL.rpartition("<")
    return Mailbox(name.strip().strip('"') or FEED_NAME, address.rstrip(">"))


def _place_of(session: Session) -> tuple[str, str]:
    """Location and conference; the way in to a distant session is told once it is confirmed, as on its page."""
    if session.join_kind == JoinKind.PLACE:
        return session.join_value, ""
    if session.state == SessionState.PROPOSED:
        return ("Par téléphone" if session.join_kind == JoinKind.PHONE else "À distance"), ""
    if session.join_kind == JoinKind.PHONE:
        return f"Par téléphone : {session.join_value}", f"tel:{session.join_value.replace(' ', '')}"
    # Saved by a tutor: nothing but a web address may become a link.
    is_link = session.join_value.startswith(("https://", "http://"))
    return (session.join_value, session.join_value) if is_link else ("À distance", "")


def _description(session: Session, address: str) -> str:
    lines = ["Fermez tout dossier : on s’entraîne sans patient."]
    if session.state == SessionState.PROPOSED:
        lines.insert(0, "Séance proposée, pas encore acceptée.")
    return "\n".join([*lines, f"Voir, annuler : {address}"])
