"""From a campaign to what the engine is given."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

import matching
from backend.accounts.models import Person
from backend.agenda.domain.occupancy import Claim, take_cells
from backend.campaigns.domain.instance import build_problem, max_sessions, modalities_of
from backend.campaigns.models import Campaign
from backend.common.clock import now, told_at
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState, Urgency
from backend.networks.models import Network
from backend.referentials.models import Notion
from backend.skills.enums import ClaimState
from backend.skills.models import Claim as SkillClaim
from backend.tutoring.enums import Attendance, SessionState
from tests.support.campaign_scene import (
    FIRST_DAY,
    FIRST_THURSDAY,
    TODAY,
    make_campaign,
    make_requests,
    make_tutor,
)
from tests.support.factories import (
    CampaignFactory,
    ClaimFactory,
    NetworkFactory,
    NotionFactory,
    ParticipationFactory,
    ProfessionFactory,
    RunFactory,
    SessionFactory,
    SiteFactory,
    UnservedFactory,
)

WEEK = 7 * 96


def build(campaign: Campaign) -> matching.Problem:
    return build_problem(campaign, not_before=now())


@pytest.fixture
def notion(db: None) -> Notion:
    found: Notion = NotionFactory.create()
    return found


@pytest.mark.parametrize(
    ("hours", "weeks", "minutes", "expected"),
    [
        ("0", 3, 45, 0),
        ("0.1", 1, 60, 1),
        ("1", 3, 45, 1),
        ("2", 3, 45, 1),
        ("2.2", 3, 45, 2),
        ("4", 3, 45, 3),
        ("4", 3, 30, 5),
        ("4", 3, 60, 2),
        ("4", 12, 45, 14),
        ("40", 12, 30, 221),
        ("4.33", 1, 60, 1),
        ("8.66", 1, 60, 2),
    ],
)
def test_hours_become_whole_sessions(hours: str, weeks: int, minutes: int, expected: int) -> None:
    assert max_sessions(Decimal(hours), weeks=weeks, minutes=minutes) == expected


def test_a_problem_says_what_the_campaign_says(network: Network, coordinator: Person, notion: Notion) -> None:
    with told_at(TODAY):
        campaign = make_campaign(network, coordinator, session_minutes=30, group_size_max=4, weeks=3)
        problem = build(campaign)
    assert (problem.cell_minutes, problem.session_cells, problem.cells_per_week) == (15, 2, WEEK)
    assert (problem.horizon, problem.group_size_max) == (3 * WEEK, 4)
    assert (problem.people, problem.tutors, problem.requests) == ((), (), ())
    assert problem.scoring == matching.Scoring()


def test_people_requests_and_tutors(campaign: Campaign, network: Network, notion: Notion) -> None:
    sites = SiteFactory.create_batch(2, network=network)
    tutor = make_tutor(network, notion, hours=4, remote=False)
    tutor.tutor_offers.get().sites.set(sites)
    (request,) = make_requests(
        network, [notion], level_wanted=3, level_start=1, urgency=Urgency.THIS_MONTH, sites=sites[1:], group_ok=True
    )
    profession = ProfessionFactory.create(slug="infirmier", group="soins")
    Person.objects.filter(pk=tutor.pk).update(profession=profession)
    problem = build(campaign)
    free = ((FIRST_THURSDAY, FIRST_THURSDAY + 8), (FIRST_THURSDAY + WEEK, FIRST_THURSDAY + WEEK + 8))
    assert problem.people == (
        matching.Person(str(tutor.pk), free, profession="infirmier", profession_group="soins"),
        matching.Person(str(request.person_id), free),
    )
    assert problem.tutors == (
        matching.Tutor(
            id=str(tutor.pk),
            person=str(tutor.pk),
            skills={str(notion.pk): 3},
            max_sessions=2,
            max_sessions_per_week=1,
            modalities=tuple(sorted(f"site:{site.pk}" for site in sites)),
        ),
    )
    assert problem.requests == (
        matching.Request(
            id=str(request.pk),
            person=str(request.person_id),
            notion=str(notion.pk),
            level=3,
            weight=1000 + 500 + 2 * 250,
            modalities=("remote", f"site:{sites[1].pk}"),
            group_ok=True,
        ),
    )


def test_half_the_sessions_rounded_up_may_be_in_one_week(campaign: Campaign, network: Network) -> None:
    for hours in (1, 5, 7):
        make_tutor(network, hours=hours)
    found = [(tutor.max_sessions, tutor.max_sessions_per_week) for tutor in build(campaign).tutors]
    assert found == [(1, 1), (3, 2), (4, 2)]


def test_modalities_are_named_as_the_engine_does() -> None:
    assert modalities_of(remote=True, sites=[]) == ("remote",)
    assert modalities_of(remote=False, sites=[]) == ()


@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion", "America/Cayenne", "America/Miquelon"])
def test_cells_are_those_of_the_networks_zone(zone: str, notion: Notion) -> None:
    network: Network = NetworkFactory.create(timezone=zone)
    make_tutor(network, notion)
    campaign = CampaignFactory.create(network=network, first_day=FIRST_DAY, weeks=1)
    (person,) = build_problem(campaign, not_before=TODAY).people
    assert person.available == ((FIRST_THURSDAY, FIRST_THURSDAY + 8),)


def test_who_and_what_does_not_take_part(campaign: Campaign, network: Network, notion: Notion) -> None:
    stays, suspended, closed, withdrawn = make_requests(network, [notion] * 4)
    suspended.person.memberships.update(suspended_at=now())
    Person.objects.filter(pk=closed.person_id).update(is_active=False)
    move_request(request=withdrawn, target=RequestState.WITHDRAWN, author=None)
    make_requests(NetworkFactory.create(), [notion])
    tutor, gone, without_hours = make_tutor(network, notion), make_tutor(network, notion), make_tutor(network, hours=0)
    gone.memberships.update(left_at=now())
    demoted = make_tutor(network, notion)
    demoted.memberships.get().roles.all().delete()
    make_tutor(NetworkFactory.create(), notion)
    problem = build(campaign)
    assert [request.id for request in problem.requests] == [str(stays.pk)]
    assert [found.id for found in problem.tutors] == [str(tutor.pk)]
    assert {person.id for person in problem.people} == {str(stays.person_id), str(tutor.pk)}
    assert str(without_hours.pk) not in {person.id for person in problem.people}


def test_taken_and_past_time_is_not_offered(campaign: Campaign, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion)
    noon = dt.datetime(2026, 12, 10, 11, tzinfo=dt.UTC)
    take_cells(claims=[Claim("session:1", (tutor.pk,), noon, noon + dt.timedelta(minutes=45))])
    (person,) = build(campaign).people
    assert person.available == (
        (FIRST_THURSDAY + 3, FIRST_THURSDAY + 8),
        (FIRST_THURSDAY + WEEK, FIRST_THURSDAY + WEEK + 8),
    )
    with told_at(noon + dt.timedelta(minutes=50)):
        (person,) = build(campaign).people
    assert person.available == (
        (FIRST_THURSDAY + 4, FIRST_THURSDAY + 8),
        (FIRST_THURSDAY + WEEK, FIRST_THURSDAY + WEEK + 8),
    )


@pytest.mark.parametrize(
    ("expires_on", "counts"),
    [
        (None, True),
        (FIRST_DAY + dt.timedelta(days=14), True),
        (FIRST_DAY + dt.timedelta(days=13), False),
        (FIRST_DAY, False),
    ],
)
def test_a_validation_must_last_as_long_as_the_campaign(
    expires_on: dt.date | None,
    counts: bool,  # noqa: FBT001 (a column of the table)
    campaign: Campaign,
    network: Network,
    notion: Notion,
) -> None:
    make_tutor(network, notion)
    SkillClaim.objects.update(expires_on=expires_on)
    assert build(campaign).tutors[0].skills == ({str(notion.pk): 3} if counts else {})


def test_only_validations_of_this_network_count(campaign: Campaign, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network)
    ClaimFactory.create(person=tutor, network=NetworkFactory.create(), notion=notion, state=ClaimState.ACCEPTED)
    ClaimFactory.create(person=tutor, network=network, notion=notion)
    assert build(campaign).tutors[0].skills == {}


def weight_of(campaign: Campaign, **changes: Any) -> int:
    Campaign.objects.filter(pk=campaign.pk).update(**changes)
    campaign.refresh_from_db()
    return build(campaign).requests[0].weight


def test_sites_short_of_means_and_presets(campaign: Campaign, network: Network, notion: Notion) -> None:
    (request,) = make_requests(network, [notion], urgency=Urgency.BLOCKING)
    assert weight_of(campaign) == 1000 + 250 + 1000
    short = SiteFactory.create(network=network, short_of_means=True)
    elsewhere = NetworkFactory.create()
    elsewhere.memberships.create(person=request.person, site=SiteFactory.create(network=elsewhere, short_of_means=True))
    assert weight_of(campaign) == 1000 + 250 + 1000
    request.person.memberships.filter(network=network).update(site=short)
    assert weight_of(campaign) == 1000 + 250 + 1000 + 200
    assert weight_of(campaign, preset="fairness") == 1000 + 250 + 1000 + 400
    assert weight_of(campaign, preset="urgencies") == 1000 + 250 + 2000 + 200


def test_waiting_counts_published_campaigns_once_each(campaign: Campaign, network: Network, notion: Notion) -> None:
    (request,) = make_requests(network, [notion])
    for _ in range(2):
        earlier = CampaignFactory.create(network=network)
        for published_at in (None, None, TODAY):
            UnservedFactory.create(run=RunFactory.create(campaign=earlier, published_at=published_at), request=request)
    assert weight_of(campaign) == 1000 + 250 + 2 * 300


def test_the_tutor_of_the_last_held_session_is_known(campaign: Campaign, network: Network, notion: Notion) -> None:
    (request,) = make_requests(network, [notion])
    tutors = {}
    for days, state, place in (
        (30, SessionState.HELD, network),
        (20, SessionState.HELD, network),
        (10, SessionState.MISSED, network),
        (5, SessionState.HELD, NetworkFactory.create()),
    ):
        session = SessionFactory.create(network=place, state=state, starts_at=TODAY - dt.timedelta(days=days))
        part = ParticipationFactory.create(session=session, person=request.person, by_tutor=True, by_learner=True)
        assert part.attendance == Attendance.PRESENT
        tutors[days] = str(session.tutor_id)
    assert build(campaign).requests[0].prior_tutor == tutors[20]


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_as_for_three(
    count: int, campaign: Campaign, network: Network, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    notions = NotionFactory.create_batch(count)
    for notion in notions:
        tutor = make_tutor(network, notion)
        tutor.tutor_offers.get().sites.set([SiteFactory.create(network=network)])
    for request in make_requests(network, notions):
        request.sites.set([SiteFactory.create(network=network)])
        site = SiteFactory.create(network=network)
        request.person.memberships.update(site=site)
        session = SessionFactory.create(network=network, state=SessionState.HELD)
        ParticipationFactory.create(session=session, person=request.person, request=request)
    with django_assert_num_queries(13):
        problem = build(campaign)
    assert (len(problem.requests), len(problem.tutors)) == (count, count)
