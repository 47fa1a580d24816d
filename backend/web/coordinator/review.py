"""A campaign as its coordinator reads it: figures that agree with each other, and why nobody was proposed to some.

« Avec une proposition » counts what a run matched; once published, only what became a session.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.campaigns.domain.instance import period_of
from backend.campaigns.enums import CampaignState, RunState
from backend.campaigns.models import Campaign, Proposal, Run, Unserved
from backend.common.formats import format_count, format_day, format_time
from backend.needs.models import HelpRequest
from backend.tutoring.enums import SessionState
from backend.web.shared.wording import REASONS_FOR_COORDINATOR, SESSION_TAGS, Tag
from matching.result import Reason, Status

LEFT_OUT = "Le moment prévu n’était plus libre à la publication."
STEPS = ("Recueil", "Calcul", "Relecture", "Publication", "Suivi", "Clôture")
STATE_WORDS = {
    SessionState.HELD: ("tenue", "tenues"),
    SessionState.CONFIRMED: ("confirmée", "confirmées"),
    SessionState.PROPOSED: ("proposée", "proposées"),
    SessionState.DECLINED: ("déclinée", "déclinées"),
    SessionState.CANCELLED: ("annulée", "annulées"),
    SessionState.MISSED: ("sans personne", "sans personne"),
}
# How many steps are behind, by state; a campaign under review has been computed.
STEPS_DONE = {
    CampaignState.DRAFT: 0,
    CampaignState.COLLECTING: 0,
    CampaignState.REVIEW: 2,
    CampaignState.PUBLISHED: 4,
    CampaignState.CLOSED: 6,
    CampaignState.CANCELLED: 0,
}


@dataclass(frozen=True, slots=True)
class Figures:
    """``matched + unmatched`` is ``requests``; sessions, people and minutes are those of the matched."""

    requests: int
    matched: int
    sessions: int
    minutes: int
    tutors: int
    people: int
    fewest: int
    most: int
    median_days: int | None
    states: str

    @property
    def unmatched(self) -> int:
        return self.requests - self.matched


@dataclass(frozen=True, slots=True)
class ProposalLine:
    proposal: Proposal

    @property
    def tag(self) -> Tag:
        """The state of the session, or that nothing is published yet."""
        session = self.proposal.session
        return SESSION_TAGS[SessionState(session.state)] if session else Tag("à publier", "quiet", "edit")


@dataclass(frozen=True, slots=True)
class Stuck:
    """One request without a proposal, and what would change that."""

    request: HelpRequest
    ways_out: list[str]


@dataclass(frozen=True, slots=True)
class StuckGroup:
    """Requests on one subject, at one level, that wait for one reason."""

    title: str
    level: str
    reason: str
    requests: list[Stuck]


@dataclass(frozen=True, slots=True)
class Review:
    """What a run found, or what was published of it."""

    run: Run
    figures: Figures
    stuck: list[StuckGroup]

    @property
    def is_proven(self) -> bool:
        return self.run.status == Status.OPTIMAL


def steps_of(campaign: Campaign) -> list[tuple[str, str]]:
    """(words, state) of each step; state is ``done``, ``current`` or nothing."""
    done = STEPS_DONE[CampaignState(campaign.state)]
    return [(words, "done" if rank < done else "current" if rank == done else "") for rank, words in enumerate(STEPS)]


def run_to_review(campaign: Campaign) -> Run | None:
    """The published run; before that, the last that came to an end."""
    runs = campaign.runs.defer("instance", "solution").filter(state=RunState.DONE)
    return runs.filter(published_at__isnull=False).first() or runs.order_by("-pk").first()


def review_run(campaign: Campaign, run: Run) -> Review:
    """Six queries, whatever the size of the run."""
    proposals = list(run.proposals.select_related("request__notion", "request__person", "session"))
    unserved = list(run.unserved.select_related("request__notion", "request__person"))
    kept = [proposal for proposal in proposals if proposal.session_id or run.published_at is None]
    left_out = [proposal.request for proposal in proposals if proposal not in kept]
    figures = _figures(campaign, kept, requests=len(proposals) + len(unserved))
    return Review(run, figures, _groups(campaign, unserved, left_out))


def lines_of(run: Run) -> QuerySet[Proposal]:
    """Proposals for the table; the published ones alone once there are some."""
    proposals = run.proposals.select_related(
        "request__person__profession", "request__capacity", "tutor", "site", "session"
    ).order_by("starts_at", "pk")
    return proposals if run.published_at is None else proposals.exclude(session=None)


def _figures(campaign: Campaign, kept: Sequence[Proposal], *, requests: int) -> Figures:
    sessions = {(proposal.tutor_id, proposal.starts_at) for proposal in kept}
    load = Counter(tutor for tutor, _ in sessions)
    waits = [(proposal.starts_at - proposal.request.created_at).days for proposal in kept]
    return Figures(
        requests=requests,
        matched=len(kept),
        sessions=len(sessions),
        minutes=len(sessions) * campaign.session_minutes,
        tutors=len(load),
        people=len({*load, *(proposal.request.person_id for proposal in kept)}),
        fewest=min(load.values(), default=0),
        most=max(load.values(), default=0),
        median_days=max(0, statistics.median_low(waits)) if waits else None,
        states=_tell_states(kept),
    )


def _tell_states(kept: Iterable[Proposal]) -> str:
    """« 4 confirmées · 2 proposées · 1 annulée »; nothing before publication."""
    sessions = {proposal.session for proposal in kept if proposal.session}
    counted = Counter(SessionState(session.state) for session in sessions)
    return " · ".join(format_count(counted[state], *words) for state, words in STATE_WORDS.items() if counted[state])


def _groups(campaign: Campaign, unserved: Sequence[Unserved], left_out: Iterable[HelpRequest]) -> list[StuckGroup]:
    """Grouped by subject, level and reason; the largest groups first."""
    people = _people_named(unserved)
    groups: dict[tuple[str, str, str], list[Stuck]] = defaultdict(list)
    for row in unserved:
        ways = [_tell_way(campaign, change, people) for change in row.unblock]
        groups[_key(row.request, REASONS_FOR_COORDINATOR[Reason(row.reason)])].append(Stuck(row.request, ways))
    for request in left_out:
        groups[_key(request, LEFT_OUT)].append(
            Stuck(request, ["Relancez une campagne : la demande est restée ouverte."])
        )
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [StuckGroup(*key, requests) for key, requests in ordered]


def _key(request: HelpRequest, reason: str) -> tuple[str, str, str]:
    return request.notion.title, request.get_level_wanted_display(), reason


def _people_named(unserved: Iterable[Unserved]) -> dict[str, str]:
    """Names of the people in the ways out, by the id the engine knows them by."""
    keys = {
        str(change[role])
        for row in unserved
        for change in row.unblock
        for role in ("tutor", "learner")
        if role in change
    }
    return {str(person.pk): person.name for person in Person.objects.filter(pk__in=keys)}


def _tell_way(campaign: Campaign, change: dict[str, Any], people: dict[str, str]) -> str:
    name = people.get(str(change.get("learner", change.get("tutor"))), "cette personne")
    match change["change"]:
        case "session":
            return f"Une séance de plus pour {name}."
        case "interval":
            return f"{name} libre {_tell_interval(campaign, change)}."
        case _:
            return "Un tuteur de plus sur ce sujet, à ce niveau."


def _tell_interval(campaign: Campaign, change: dict[str, Any]) -> str:
    period, zone = period_of(campaign), campaign.network.zone
    start, end = period.start_of(change["start"]), period.start_of(change["end"])
    day = format_day(start.astimezone(zone).date())
    return f"le {day}, de {format_time(start, zone)} à {format_time(end, zone)}"
