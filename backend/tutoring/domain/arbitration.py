"""Attendances that the coordinator settles: told differently, met by a week of silence, or signed on paper."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role
from backend.tutoring.domain.access import access_session_for
from backend.tutoring.domain.attendance import settle
from backend.tutoring.enums import SessionState, Settlement
from backend.tutoring.models import Participation, Session
from backend.tutoring.rules import SILENCE, awaits_decision, has_started, is_uncontested


def undecided_in(networks: Collection[int]) -> QuerySet[Participation]:
    """Attendances that a coordinator decides, as ``awaits_decision`` says; oldest first."""
    silent = Q(by_tutor=None) | Q(by_learner=None)
    undecided = Participation.objects.filter(
        session__network__in=networks, session__state=SessionState.CONFIRMED, decided=None
    )
    chosen = undecided.filter(
        (silent & Q(session__ends_at__lte=now() - SILENCE)) | (~silent & ~Q(by_tutor=F("by_learner")))
    )
    return chosen.order_by("session__starts_at", "pk")


@dataclass(frozen=True, slots=True)
class Docket:
    """What waits for a network's coordinator: statements that differ or lack, and those that nobody contests."""

    contested: Sequence[Participation]
    uncontested: Sequence[Participation]


def read_docket(network: Network) -> Docket:
    """One query, whatever waits."""
    rows = undecided_in([network.pk]).select_related("session__network", "session__tutor", "session__notion", "person")
    parts = list(rows)
    uncontested = [part for part in parts if is_uncontested(part.session, part)]
    return Docket([part for part in parts if part not in uncontested], uncontested)


@transaction.atomic
def decide_attendance(*, session_id: int, author: Person, learner_id: int, present: bool) -> Session:
    """The coordinator decides where tutor and learner differ, or where one has kept silent for a week."""
    session = _lock_coordinated(session_id, author)
    part = session.participations.filter(person=learner_id).first()
    if part is None or not awaits_decision(session, part):
        raise ConflictError("Il n’y a rien à trancher pour cette personne.", code="cannot_decide")
    # To say as the only one who spoke is no arbitration.
    agrees = is_uncontested(session, part) and present in {part.by_tutor, part.by_learner}
    _decide(part, author, Settlement.UNCONTESTED if agrees else Settlement.DECIDED, present=present)
    settle(session, author)
    return session


@transaction.atomic
def accept_uncontested(*, network: Network, author: Person, participation_ids: Collection[int]) -> int:
    """Take what the only one who spoke said, in one batch; how many. What has changed since is left alone."""
    require_role(author, network, Role.COORDINATOR)
    wanted = Participation.objects.filter(pk__in=participation_ids, session__network=network)
    keys = sorted(set(wanted.values_list("session_id", flat=True)))
    sessions = Session.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    accepted = 0
    for session in sessions.select_related("network", "tutor", "notion"):
        parts = session.participations.filter(pk__in=participation_ids)
        chosen = [part for part in parts if is_uncontested(session, part)]
        for part in chosen:
            said = part.by_tutor if part.by_learner is None else part.by_learner
            _decide(part, author, Settlement.UNCONTESTED, present=bool(said))
        if chosen:
            settle(session, author)
        accepted += len(chosen)
    return accepted


@transaction.atomic
def type_sheet(*, session_id: int, author: Person, signed: Collection[int], absent: Collection[int]) -> Session:
    """The coordinator types in the sheet that tutor and learners signed: the paper stands for both sides' words."""
    session = _lock_coordinated(session_id, author)
    if not may_type_sheet(session):
        raise ConflictError("Il n’y a pas de feuille à saisir pour cette séance.", code="cannot_type_sheet")
    parts = {part.person_id: part for part in session.participations.all()}
    if {*signed, *absent} != set(parts) or not set(signed).isdisjoint(absent):
        raise DomainError("Indiquez pour chaque personne si elle a signé.", code="attendance_incomplete")
    for learner, part in parts.items():
        _decide(part, author, Settlement.SHEET, present=learner in signed)
    settle(session, author)
    return session


def may_type_sheet(session: Session) -> bool:
    """Sheets are for sessions on site, once they have begun and until they are settled."""
    return session.site_id is not None and session.state == SessionState.CONFIRMED and has_started(session)


def _lock_coordinated(session_id: int, author: Person) -> Session:
    require_role(author, access_session_for(author, session_id).network, Role.COORDINATOR)
    return Session.objects.select_for_update(of=("self",)).get(pk=session_id)


def _decide(part: Participation, author: Person, settlement: Settlement, *, present: bool) -> None:
    part.decided, part.decided_by, part.decided_at, part.settlement = present, author, now(), settlement
    part.save(update_fields=["decided", "decided_by", "decided_at", "settlement"])
