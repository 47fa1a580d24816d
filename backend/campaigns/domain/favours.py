"""Ways out of « pourquoi personne »: asking one person for a little more, once."""

import datetime as dt

from django.db import transaction

from backend.accounts.models import Person
from backend.campaigns.domain.instance import period_of
from backend.campaigns.enums import CampaignState, FavourKind
from backend.campaigns.models import Campaign, Favour, Unserved
from backend.common.errors import ConflictError, NotFoundError
from backend.events.bus import publish
from backend.events.types import FavourAsked
from backend.networks.enums import Role
from backend.networks.rules import require_role


@transaction.atomic
def ask_favour(*, unserved: Unserved, way: int, author: Person) -> Favour:
    """Ask whoever the ``way``-th way out of a request names; the same thing is asked once in a campaign."""
    campaign = (
        Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=unserved.run.campaign_id)
    )
    require_role(author, campaign.network, Role.COORDINATOR)
    if campaign.state in {CampaignState.CLOSED, CampaignState.CANCELLED}:
        raise ConflictError("Cette campagne est finie.", code="campaign_over")
    if not 0 <= way < len(unserved.unblock):
        raise NotFoundError
    kind, person_id, start, end = read_way(campaign, unserved.unblock[way])
    favour, made = Favour.objects.get_or_create(
        campaign=campaign,
        request_id=unserved.request_id,
        person_id=person_id,
        kind=kind,
        defaults={"starts_at": start, "ends_at": end, "author": author},
    )
    if not made:
        raise ConflictError("C’est déjà demandé.", code="already_asked")
    publish(FavourAsked(favour.pk))
    return favour


def read_way(
    campaign: Campaign, change: dict[str, str | int]
) -> tuple[FavourKind, int, dt.datetime | None, dt.datetime | None]:
    """What is asked, of whom, and when; a new tutor is nobody one could ask."""
    if change["change"] == "session":
        return FavourKind.SESSION, int(change["tutor"]), None, None
    if change["change"] == "interval":
        period = period_of(campaign)
        person = int(change.get("learner") or change["tutor"])
        return FavourKind.TIME, person, period.start_of(int(change["start"])), period.start_of(int(change["end"]))
    raise NotFoundError
