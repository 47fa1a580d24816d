"""« Trouver maintenant »: choices around what already stands, and one proposal on a tap."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.agenda.models import Occupancy
from backend.campaigns.domain.instant import PROPOSALS_A_DAY, find_choices, propose_choice, refusal_of
from backend.campaigns.enums import CampaignState
from backend.common.clock import told_at
from backend.common.errors import ConflictError, NotFoundError, RoleRequiredError
from backend.needs.domain.avoidance import avoid_person
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import MembershipRole, Network
from backend.referentials.models import Notion
from backend.tutoring.domain.answers import decline_session
from backend.tutoring.models import Session
from tests.support.campaign_scene import TODAY, make_requests, make_tutor
from tests.support.factories import (
    CampaignFactory,
    NetworkFactory,
    NotionFactory,
    ProfessionFactory,
    SiteFactory,
    WeeklyWindowFactory,
    make_member,
)
from tests.support.scene import propose

# The Thursday of next week, noon in Paris: today's is too soon, and the one after too far.
NOON = dt.datetime(2026, 12, 10, 11, tzinfo=dt.UTC)
WEEKDAYS = {"lundi": 0, "vendredi": 4}


@pytest.fixture
def notion(db: None) -> Notion:
    found: Notion = NotionFactory.create()
    return found


@pytest.fixture
def asked(network: Network, notion: Notion) -> Iterator[HelpRequest]:
    """Of somebody free on Thursdays at noon; today is Thursday, nine o’clock."""
    with told_at(TODAY):
        (found,) = make_requests(network, [notion])
        yield found


def found_for(request: HelpRequest) -> list[tuple[Person, dt.datetime]]:
    return [(choice.tutor, choice.starts_at) for choice in find_choices(request).choices]


def take(request: HelpRequest, tutor: Person, **changes: Any) -> Session:
    given: dict[str, Any] = {"author": request.person, "tutor_id": tutor.pk, "starts_at": NOON}
    return propose_choice(request=request, **given | changes)


def refused(request: HelpRequest, tutor: Person, **changes: Any) -> str:
    with pytest.raises(ConflictError) as refusal:
        take(request, tutor, **changes)
    return refusal.value.code


# Choices


def test_another_tutor_each_time_the_best_first(asked: HelpRequest, network: Network, notion: Notion) -> None:
    profession = ProfessionFactory.create(group="soins")
    tutors = [make_tutor(network, notion) for _ in range(4)]
    Person.objects.filter(pk__in=(asked.person_id, tutors[3].pk)).update(profession=profession)
    Person.objects.filter(pk=tutors[2].pk).update(profession=ProfessionFactory.create(group="soins"))
    choices = found_for(asked)
    assert [tutor for tutor, _ in choices[:2]] == [tutors[3], tutors[2]]
    assert len({tutor for tutor, _ in choices}) == 3
    assert {start for _, start in choices} == {NOON}


def test_one_tutor_alone_is_offered_on_other_days(asked: HelpRequest, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion)
    for weekday in WEEKDAYS.values():
        for person in (tutor, asked.person):
            WeeklyWindowFactory.create(person=person, weekday=weekday, timezone=network.timezone)
    days = [start.date() for _, start in found_for(asked)]
    assert len(set(days)) == 3
    assert days[0] == dt.date(2026, 12, 4), "tomorrow, more than twelve hours ahead"


def test_nothing_within_twelve_hours_nor_after_two_weeks(asked: HelpRequest, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion)
    assert found_for(asked) == [(tutor, NOON)]
    with told_at(NOON - dt.timedelta(hours=11)):
        assert NOON not in [start for _, start in found_for(asked)]


def test_who_is_never_offered(asked: HelpRequest, network: Network, notion: Notion) -> None:
    """Not validated, elsewhere, avoided by either, paused, somewhere else, oneself."""
    make_tutor(network, NotionFactory.create())
    make_tutor(NetworkFactory.create(), notion)
    make_tutor(network, notion, hours=0)
    make_tutor(network, notion, remote=False).tutor_offers.get().sites.set([SiteFactory.create(network=network)])
    avoid_person(author=asked.person, other=make_tutor(network, notion))
    avoid_person(author=make_tutor(network, notion), other=asked.person)
    assert found_for(asked) == []


def test_the_level_wanted_counts(asked: HelpRequest, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion)
    tutor.claims.update(level=1)
    search = find_choices(asked)
    assert (search.choices, search.unserved and search.unserved.reason) == ((), "level")


def test_sessions_that_stand_use_up_hours_and_cells(asked: HelpRequest, network: Network, notion: Notion) -> None:
    busy, full = make_tutor(network, notion, hours=8), make_tutor(network, notion, hours=1)
    others = [make_member(network, Role.LEARNER) for _ in range(3)]
    propose(network, full, others[0], start=NOON - dt.timedelta(days=1))
    propose(network, busy, others[1], start=NOON)
    assert found_for(asked) == [(busy, NOON + dt.timedelta(minutes=45))]
    propose(network, busy, others[2], start=NOON + dt.timedelta(minutes=45))
    assert found_for(asked) == []


def test_a_week_that_is_full_is_left_alone(asked: HelpRequest, network: Network, notion: Notion) -> None:
    """Four hours a month are two sessions in two weeks, one a week: weeks are counted from today."""
    tutor = make_tutor(network, notion, hours=4)
    propose(network, tutor, make_member(network, Role.LEARNER), start=NOON - dt.timedelta(days=2))
    assert found_for(asked) == [(tutor, NOON)]
    propose(network, tutor, make_member(network, Role.LEARNER), start=NOON + dt.timedelta(days=1))
    assert found_for(asked) == []


def test_who_declined_this_request_is_not_asked_again(asked: HelpRequest, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion)
    decline_session(session_id=take(asked, tutor).pk, author=tutor, reason="Je suis de garde")
    asked.refresh_from_db()
    assert (asked.state, found_for(asked)) == (RequestState.OPEN, [])


def test_without_anybody_the_engine_says_what_would_help(asked: HelpRequest, network: Network, notion: Notion) -> None:
    search = find_choices(asked)
    assert search.unserved
    assert search.unserved.reason == "no_tutor"
    tutor = make_tutor(network, notion)
    tutor.weekly_windows.update(weekday=2)
    search = find_choices(asked)
    assert search.unserved
    assert search.unserved.reason == "no_common_slot"
    assert search.unserved.unblock


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_tutor_as_for_three(
    asked: HelpRequest,
    network: Network,
    notion: Notion,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        make_tutor(network, notion)
    request = HelpRequest.objects.select_related("network").get(pk=asked.pk)
    with django_assert_num_queries(16):
        find_choices(request)


# Proposing


def test_a_tap_proposes_and_holds_the_cells_of_both(asked: HelpRequest, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion)
    session = take(asked, tutor)
    asked.refresh_from_db()
    assert (session.state, session.tutor, session.starts_at) == ("proposed", tutor, NOON)
    assert (session.minutes, session.notion, asked.state) == (45, notion, RequestState.PLANNED)
    assert Occupancy.objects.filter(source=session.source).count() == 6


def test_a_second_tap_makes_no_second_session(asked: HelpRequest, network: Network, notion: Notion) -> None:
    tutor, other = make_tutor(network, notion), make_tutor(network, notion)
    assert take(asked, tutor) == take(asked, tutor)
    assert refused(asked, other) == "not_open"
    assert Session.objects.count() == 1


def test_whoever_comes_second_is_told(asked: HelpRequest, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion)
    (other,) = make_requests(network, [notion])
    take(other, tutor)
    assert refused(asked, tutor) == "gone"
    assert Session.objects.count() == 1


@pytest.mark.parametrize("minutes", [-45, 1, 120, 60 * 24 * 30, -60 * 24 * 365 * 60])
def test_only_times_that_hold_are_proposed(asked: HelpRequest, network: Network, notion: Notion, minutes: int) -> None:
    tutor = make_tutor(network, notion)
    assert refused(asked, tutor, starts_at=NOON + dt.timedelta(minutes=minutes)) == "gone"


def test_somebody_avoided_or_unknown_is_gone(asked: HelpRequest, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion)
    avoid_person(author=tutor, other=asked.person)
    assert refused(asked, tutor) == "gone"
    assert refused(asked, make_member(network, Role.TUTOR)) == "gone"


def test_not_while_a_campaign_is_under_review(asked: HelpRequest, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion)
    CampaignFactory.create(state=CampaignState.REVIEW)
    assert refusal_of(asked) is None
    CampaignFactory.create(network=network, state=CampaignState.REVIEW)
    assert refused(asked, tutor) == "in_review"


def test_only_for_oneself_and_as_a_learner(asked: HelpRequest, network: Network, notion: Notion) -> None:
    tutor = make_tutor(network, notion)
    with pytest.raises(NotFoundError):
        take(asked, tutor, author=tutor)
    MembershipRole.objects.filter(membership__person=asked.person).update(role=Role.AUDITOR)
    with pytest.raises(RoleRequiredError):
        take(asked, tutor)


def test_nobody_is_asked_over_and_over(network: Network, notion: Notion, asked: HelpRequest) -> None:
    for rank in range(PROPOSALS_A_DAY):
        tutor = make_tutor(network, notion)
        decline_session(session_id=take(asked, tutor).pk, author=tutor, reason=f"Motif {rank}")
    tutor = make_tutor(network, notion)
    assert refused(asked, tutor) == "too_many"
    with told_at(TODAY + dt.timedelta(days=1, minutes=1)):
        assert take(asked, tutor).tutor == tutor


def test_the_site_both_can_reach_is_the_place(asked: HelpRequest, network: Network, notion: Notion) -> None:
    site = SiteFactory.create(network=network, name="Maison de santé", address="1 rue Fictive")
    HelpRequest.objects.filter(pk=asked.pk).update(remote=False)
    asked.sites.set([site])
    tutor = make_tutor(network, notion)
    tutor.tutor_offers.get().sites.set([site])
    assert [choice.site for choice in find_choices(asked).choices] == [site]
    session = take(asked, tutor)
    assert (session.site, session.join_value) == (site, "Maison de santé, 1 rue Fictive")
