"""Repair: what was undone is proposed anew around the sessions that stand, moving as few of them as possible."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q

import matching
from backend.accounts.models import Person
from backend.agenda.domain.occupancy import CellsTakenError
from backend.campaigns.domain.instance import Shape, assemble_problem, offers_of, period_of, requests_of
from backend.campaigns.domain.publication import published_sessions
from backend.campaigns.domain.weights import Factors
from backend.campaigns.enums import CampaignState, RepairState
from backend.campaigns.models import Campaign, Proposal, Repair, RepairMove, Unserved
from backend.common.clock import cell_at, now
from backend.common.errors import ConflictError, NotFoundError
from backend.events.bus import publish
from backend.events.types import SessionCancelled
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.rules import require_role
from backend.tutoring.domain.deadlines import answer_deadline
from backend.tutoring.domain.moves import call_off
from backend.tutoring.domain.proposals import Draft, propose_sessions
from backend.tutoring.enums import STANDING_STATES, Modality, SessionState
from backend.tutoring.models import Participation, Session, SessionTransition
from matching.records import REMOTE, SITE_PREFIX

# A tutor needs the time to read and answer.
NOTICE = dt.timedelta(hours=12)
SOLVING = matching.SolveParameters(time_limit=5.0)
REASON = "Réorganisation de la campagne"
STALE = "La situation a changé depuis cette proposition. Cherchez à nouveau."


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What stands of a campaign and what waits, as the engine sees it."""

    problem: matching.Problem
    matches: tuple[matching.Match, ...]
    sessions: dict[str, Session]

    def solve(self) -> matching.Repair | None:
        """The waiting requests come in around what stands; None when there is nobody to help, or to be helped."""
        standing = {match.request for match in self.matches}
        waiting = tuple(request for request in self.problem.requests if request.id not in standing)
        if not waiting or not self.problem.tutors:
            return None
        change = matching.Change(
            new_requests=waiting,
            declined=frozenset(pair for pair in self.problem.excluded if pair[0] not in standing),
        )
        before = replace(
            self.problem,
            requests=tuple(request for request in self.problem.requests if request.id in standing),
            excluded=tuple(pair for pair in self.problem.excluded if pair[0] in standing),
        )
        return matching.repair(before, self.matches, change, params=SOLVING)


@transaction.atomic
def plan_repair(*, campaign: Campaign, author: Person | None) -> Repair:
    """Find the best re-arrangement and store it for approval; an earlier one that nobody approved is dropped.

    Raises ``ConflictError`` when there is nothing to propose.
    """
    locked = _lock(campaign, author)
    arrangement = _arrange(locked)
    found = arrangement.solve()
    locked.repairs.filter(state=RepairState.PROPOSED).update(
        state=RepairState.DISMISSED, decided_by=author, decided_at=now()
    )
    moves = [match for match in found.result.matches if match not in arrangement.matches] if found else []
    if found is None or not moves:
        message = "Aucune autre séance n’est possible pour l’instant avec les disponibilités connues."
        raise ConflictError(message, code="nothing_to_repair")
    repair = Repair.objects.create(campaign=locked, author=author, kept=found.kept, waiting=len(found.result.unserved))
    RepairMove.objects.bulk_create(_move(repair, match, arrangement) for match in moves)
    return repair


@transaction.atomic
def apply_repair(*, repair: Repair, author: Person | None) -> list[Session]:
    """Do what a repair proposes, whole or not at all.

    Raises ``ConflictError`` when it is decided already, or when something has changed since.
    """
    campaign = _lock(repair.campaign, author)
    locked = Repair.objects.select_for_update(of=("self",)).get(pk=repair.pk)
    if locked.state != RepairState.PROPOSED:
        raise ConflictError("Cette réparation est déjà décidée.", code="already_decided")
    moves = list(locked.moves.select_related("request__person", "request__notion", "tutor", "site"))
    _leave_earlier_sessions(moves, author)
    drafts = {_draft(move, campaign): move for move in moves}
    deadline = answer_deadline(campaign.network, since=now())
    try:
        outcome = propose_sessions(network=campaign.network, drafts=list(drafts), answer_by=deadline, author=author)
    except CellsTakenError as error:
        raise ConflictError(STALE, code="stale") from error
    if outcome.left_out:
        raise ConflictError(STALE, code="stale")
    for draft, session in outcome.sessions.items():
        _link(campaign, drafts[draft], session)
    locked.state, locked.decided_by, locked.decided_at = RepairState.APPLIED, author, now()
    locked.save(update_fields=["state", "decided_by", "decided_at"])
    return list(outcome.sessions.values())


@transaction.atomic
def dismiss_repair(*, repair: Repair, author: Person) -> None:
    """Leave everything as it is; once decided, as good."""
    _lock(repair.campaign, author)
    Repair.objects.filter(pk=repair.pk, state=RepairState.PROPOSED).update(
        state=RepairState.DISMISSED, decided_by=author, decided_at=now()
    )


def repair_automatically() -> int:
    """Repair the campaigns of networks that want so, once after each thing that was undone; how many sessions."""
    campaigns = Campaign.objects.filter(state=CampaignState.PUBLISHED, network__auto_repair=True)
    return sum(_repair_alone(campaign) for campaign in campaigns.select_related("network").order_by("pk"))


def access_repair_for(person: Person, repair_id: int) -> Repair:
    """A repair, for the coordinators of its network."""
    repair = Repair.objects.select_related("campaign__network").filter(pk=repair_id).first()
    if repair is None:
        raise NotFoundError
    require_role(person, repair.campaign.network, Role.COORDINATOR)
    return repair


def requests_to_repair(campaign: Campaign) -> list[HelpRequest]:
    """Requests that the campaign had a proposal for and that wait again: left out, declined, cancelled, silent."""
    proposals = Proposal.objects.filter(run__campaign=campaign, run__published_at__isnull=False)
    waiting = HelpRequest.objects.filter(pk__in=proposals.values("request"), state=RequestState.OPEN)
    return list(waiting.select_related("person", "capacity").order_by("pk"))


def _lock(campaign: Campaign, author: Person | None) -> Campaign:
    locked = Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=campaign.pk)
    if author is not None:
        require_role(author, locked.network, Role.COORDINATOR)
    if locked.state != CampaignState.PUBLISHED:
        raise ConflictError("Seule une campagne publiée se répare.", code="not_published")
    return locked


def _arrange(campaign: Campaign, apart: frozenset[int] = frozenset()) -> Arrangement:
    """Open requests, and sessions that may still move but for those ``apart``; everything else is taken time.

    A session that its people no longer declare possible is theirs to move: it is put apart, and stays.
    """
    shape, period = _shape_of(campaign), period_of(campaign)
    sessions = [row for row in _movable(campaign, shape.session_minutes) if row.pk not in apart]
    by_request = {str(session.participations.all()[0].request_id): session for session in sessions}
    problem = assemble_problem(
        campaign,
        requests=requests_of(campaign, also=[int(key) for key in by_request]),
        offers=offers_of(campaign.network),
        not_before=now() + NOTICE,
        shape=shape,
        ignoring=[session.source for session in sessions],
    )
    problem = _within_what_is_given(campaign, problem, sessions)
    matches = {
        matching.Match(
            key, str(session.tutor_id), cell_at(session.starts_at) - period.first_cell, _modality_of(session)
        ): session.pk
        for key, session in by_request.items()
    }
    known = {request.id for request in problem.requests}, {tutor.id for tutor in problem.tutors}
    checker = matching.Checker(problem)
    broken = {
        key
        for match, key in matches.items()
        if match.request not in known[0] or match.tutor not in known[1] or any(checker.find_match_violations(match))
    }
    if broken or any(checker.find_violations(list(matches))):
        return _arrange(campaign, apart | (broken or frozenset(matches.values())))
    return Arrangement(problem, tuple(matches), by_request)


def _shape_of(campaign: Campaign) -> Shape:
    """As the published run was asked for; nobody joins a session that stands."""
    run = campaign.runs.defer("instance", "solution").get(published_at__isnull=False)
    return Shape(run.session_minutes, 1, Factors(**run.factors))


def _movable(campaign: Campaign, minutes: int) -> list[Session]:
    """Sessions to come of this length, with one learner and no other time under discussion."""
    sessions = published_sessions(campaign).filter(state__in=STANDING_STATES, starts_at__gt=now() + NOTICE)
    found = sessions.select_related("network").prefetch_related("participations", "time_offers").order_by("pk")
    return [
        session
        for session in found
        if len(session.participations.all()) == 1 and session.open_offer is None and session.minutes == minutes
    ]


def _within_what_is_given(
    campaign: Campaign, problem: matching.Problem, movable: Sequence[Session]
) -> matching.Problem:
    """Tutors with what their other sessions of these weeks leave of their hours; nobody who said no is asked again."""
    period = period_of(campaign)
    held = Session.objects.filter(
        network=campaign.network,
        state__in=(*STANDING_STATES, SessionState.HELD, SessionState.MISSED),
        starts_at__gte=period.start_of(0),
        starts_at__lt=period.start_of(period.horizon),
    ).exclude(pk__in=[session.pk for session in movable])
    given = Counter(str(tutor) for tutor in held.values_list("tutor", flat=True))
    tutors = tuple(
        replace(tutor, max_sessions=max(0, tutor.max_sessions - given[tutor.id])) for tutor in problem.tutors
    )
    requests, known = {request.id for request in problem.requests}, {tutor.id for tutor in tutors}
    refused = Participation.objects.filter(request__in=[int(key) for key in requests]).filter(
        Q(session__state=SessionState.DECLINED) | Q(session__state=SessionState.CANCELLED)
    )
    pairs = {(str(request), str(tutor)) for request, tutor in refused.values_list("request", "session__tutor")}
    apart = sorted(pair for pair in pairs if pair[1] in known)
    excluded = tuple(dict.fromkeys((*problem.excluded, *apart)))
    return replace(problem, tutors=tutors, excluded=excluded)


def _modality_of(session: Session) -> str:
    return REMOTE if session.site_id is None else f"{SITE_PREFIX}{session.site_id}"


def _move(repair: Repair, match: matching.Match, arrangement: Arrangement) -> RepairMove:
    remote = match.modality == REMOTE
    return RepairMove(
        repair=repair,
        request_id=int(match.request),
        tutor_id=int(match.tutor),
        starts_at=period_of(repair.campaign).start_of(match.start),
        modality=Modality.REMOTE if remote else Modality.ON_SITE,
        site_id=None if remote else int(match.modality.removeprefix(SITE_PREFIX)),
        before=arrangement.sessions.get(match.request),
    )


def _leave_earlier_sessions(moves: Sequence[RepairMove], author: Person | None) -> None:
    """Call off, for the coordination, what moves; raises ``ConflictError`` when it no longer stands."""
    keys = [move.before_id for move in moves if move.before_id is not None]
    sessions = Session.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    for session in sessions:
        if session.state not in STANDING_STATES or session.starts_at <= now():
            raise ConflictError(STALE, code="stale")
        call_off(session, SessionState.CANCELLED, author, REASON)
        # Nobody of the session did it: all of them are told.
        publish(SessionCancelled(session.pk, 0))


def _draft(move: RepairMove, campaign: Campaign) -> Draft:
    return Draft(
        tutor=move.tutor,
        notion=move.request.notion,
        requests=(move.request,),
        starts_at=move.starts_at,
        minutes=_shape_of(campaign).session_minutes,
        modality=Modality(move.modality),
        site=move.site,
    )


def _link(campaign: Campaign, move: RepairMove, session: Session) -> None:
    """The published plan says from now on what the repair made of it."""
    run = campaign.runs.defer("instance", "solution").get(published_at__isnull=False)
    Proposal.objects.update_or_create(
        run=run,
        request=move.request,
        defaults={
            "tutor": move.tutor,
            "starts_at": move.starts_at,
            "modality": move.modality,
            "site": move.site,
            "session": session,
        },
    )
    Unserved.objects.filter(run=run, request=move.request).delete()


def _repair_alone(campaign: Campaign) -> int:
    """Nothing when nothing was undone since the last try, or when nothing better is possible."""
    last = campaign.repairs.order_by("-pk").values_list("created_at", flat=True).first()
    undone = SessionTransition.objects.filter(
        session__in=published_sessions(campaign).values("pk"),
        target__in=(SessionState.DECLINED, SessionState.CANCELLED),
    ).exclude(reason=REASON)
    tried = max(filter(None, (last, campaign.repair_tried_at)), default=None)
    if not (undone.filter(at__gt=tried) if tried else undone).exists():
        return 0
    Campaign.objects.filter(pk=campaign.pk).update(repair_tried_at=now())
    try:
        with transaction.atomic():
            return len(apply_repair(repair=plan_repair(campaign=campaign, author=None), author=None))
    except ConflictError:
        return 0
