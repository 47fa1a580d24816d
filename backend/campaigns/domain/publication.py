"""Publishing a run: its matches become proposed sessions, once."""

import datetime as dt
from collections import defaultdict

from django.db import transaction

from backend.accounts.models import Person
from backend.campaigns.domain.campaigns import move_campaign
from backend.campaigns.enums import CampaignState, RunState
from backend.campaigns.models import Campaign, Proposal, Run
from backend.common.clock import now
from backend.common.errors import ConflictError
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role
from backend.tutoring.domain.proposals import Draft, Outcome, propose_sessions
from backend.tutoring.enums import Modality

SATURDAY = 5


@transaction.atomic
def publish_run(*, run: Run, author: Person) -> Outcome:
    """Propose every session of a run that still fits. A campaign is published once: the second caller is told.

    Raises ``CellsTakenError``, with nothing written, if a cell is taken in the very same moment: publish again.
    """
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=run.campaign_id)
    require_role(author, campaign.network, Role.COORDINATOR)
    if run.state != RunState.DONE or campaign.state != CampaignState.REVIEW:
        raise ConflictError("Cette campagne est déjà publiée, ou son calcul n’est pas terminé.", code="not_publishable")
    drafts = _drafts(run, campaign)
    outcome = propose_sessions(
        network=campaign.network,
        drafts=list(drafts),
        answer_by=answer_deadline(campaign.network, since=now()),
        author=author,
    )
    _link_sessions(drafts, outcome)
    run.published_at = now()
    run.save(update_fields=["published_at"])
    move_campaign(campaign, CampaignState.PUBLISHED, author=author)
    return outcome


def answer_deadline(network: Network, *, since: dt.datetime) -> dt.datetime:
    """End, in the network's zone, of the last of its working days to answer; Saturdays and Sundays do not count."""
    day = since.astimezone(network.zone).date()
    left = network.answer_days
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), network.zone).astimezone(dt.UTC)


def _drafts(run: Run, campaign: Campaign) -> dict[Draft, list[Proposal]]:
    """One draft per (tutor, start): learners who share it share the session."""
    groups: dict[tuple[int, dt.datetime], list[Proposal]] = defaultdict(list)
    proposals = run.proposals.select_related("tutor", "site", "request__person", "request__notion")
    for proposal in proposals.order_by("starts_at", "pk"):
        groups[proposal.tutor_id, proposal.starts_at].append(proposal)
    return {_draft(members, campaign.session_minutes): members for members in groups.values()}


def _draft(members: list[Proposal], minutes: int) -> Draft:
    first = members[0]
    return Draft(
        tutor=first.tutor,
        notion=first.request.notion,
        requests=tuple(member.request for member in members),
        starts_at=first.starts_at,
        minutes=minutes,
        modality=Modality(first.modality),
        site=first.site,
    )


def _link_sessions(drafts: dict[Draft, list[Proposal]], outcome: Outcome) -> None:
    linked = []
    for draft, session in outcome.sessions.items():
        for proposal in drafts[draft]:
            proposal.session = session
            linked.append(proposal)
    Proposal.objects.bulk_update(linked, ["session"])
