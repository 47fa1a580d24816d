"""The calendar part of a mail about a session (iMIP, RFC 6047): come, come at another time, do not come."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backend.accounts.models import Person
from backend.agenda.models import CalendarFeed
from backend.notifications.models import OutboxMessage
from backend.tutoring.domain.calendar import event_of
from backend.tutoring.models import Session
from calendars.events import Answer, Event, Guest, Mailbox, Status
from calendars.writing import Method, write_cancellation, write_invitation


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """``series`` is one session of one person, whose mails leave in order.

    ``follows`` says that an earlier mail put the session in the person's calendar: what corrects that comes even to
    those who want no mails any more.
    """

    method: str
    content: str
    series: str
    follows: bool


def parts_for(session: Session, people: Iterable[Person], method: Method) -> dict[int, CalendarPart]:
    """What each person's calendar is told, by primary key; nothing to cancel for whoever was never invited.

    Two queries, whatever the number of people; reads ``session.participations.all()``.
    """
    series = {person: f"session:{session.pk}:{person.pk}" for person in people}
    sent = OutboxMessage.objects.filter(series__in=series.values(), method=Method.REQUEST).order_by()
    invited = set(sent.values_list("series", flat=True))
    full = set(CalendarFeed.objects.filter(person__in=series, full_titles=True).values_list("person_id", flat=True))
    return {
        person.pk: CalendarPart(
            method, _write(session, person, method, full_title=person.pk in full), name, name in invited
        )
        for person, name in series.items()
        if method == Method.REQUEST or name in invited
    }


def _write(session: Session, person: Person, method: Method, *, full_title: bool) -> str:
    event = event_of(session, full_title=full_title)
    guest = Guest(Mailbox(person.name, person.email), _answer_of(session, person))
    if method == Method.REQUEST:
        return write_invitation(event=event, guest=guest).decode()
    return write_cancellation(event=_fallen(event), guest=guest).decode()


def _fallen(event: Event) -> Event:
    """A session that stands for others falls for whoever left it: later than all that they were told."""
    if event.status == Status.CANCELLED:
        return event
    return replace(event, status=Status.CANCELLED, sequence=event.sequence + 1)


def _answer_of(session: Session, person: Person) -> Answer:
    """The tutor accepted; a learner's silence is no answer yet."""
    agreed = {row.person_id for row in session.participations.all() if row.agreed_at}
    return Answer.ACCEPTED if person.pk in {session.tutor_id, *agreed} else Answer.AWAITED
