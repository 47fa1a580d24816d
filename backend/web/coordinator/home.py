"""What a coordinator sees first: figures, campaigns, claims and disputes, network by network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign
from backend.networks.models import Network
from backend.reports.domain.facts import read_facts
from backend.reports.domain.figures import Report, report_on
from backend.reports.domain.periods import days_since_beginning
from backend.skills.enums import ClaimState
from backend.skills.models import Credential
from backend.web.shared.wording import CAMPAIGN_TAGS, Tag

CLAIMS_SHOWN = 5
OVER = (CampaignState.CLOSED, CampaignState.CANCELLED)
NEXT_STEPS = {
    CampaignState.DRAFT: "Ouvrir le recueil",
    CampaignState.COLLECTING: "Lancer le calcul",
    CampaignState.REVIEW: "Relire, puis publier",
    CampaignState.PUBLISHED: "Suivre les réponses",
}


@dataclass(frozen=True, slots=True)
class CampaignLine:
    campaign: Campaign

    @property
    def tag(self) -> Tag:
        return CAMPAIGN_TAGS[CampaignState(self.campaign.state)]

    @property
    def address(self) -> str:
        return reverse("campaign", args=[self.campaign.pk])

    @property
    def awaits_coordination(self) -> bool:
        """Whether the next step is the coordinator's own."""
        return self.campaign.state in {CampaignState.COLLECTING, CampaignState.REVIEW}

    @property
    def next_step(self) -> str:
        return NEXT_STEPS.get(CampaignState(self.campaign.state), "")


@dataclass(frozen=True, slots=True)
class Desk:
    """One network, as its coordinator finds it in the morning."""

    network: Network
    # Since the beginning: the page « Bilans » shows the same.
    report: Report
    campaigns: list[CampaignLine]
    # Credentials, each with how many of its claims are ``awaiting``.
    folders: list[Any]
    claims_total: int


def list_desks(networks: Sequence[Network]) -> list[Desk]:
    """As many queries for three networks as for one."""
    facts = read_facts({network: days_since_beginning(network) for network in networks})
    campaigns = Campaign.objects.filter(network__in=networks).exclude(state__in=OVER)
    folders = awaiting_folders(networks)
    return [
        Desk(
            network,
            report_on(facts.of(network)),
            [CampaignLine(campaign) for campaign in campaigns if campaign.network_id == network.pk],
            [folder for folder in folders if folder.network_id == network.pk][:CLAIMS_SHOWN],
            sum(max(folder.awaiting, 1) for folder in folders if folder.network_id == network.pk),
        )
        for network in networks
    ]


def awaiting_folders(networks: Sequence[Network]) -> list[Any]:
    """Credentials to read again, oldest first, each with how many claims are ``awaiting``."""
    waiting = Q(claims__state=ClaimState.AWAITING)
    rows = Credential.objects.annotate(awaiting=Count("claims", filter=waiting)).select_related("person")
    chosen = rows.filter(Q(awaiting__gt=0) | Q(state=ClaimState.AWAITING), network__in=networks)
    return list(chosen.order_by("created_at", "pk"))
