"""Who was there: the tutor says, each learner confirms, and only their agreement credits."""

from collections.abc import Collection, Mapping

from django.db import transaction

from backend.accounts.models import Person
from backend.agenda.domain.occupancy import release_cells
from backend.common.clock import now
from backend.common.errors import DomainError
from backend.credits.domain.crediting import Held, credit_session
from backend.events.bus import publish
from backend.events.types import AttendanceDisputed, AttendanceRecorded, SessionSettled
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState
from backend.tutoring.domain.feedback import Opinion, give_feedback
from backend.tutoring.domain.moves import lock_session_for, move_session
from backend.tutoring.enums import Attendance, SessionState, Settlement
from backend.tutoring.models import Participation, Session
from backend.tutoring.rules import Action

SETTLED = {Attendance.PRESENT, Attendance.ABSENT}


@transaction.atomic
def record_attendance(
    *,
    session_id: int,
    author: Person,
    present: Collection[int],
    absent: Collection[int],
    feedback: Mapping[int, Opinion] | None = None,
) -> Session:
    """The tutor marks every learner (primary keys of people) present or absent; may be corrected until settled.

    ``feedback`` is what the tutor says to each of them, by primary key.
    """
    session = lock_session_for(author, session_id, Action.ATTENDANCE)
    parts = {part.person_id: part for part in session.participations.all()}
    if {*present, *absent} != set(parts) or not set(present).isdisjoint(absent):
        raise DomainError("Indiquez pour chaque personne si elle était là.", code="attendance_incomplete")
    session.participations.filter(person__in=present).update(by_tutor=True)
    session.participations.filter(person__in=absent).update(by_tutor=False)
    for learner, opinion in (feedback or {}).items():
        give_feedback(participation=parts[learner], author=author, opinion=opinion)
    publish(AttendanceRecorded(session.pk))
    settle(session, author)
    return session


@transaction.atomic
def confirm_presence(*, session_id: int, author: Person, present: bool, opinion: Opinion | None = None) -> Session:
    """A learner says whether they were there, and may say a word to the tutor."""
    session = lock_session_for(author, session_id, Action.CONFIRM)
    part = session.participations.get(person=author)
    part.by_learner = present
    part.save(update_fields=["by_learner"])
    if opinion is not None:
        give_feedback(participation=part, author=author, opinion=opinion)
    settle(session, author)
    return session


def settle(session: Session, author: Person) -> None:
    """Once every learner is settled the session is held, or missed if nobody came; that alone credits."""
    parts = list(session.participations.select_related("person", "request"))
    if any(part.attendance not in SETTLED for part in parts):
        if any(part.attendance == Attendance.DISPUTED for part in parts):
            publish(AttendanceDisputed(session.pk))
        return
    # What the coordinator settled says so already.
    session.participations.filter(settlement="").update(settlement=Settlement.AGREED)
    present = [part for part in parts if part.attendance == Attendance.PRESENT]
    move_session(session, SessionState.HELD if present else SessionState.MISSED, author=author)
    release_cells(source=session.source, after=now())
    for part in parts:
        target = RequestState.MET if part in present else RequestState.OPEN
        move_request(request=part.request, target=target, author=author)
    if present:
        credit_session(_describe(session, present))
    publish(SessionSettled(session.pk))


def _describe(session: Session, present: list[Participation]) -> Held:
    return Held(
        network=session.network,
        tutor=session.tutor,
        learners=[part.person for part in present],
        minutes=session.minutes,
        area=session.notion.area,
        day=session.starts_at.astimezone(session.network.zone).date(),
        source=session.source,
    )
