"""The weeks that a network plans next, and weeks that no campaign plans: drawn like a campaign, never stored."""

import datetime as dt

from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign
from backend.common.clock import now
from backend.networks.models import Network

PREPARED = (CampaignState.DRAFT, CampaignState.COLLECTING, CampaignState.REVIEW)
USUAL_WEEKS = 3


def coming_campaign(network: Network) -> Campaign:
    """The campaign under preparation, the first to begin; without one, what the next could be, not stored."""
    campaigns = list(Campaign.objects.filter(network=network).select_related("network"))
    prepared = [campaign for campaign in campaigns if campaign.state in PREPARED]
    if prepared:
        return min(prepared, key=lambda campaign: (campaign.first_day, campaign.pk))
    today = now().astimezone(network.zone).date()
    monday = today + dt.timedelta(days=7 - today.weekday())
    return _like_last(network, campaigns, first_day=monday, weeks=USUAL_WEEKS)


def weeks_from_today(network: Network, weeks: int) -> Campaign:
    """``weeks`` from this morning on, with the session length of the network's last campaign; not stored."""
    today = now().astimezone(network.zone).date()
    last = list(Campaign.objects.filter(network=network).order_by("-first_day", "-pk")[:1])
    return _like_last(network, last, first_day=today, weeks=weeks)


def _like_last(network: Network, campaigns: list[Campaign], *, first_day: dt.date, weeks: int) -> Campaign:
    """Campaigns come latest first, as they are ordered."""
    campaign = Campaign(network=network, first_day=first_day, weeks=weeks)
    if campaigns:
        campaign.session_minutes = campaigns[0].session_minutes
    return campaign
