"""What a campaign has so far, and what to chase. Nine queries and a handful more, at any size."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from backend.campaigns.domain.calls import silent_learners, silent_tutors
from backend.campaigns.domain.coverage import CoverageSearch, NotionCover, measure_coverage
from backend.campaigns.domain.instance import offers_of
from backend.campaigns.enums import Audience
from backend.campaigns.models import Campaign, CampaignCall
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest


@dataclass(frozen=True, slots=True)
class Collected:
    """``orphans`` are subjects asked for that nobody is validated on."""

    requests: int
    unconfirmed: int
    offers: int
    hours: Decimal
    orphans: list[NotionCover]
    silent_tutors: int
    silent_learners: int
    calls: list[CampaignCall]

    @property
    def last_to_tutors(self) -> CampaignCall | None:
        return self._last(Audience.TUTORS)

    @property
    def last_to_learners(self) -> CampaignCall | None:
        return self._last(Audience.LEARNERS)

    def _last(self, audience: Audience) -> CampaignCall | None:
        return next((call for call in reversed(self.calls) if call.audience in {audience, Audience.EVERYONE}), None)


def count_collected(campaign: Campaign) -> Collected:
    network = campaign.network
    notions = measure_coverage(network, CoverageSearch()).notions
    offers = offers_of(network).filter(hours_per_month__gt=0)
    given = offers.order_by().aggregate(hours=Sum("hours_per_month"))["hours"]
    return Collected(
        requests=sum(row.requests for row in notions),
        unconfirmed=HelpRequest.objects.filter(network=network, state=RequestState.UNCONFIRMED).count(),
        offers=offers.count(),
        hours=given or Decimal(0),
        orphans=[row for row in notions if row.requests and not row.tutors],
        silent_tutors=silent_tutors(network).count(),
        silent_learners=silent_learners(network).count(),
        calls=list(campaign.calls.all()),
    )
