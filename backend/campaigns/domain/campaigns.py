"""The life of a campaign."""

import datetime as dt
from dataclasses import asdict

from django.db import transaction

from backend.accounts.models import Person
from backend.campaigns.domain.calls import write_call
from backend.campaigns.domain.presets import factors_in
from backend.campaigns.enums import CAMPAIGN_MOVES, Audience, CampaignState, Preset
from backend.campaigns.models import Campaign, OwnPreset
from backend.common.clock import now
from backend.common.errors import DomainError, NotFoundError
from backend.common.patient_numbers import refuse_patient_number
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
    own_preset: OwnPreset | None = None,
    collect_until: dt.date | None = None,
    lent_tutors: bool = False,
    audience: Audience = Audience.NOBODY,
) -> Campaign:
    """Start collecting requests and offers for ``weeks`` whole weeks from the Monday ``first_day``, and call people."""
    require_role(author, network, Role.COORDINATOR)
    refuse_patient_number(title, field="title")
    if own_preset is not None and own_preset.network_id != network.pk:
        raise NotFoundError
    campaign = Campaign(
        network=network,
        title=title,
        first_day=first_day,
        weeks=weeks,
        session_minutes=session_minutes,
        group_size_max=group_size_max,
        preset=Preset.OWN if own_preset else preset,
        preset_name=own_preset.name if own_preset else "",
        factors=asdict(factors_in(own_preset)) if own_preset else {},
        collect_until=collect_until,
        lent_tutors=lent_tutors,
    )
    check_last_day(campaign)
    campaign.full_clean()
    campaign.save()
    campaign.transitions.create(target=CampaignState.DRAFT, author=author)
    move_campaign(campaign, CampaignState.COLLECTING, author=author)
    if audience != Audience.NOBODY:
        write_call(campaign, author, audience)
    return campaign


@transaction.atomic
def cancel_campaign(*, campaign: Campaign, author: Person) -> Campaign:
    """Before anything is published: requests stay open for the next one."""
    require_role(author, campaign.network, Role.COORDINATOR)
    locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    move_campaign(locked, CampaignState.CANCELLED, author=author)
    return locked


def access_campaign_for(person: Person, campaign_id: int) -> Campaign:
    """A campaign, for the network's coordinators; a stranger gets the same answer as for one that is absent."""
    campaign = Campaign.objects.select_related("network").filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFoundError
    require_role(person, campaign.network, Role.COORDINATOR)
    return campaign


def check_last_day(campaign: Campaign) -> None:
    """People are given until a day that is not behind, and the weeks planned are not over by then."""
    today = now().astimezone(campaign.network.zone).date()
    last = campaign.collect_until
    if last is not None and not today <= last <= campaign.last_day:
        words = "Choisissez un jour entre aujourd’hui et la fin de la campagne."
        raise DomainError(words, code="collect_until", fields={"collect_until": [words]})


def move_campaign(campaign: Campaign, target: CampaignState, *, author: Person | None, reason: str = "") -> None:
    record_move(campaign, target, table=CAMPAIGN_MOVES, log=campaign.transitions, author=author, reason=reason)
