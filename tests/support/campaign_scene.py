"""People who can be matched, in a campaign of two weeks in December 2026."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from backend.accounts.models import Person
from backend.campaigns.domain.campaigns import open_campaign
from backend.campaigns.domain.runs import execute_run, freeze_run
from backend.campaigns.models import Campaign, Run
from backend.needs.domain.requests import ask_for_help
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.models import Notion
from backend.skills.enums import ClaimState
from tests.support.factories import (
    CapacityFactory,
    ClaimFactory,
    TutorOfferFactory,
    WeeklyWindowFactory,
    make_member,
)

# The Thursday before the campaign.
TODAY = dt.datetime(2026, 12, 3, 9, 5, tzinfo=dt.UTC)
FIRST_DAY = dt.date(2026, 12, 7)
# Thursdays, 12:00 to 14:00: two sessions of 45 minutes fit.
FIRST_THURSDAY = 3 * 96 + 48


def make_campaign(network: Network, author: Person, **changes: Any) -> Campaign:
    given: dict[str, Any] = {"title": "Décembre", "first_day": FIRST_DAY, "weeks": 2}
    return open_campaign(network=network, author=author, **given | changes)


def make_tutor(network: Network, *notions: Notion, hours: int = 4, **offer: Any) -> Person:
    """Holds ``notions`` at the highest level, is free on Thursdays at noon in the zone of the network."""
    person = make_member(network, Role.TUTOR)
    TutorOfferFactory.create(network=network, person=person, hours_per_month=hours, **offer)
    for notion in notions:
        ClaimFactory.create(network=network, person=person, notion=notion, state=ClaimState.ACCEPTED)
    WeeklyWindowFactory.create(person=person, timezone=network.timezone)
    return person


def make_learner(network: Network, **fields: Any) -> Person:
    person = make_member(network, Role.LEARNER, **fields)
    WeeklyWindowFactory.create(person=person, timezone=network.timezone)
    return person


def make_requests(network: Network, notions: Sequence[Notion], **changes: Any) -> list[HelpRequest]:
    """One request for each of ``notions``, each of another learner who is free on Thursdays at noon."""
    return [
        ask_for_help(
            person=make_learner(network),
            network=network,
            capacity=CapacityFactory.create(notion=notion),
            **{"level_wanted": 2, **changes},
        )
        for notion in notions
    ]


def compute(campaign: Campaign, author: Person) -> Run:
    return execute_run(run=freeze_run(campaign=campaign, author=author))
