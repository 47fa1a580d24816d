"""Closing a campaign: a summary, and unserved requests that keep their waiting for the next."""

from dataclasses import dataclass

from django.db import transaction

from backend.accounts.models import Person
from backend.campaigns.domain.campaigns import move_campaign
from backend.campaigns.domain.publication import published_sessions
from backend.campaigns.enums import CampaignState, RepairState
from backend.campaigns.models import Campaign, Proposal, Unserved
from backend.common.clock import now
from backend.common.errors import ConflictError
from backend.needs.enums import RequestState
from backend.networks.enums import Role
from backend.networks.rules import require_role
from backend.tutoring.enums import STANDING_STATES, SessionState


@dataclass(frozen=True, slots=True)
class Summary:
    """What a campaign came to; ``carried`` requests go on to the next with the waiting they have."""

    asked: int
    proposed: int
    met: int
    held: int
    missed: int
    minutes: int
    carried: int
    standing: int


def summarise(campaign: Campaign) -> Summary:
    proposals = Proposal.objects.filter(run__campaign=campaign, run__published_at__isnull=False)
    unserved = Unserved.objects.filter(run__campaign=campaign, run__published_at__isnull=False)
    sessions = list(published_sessions(campaign))
    held = [session for session in sessions if session.state == SessionState.HELD]
    open_of = {"request__state": RequestState.OPEN}
    return Summary(
        asked=proposals.count() + unserved.count(),
        proposed=proposals.filter(session__isnull=False).count(),
        met=proposals.filter(request__state=RequestState.MET).count(),
        held=len(held),
        missed=sum(session.state == SessionState.MISSED for session in sessions),
        minutes=sum(session.minutes for session in held),
        carried=proposals.filter(**open_of).count() + unserved.filter(**open_of).count(),
        standing=sum(session.state in STANDING_STATES for session in sessions),
    )


@transaction.atomic
def close_campaign(*, campaign: Campaign, author: Person) -> Campaign:
    """Nothing more will come of it. Requests that still wait have waited through one campaign more (``requests_of``).

    Raises ``ConflictError`` while a session is still to come or awaits who was there.
    """
    locked = Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=campaign.pk)
    require_role(author, locked.network, Role.COORDINATOR)
    summary = summarise(locked)
    if summary.standing and locked.state == CampaignState.PUBLISHED:
        message = "Il reste des séances à venir, ou dont les présences ne sont pas confirmées."
        raise ConflictError(message, code="sessions_standing")
    move_campaign(locked, CampaignState.CLOSED, author=author)
    locked.repairs.filter(state=RepairState.PROPOSED).update(state=RepairState.DISMISSED, decided_at=now())
    return locked
