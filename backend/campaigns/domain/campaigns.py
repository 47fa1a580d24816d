"""The life of a campaign."""

import datetime as dt

from django.db import transaction

from backend.accounts.models import Person
from backend.campaigns.enums import CAMPAIGN_MOVES, CampaignState, Preset
from backend.campaigns.models import Campaign
from backend.common.errors import NotFoundError
from backend.common.transitions import record_move
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role


@transaction.atomic
def open_campaign(
    *,
    network: Network,
    author: Person,
    title: str,
    first_day: dt.date,
    weeks: int = 3,
    session_minutes: int = 45,
    group_size_max: int = 1,
    preset: Preset = Preset.BALANCED,
) -> Campaign:
    """Start collecting requests and offers for ``weeks`` whole weeks from the Monday ``first_day``."""
    require_role(author, network, Role.COORDINATOR)
    campaign = Campaign(
        network=network,
        title=title,
        first_day=first_day,
        weeks=weeks,
        session_minutes=session_minutes,
        group_size_max=group_size_max,
        preset=preset,
    )
    campaign.full_clean()
    campaign.save()
    campaign.transitions.create(target=CampaignState.DRAFT, author=author)
    move_campaign(campaign, CampaignState.COLLECTING, author=author)
    return campaign


@transaction.atomic
def close_campaign(*, campaign: Campaign, author: Person) -> Campaign:
    """Nothing more will come of it; its unserved requests wait for the next."""
    require_role(author, campaign.network, Role.COORDINATOR)
    locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    move_campaign(locked, CampaignState.CLOSED, author=author)
    return locked


def access_campaign_for(person: Person, campaign_id: int) -> Campaign:
    """A campaign, for the network's coordinators; a stranger gets the same answer as for one that is absent."""
    campaign = Campaign.objects.select_related("network").filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFoundError
    require_role(person, campaign.network, Role.COORDINATOR)
    return campaign


def move_campaign(campaign: Campaign, target: CampaignState, *, author: Person | None, reason: str = "") -> None:
    record_move(campaign, target, table=CAMPAIGN_MOVES, log=campaign.transitions, author=author, reason=reason)
