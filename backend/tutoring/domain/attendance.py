"""Who was there: the tutor says, each learner confirms, and only their agreement credits."""

from collections.abc import Collection

from django.db import transaction

from backend.accounts.models import Person
from backend.agenda.domain.occupancy import release_cells
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError
from backend.credits.domain.ledger import NewEntry, account_of, write_entries
from backend.credits.domain.scales import points_for, scale_on
from backend.credits.enums import EntryKind
from backend.events.bus import publish
from backend.events.types import AttendanceDisputed, AttendanceRecorded, SessionSettled
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState
from backend.networks.enums import Role
from backend.networks.rules import require_role
from backend.tutoring.domain.access import access_session_for
from backend.tutoring.domain.answers import lock_session_for, move_session
from backend.tutoring.enums import Attendance, SessionState
from backend.tutoring.models import Participation, Session
from backend.tutoring.rules import Action, awaits_decision

SETTLED = {Attendance.PRESENT, Attendance.ABSENT}


@transaction.atomic
def record_attendance(*, session_id: int, author: Person, present: Collection[int], absent: Collection[int]) -> Session:
    """The tutor marks every learner (primary keys of people) present or absent; may be corrected until settled."""
    session = lock_session_for(author, session_id, Action.ATTENDANCE)
    learners = set(session.participations.values_list("person_id", flat=True))
    if {*present, *absent} != learners or not set(present).isdisjoint(absent):
        raise DomainError("Indiquez pour chaque personne si elle était là.", code="attendance_incomplete")
    session.participations.filter(person__in=present).update(by_tutor=True)
    session.participations.filter(person__in=absent).update(by_tutor=False)
    publish(AttendanceRecorded(session.pk))
    _settle(session, author)
    return session


@transaction.atomic
def confirm_presence(*, session_id: int, author: Person, present: bool) -> Session:
    """A learner says whether they were there."""
    session = lock_session_for(author, session_id, Action.CONFIRM)
    session.participations.filter(person=author).update(by_learner=present)
    _settle(session, author)
    return session


@transaction.atomic
def decide_attendance(*, session_id: int, author: Person, learner_id: int, present: bool) -> Session:
    """The coordinator decides where tutor and learner differ, or where one has kept silent for a week."""
    require_role(author, access_session_for(author, session_id).network, Role.COORDINATOR)
    session = Session.objects.select_for_update(of=("self",)).get(pk=session_id)
    participation = session.participations.filter(person=learner_id).first()
    if participation is None or not awaits_decision(session, participation):
        raise ConflictError("Il n’y a rien à trancher pour cette personne.", code="cannot_decide")
    participation.decided = present
    participation.save(update_fields=["decided"])
    _settle(session, author)
    return session


def _settle(session: Session, author: Person) -> None:
    """Once every learner is settled the session is held, or missed if nobody came; that alone credits."""
    participations = list(session.participations.select_related("person", "request"))
    if any(participation.attendance not in SETTLED for participation in participations):
        if any(participation.attendance == Attendance.DISPUTED for participation in participations):
            publish(AttendanceDisputed(session.pk))
        return
    present = [part for part in participations if part.attendance == Attendance.PRESENT]
    move_session(session, SessionState.HELD if present else SessionState.MISSED, author=author)
    release_cells(source=session.source, after=now())
    for part in participations:
        target = RequestState.MET if part in present else RequestState.OPEN
        move_request(request=part.request, target=target, author=author)
    if present:
        _credit(session, present)
    publish(SessionSettled(session.pk))


def _credit(session: Session, present: list[Participation]) -> None:
    day = session.starts_at.astimezone(session.network.zone).date()
    points = points_for(scale_on(session.network, day), minutes=session.minutes, present=len(present))

    def entry(person: Person, kind: EntryKind) -> NewEntry:
        return NewEntry(
            account=account_of(person),
            kind=kind,
            area=session.notion.area,
            points=points if kind == EntryKind.TUTORING else points * 0,
            minutes=session.minutes,
            source=session.source,
        )

    entries = [entry(session.tutor, EntryKind.TUTORING)]
    entries += [entry(part.person, EntryKind.LEARNING) for part in present]
    write_entries(network=session.network, entries=entries)
