"""What a coordinator sees first: figures, campaigns, claims and disputes, network by network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign
from backend.credits.enums import EntryKind
from backend.credits.models import Entry
from backend.needs.domain.requests import never_confirmed
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.models import Network
from backend.skills.enums import ClaimState
from backend.skills.models import Credential
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Participation, Session
from backend.web.shared.points import net_minutes, sum_minutes
from backend.web.shared.wording import CAMPAIGN_TAGS, Tag

CLAIMS_SHOWN = 5
NOTHING = {"asked": 0, "proposed": 0, "met": 0}
OVER = (CampaignState.CLOSED, CampaignState.CANCELLED)
NEXT_STEPS = {
    CampaignState.DRAFT: "Ouvrir le recueil",
    CampaignState.COLLECTING: "Lancer le calcul",
    CampaignState.REVIEW: "Relire, puis publier",
    CampaignState.PUBLISHED: "Suivre les réponses",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Asked, proposed, received: three counts of requests; then sessions held and minutes given."""

    asked: int
    proposed: int
    met: int
    held: int
    minutes: int


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
    figures: Figures
    campaigns: list[CampaignLine]
    # Credentials, each with how many of its claims are ``awaiting``.
    folders: list[Any]
    claims_total: int


def list_desks(networks: Sequence[Network]) -> list[Desk]:
    """Six queries, whatever the number of networks."""
    figures = figures_of(networks)
    campaigns = Campaign.objects.filter(network__in=networks).exclude(state__in=OVER)
    folders = awaiting_folders(networks)
    return [
        Desk(
            network,
            figures[network.pk],
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


def figures_of(networks: Sequence[Network]) -> dict[int, Figures]:
    """Per network; withdrawn requests were asked too. Hours come from the ledger, corrections taken off."""
    proposed = Exists(Participation.objects.filter(request=OuterRef("pk")))
    asked = HelpRequest.objects.exclude(state=RequestState.UNCONFIRMED).exclude(never_confirmed())
    requests = asked.filter(network__in=networks).order_by().values("network")
    counts = {
        row["network"]: row
        for row in requests.annotate(
            asked=Count("pk"),
            proposed=Count("pk", filter=Q(proposed)),
            met=Count("pk", filter=Q(state=RequestState.MET)),
        )
    }
    sessions = Session.objects.filter(network__in=networks, state=SessionState.HELD).order_by()
    held = dict(sessions.values_list("network").annotate(total=Count("pk")))
    minutes = net_minutes(Entry.objects.filter(network__in=networks))
    return {
        network.pk: Figures(
            asked=counts.get(network.pk, NOTHING)["asked"],
            proposed=counts.get(network.pk, NOTHING)["proposed"],
            met=counts.get(network.pk, NOTHING)["met"],
            held=held.get(network.pk, 0),
            minutes=sum_minutes(minutes, kind=EntryKind.TUTORING, network=network.pk),
        )
        for network in networks
    }
