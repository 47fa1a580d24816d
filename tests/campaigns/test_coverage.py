"""What is asked for, who is validated, and the time they can give."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.campaigns.domain.coming import coming_campaign
from backend.campaigns.domain.coverage import CoverageSearch, NotionCover, measure_coverage
from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign
from backend.common.clock import told_at
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.referentials.enums import Area
from backend.referentials.models import Notion
from tests.support.campaign_scene import FIRST_DAY, TODAY, make_requests, make_tutor
from tests.support.factories import (
    CampaignFactory,
    CapacityFactory,
    NetworkFactory,
    NotionFactory,
    ProfessionFactory,
    make_member,
)
from tests.support.scene import propose


@pytest.fixture(autouse=True)
def _on_that_thursday() -> Iterator[None]:
    with told_at(TODAY):
        yield


@pytest.fixture
def notion(campaign: Campaign) -> Notion:
    """The campaign takes two weeks, of two Thursdays."""
    found: Notion = NotionFactory.create(area=Area.DATA)
    return found


def figures(network: Network, **search: object) -> list[tuple[int, int, int, Notion]]:
    rows = measure_coverage(network, CoverageSearch(**search)).notions  # type: ignore[arg-type]  # as named
    return [(row.requests, row.tutors, row.minutes, row.notion) for row in rows]


def only(network: Network) -> NotionCover:
    (row,) = measure_coverage(network, CoverageSearch()).notions
    return row


def test_a_subject_has_its_requests_tutors_and_minutes(network: Network, notion: Notion) -> None:
    make_requests(network, [notion] * 3)
    make_tutor(network, notion, hours=8)
    make_tutor(network, notion, hours=4)
    assert figures(network) == [(3, 2, 45 * (4 + 2), notion)]


def test_time_is_bounded_by_hours_windows_and_sessions_that_stand(network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion, hours=40)
    assert only(network).minutes == 45 * 4, "two sessions fit in each of two Thursdays"
    propose(network, tutor, make_member(network, Role.LEARNER), start=dt.datetime(2026, 12, 10, 11, tzinfo=dt.UTC))
    assert only(network).minutes == 45 * 3
    tutor.tutor_offers.update(hours_per_month=Decimal(4))
    assert only(network).minutes == 45 * 1, "two sessions, one of them taken"
    tutor.tutor_offers.update(hours_per_month=0)
    assert (only(network).tutors, only(network).minutes) == (1, 0)
    tutor.tutor_offers.all().delete()
    assert (only(network).tutors, only(network).minutes) == (1, 0)


def test_what_does_not_count(network: Network, notion: Notion) -> None:
    """Withdrawn, asked by somebody gone, refused, expired, held by a learner or by somebody gone, elsewhere."""
    gone, withdrawn = make_requests(network, [notion] * 2)
    HelpRequest.objects.filter(pk=withdrawn.pk).update(state="withdrawn")
    left, refused, expired, learner = (make_tutor(network, notion) for _ in range(4))
    Membership.objects.filter(person__in=(gone.person, left)).update(left_at=TODAY)
    refused.claims.update(state="refused")
    expired.claims.update(expires_on=FIRST_DAY)
    learner.memberships.get().roles.update(role=Role.LEARNER)
    elsewhere = NetworkFactory.create()
    make_requests(elsewhere, [notion])
    make_tutor(elsewhere, notion)
    assert figures(network) == []
    assert figures(network, everything=True)[0][:3] == (0, 0, 0)


def test_filters_keep_a_domain_or_what_a_profession_meets(network: Network, notion: Notion) -> None:
    profession = ProfessionFactory.create()
    other = NotionFactory.create(area=Area.TOOLS)
    first, second, third = make_requests(network, [notion, notion, other])
    Person.objects.filter(pk=first.person_id).update(profession=profession)
    assert figures(network, area=Area.TOOLS) == [(1, 0, 0, other)]
    assert figures(network, profession=profession.slug) == [(1, 0, 0, notion)]
    framework = third.capacity.competency.domain.framework
    type(profession).objects.filter(pk=profession.pk).update(framework=framework)
    in_framework = {row[3] for row in figures(network, profession=profession.slug, everything=True)}
    assert in_framework == {notion, other}
    assert second.notion == notion


def test_a_domain_counts_each_tutor_once(network: Network, notion: Notion) -> None:
    second = NotionFactory.create(area=Area.DATA)
    make_tutor(network, notion, second, hours=8)
    make_requests(network, [notion, second])
    coverage = measure_coverage(network, CoverageSearch())
    found = {row.area: (row.requests, row.tutors, row.minutes) for row in coverage.areas}
    assert found == {area: (2, 1, 180) if area == Area.DATA else (0, 0, 0) for area in Area}


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_as_for_three(
    network: Network, notion: Notion, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        wanted = CapacityFactory.create().notion
        make_tutor(network, wanted)
        make_requests(network, [wanted])
    with django_assert_num_queries(9):
        assert len(figures(network)) == count


def test_the_weeks_are_those_of_the_campaign_under_preparation(network: Network, campaign: Campaign) -> None:
    CampaignFactory.create(network=network, first_day=FIRST_DAY - dt.timedelta(weeks=4), state=CampaignState.PUBLISHED)
    CampaignFactory.create(network=network, first_day=FIRST_DAY + dt.timedelta(weeks=4), state=CampaignState.DRAFT)
    assert coming_campaign(network) == campaign


def test_without_one_the_next_weeks_are_planned_like_the_last(network: Network, campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.CLOSED, session_minutes=30)
    coming = coming_campaign(network)
    assert (coming.first_day, coming.weeks, coming.session_minutes) == (FIRST_DAY, 3, 30)
    assert Campaign.objects.count() == 1
    assert coming_campaign(NetworkFactory.create()).session_minutes == 45
