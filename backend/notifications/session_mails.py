"""Mails that put right the calendar of whoever made a change: they are told nothing that they do not know.

The others get the same calendar part with the mail that tells them (``handlers``): nobody gets two for one change.
"""

from dataclasses import replace

from backend.accounts.models import Person
from backend.events.bus import listen
from backend.events.types import LearnerLeft, SessionCancelled, SessionConfirmed, SessionMoved
from backend.notifications.domain.invitations import parts_for
from backend.notifications.domain.notify import News, mail_only
from backend.notifications.domain.wording import how_to_join, moment_of, names_of
from backend.notifications.enums import Kind
from backend.notifications.handlers import CLOSE_FILES, people_of, session_of, url_of
from backend.tutoring.models import Session
from calendars.writing import Method


@listen(SessionConfirmed)
def put_session_in_calendar_of_tutor(event: SessionConfirmed) -> None:
    session = session_of(event.session_id)
    body = (
        f"Vous aidez {names_of(session)} : {session.notion.title}.\n"
        f"{moment_of(session).capitalize()}, {how_to_join(session)}.\n\n{CLOSE_FILES}"
    )
    title = f"Vous avez accepté la séance {moment_of(session)}"
    _mail(session, session.tutor, Method.REQUEST, _news(session, "accepted", title, body))


@listen(SessionMoved)
def move_session_in_calendar_of_author(event: SessionMoved) -> None:
    """Unless the last to agree is somebody who left: then nobody waits for them."""
    session = session_of(event.session_id)
    author = next((person for person in people_of(session) if person.pk == event.author_id), None)
    if author is None:
        return
    body = f"{moment_of(session).capitalize()}, {how_to_join(session)}.\n\n{CLOSE_FILES}"
    title = f"Votre séance est déplacée : {moment_of(session)}"
    _mail(session, author, Method.REQUEST, _news(session, "moved", title, body))


@listen(SessionCancelled)
def take_session_out_of_calendar_of_author(event: SessionCancelled) -> None:
    session = session_of(event.session_id)
    author = Person.objects.get(pk=event.author_id)
    title = f"Vous avez annulé la séance {moment_of(session)}"
    _mail(session, author, Method.CANCEL, _news(session, "cancelled", title))


@listen(LearnerLeft)
def take_session_out_of_calendar_of_learner(event: LearnerLeft) -> None:
    session = session_of(event.session_id)
    learner = Person.objects.get(pk=event.learner_id)
    title = f"Vous ne venez plus à la séance {moment_of(session)}"
    _mail(session, learner, Method.CANCEL, _news(session, "left", title))


def _mail(session: Session, person: Person, method: Method, news: News) -> None:
    part = parts_for(session, [person], method).get(person.pk)
    if part is not None:
        mail_only(person=person, news=replace(news, part=part))


def _news(session: Session, what: str, title: str, body: str = "Votre calendrier est à jour.") -> News:
    key = f"session:{session.pk}:calendar:{what}:{session.sequence}"
    return News(key=key, kind=Kind.SESSION, title=title, url=url_of(session), body=body)
