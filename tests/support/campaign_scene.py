"""People who can be matched, in a campaign of two weeks in December 2026."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import matching
from backend.accounts.models import Person
from backend.campaigns.domain.campaigns import open_campaign
from backend.campaigns.domain.instance import period_of
from backend.campaigns.domain.jobs import execute_run
from backend.campaigns.domain.runs import freeze_run
from backend.campaigns.enums import RunState
from backend.campaigns.models import Campaign, Proposal, Run
from backend.needs.domain.requests import ask_for_help
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.models import Notion
from backend.skills.enums import ClaimState
from tests.support.cast import Neighbourhood
from tests.support.factories import (
    CapacityFactory,
    ClaimFactory,
    ProposalFactory,
    RunFactory,
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


def make_proposal(here: Neighbourhood) -> Proposal:
    """The only match of a run that has ended, with its files: the request of the neighbourhood, with its tutor."""
    learner, tutor, request = str(here.learner.pk), str(here.tutor.pk), str(here.request.pk)
    problem = matching.Problem(
        cell_minutes=15,
        session_cells=3,
        cells_per_week=672,
        horizon=672 * here.campaign.weeks,
        group_size_max=1,
        people=(matching.Person(learner, ((40, 60),)), matching.Person(tutor, ((40, 60),))),
        tutors=(matching.Tutor(tutor, tutor, {"1": 3}, 4, 2, ("remote",)),),
        requests=(matching.Request(request, learner, "1", 2, 1250, ("remote",)),),
    )
    run: Run = RunFactory.create(
        campaign=here.campaign,
        state=RunState.DONE,
        instance=json.loads(matching.problem_to_json(problem)),
        solution=json.loads(matching.solution_to_json(matching.solve(problem))),
        status="optimal",
        objective=1250,
        bound=1250,
        served=1,
        requests=1,
        seconds=0.1,
    )
    first = period_of(here.campaign).start_of(40)
    made: Proposal = ProposalFactory.create(run=run, request=here.request, tutor=here.tutor, starts_at=first)
    return made
