"""Where a published campaign stands: what is confirmed, pending, declined and why, and what waits again."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from backend.campaigns.domain.publication import published_sessions
from backend.campaigns.domain.repair import requests_to_repair
from backend.campaigns.enums import RepairState
from backend.campaigns.models import Campaign, Repair
from backend.needs.models import HelpRequest
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session, SessionTransition


@dataclass(frozen=True, slots=True)
class FollowUp:
    """``counts`` has a figure for each state; ``waiting`` had a proposal and wait again."""

    counts: dict[str, int]
    waiting: list[HelpRequest]
    repair: Repair | None


def follow_up(campaign: Campaign) -> FollowUp:
    states = Counter(published_sessions(campaign).values_list("state", flat=True))
    repairs = campaign.repairs.filter(state=RepairState.PROPOSED).prefetch_related(
        "moves__request__person", "moves__request__capacity", "moves__tutor", "moves__site", "moves__before"
    )
    return FollowUp(
        counts={state.value: states[state.value] for state in SessionState},
        waiting=requests_to_repair(campaign),
        repair=repairs.first(),
    )


def sessions_of(campaign: Campaign) -> QuerySet[Session]:
    """Sessions of a campaign for its table, the soonest first."""
    sessions = published_sessions(campaign).select_related("network", "tutor", "notion", "site")
    return sessions.prefetch_related("participations__person").order_by("starts_at", "pk")


def reasons_of(sessions: list[Session]) -> dict[int, str]:
    """Why each session that was declined or called off was; one query."""
    moves = SessionTransition.objects.filter(
        session__in=sessions, target__in=(SessionState.DECLINED, SessionState.CANCELLED)
    )
    return dict(moves.order_by("pk").values_list("session_id", "reason"))
