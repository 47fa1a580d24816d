"""« Pas avec cette personne »: the two never meet in anything computed afterwards, and nobody is told."""

import datetime as dt

import pytest
from django.contrib import admin

import matching
from backend.accounts.models import Person
from backend.campaigns.domain.instance import build_problem
from backend.campaigns.domain.publication import publish_run
from backend.campaigns.models import Campaign, Unserved
from backend.common.clock import now, told_at
from backend.common.errors import NotFoundError
from backend.conversations.models import Message
from backend.needs.domain.avoidance import avoid_person, avoided_by, stop_avoiding
from backend.needs.models import AvoidedPair, HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.notifications.models import Notification
from backend.referentials.models import Notion
from backend.tutoring.domain.proposals import propose_sessions
from backend.tutoring.models import Session
from tests.support.campaign_scene import TODAY, compute, make_campaign, make_requests, make_tutor
from tests.support.factories import NetworkFactory, NotionFactory, TutorOfferFactory, make_member
from tests.support.scene import make_draft, propose

NOON = TODAY.replace(hour=11, minute=0)


@pytest.fixture
def network(db: None) -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def notion(db: None) -> Notion:
    found: Notion = NotionFactory.create()
    return found


@pytest.fixture
def coordinator(network: Network) -> Person:
    return make_member(network, Role.COORDINATOR)


@pytest.fixture
def campaign(network: Network, coordinator: Person) -> Campaign:
    with told_at(TODAY):
        return make_campaign(network, coordinator, group_size_max=3)


def build(campaign: Campaign) -> matching.Problem:
    with told_at(TODAY):
        return build_problem(campaign, not_before=now())


def make_pair(network: Network, notion: Notion) -> tuple[Person, HelpRequest]:
    with told_at(TODAY):
        tutor = make_tutor(network, notion)
        (request,) = make_requests(network, [notion])
    return tutor, request


@pytest.mark.parametrize("by_tutor", [True, False])
def test_a_pair_never_meets_whoever_said_so(
    campaign: Campaign, network: Network, notion: Notion, coordinator: Person, *, by_tutor: bool
) -> None:
    tutor, request = make_pair(network, notion)
    other_tutor, other = make_pair(network, NotionFactory.create())
    author, avoided = (tutor, request.person) if by_tutor else (request.person, tutor)
    avoid_person(author=author, other=avoided)
    assert build(campaign).excluded == ((str(request.pk), str(tutor.pk)),)
    with told_at(TODAY):
        run = compute(campaign, coordinator)
    assert list(run.proposals.values_list("request", "tutor")) == [(other.pk, other_tutor.pk)]
    assert list(Unserved.objects.values_list("request", "reason")) == [(request.pk, "ineligible")]


def test_taking_it_back_lets_them_meet_unless_the_other_said_so_too(
    campaign: Campaign, network: Network, notion: Notion
) -> None:
    tutor, request = make_pair(network, notion)
    avoid_person(author=request.person, other=tutor)
    avoid_person(author=tutor, other=request.person)
    stop_avoiding(author=request.person, other=tutor)
    assert build(campaign).excluded == ((str(request.pk), str(tutor.pk)),)
    stop_avoiding(author=tutor, other=request.person)
    assert build(campaign).excluded == ()


def test_learners_who_avoid_each_other_share_no_group(campaign: Campaign, network: Network, notion: Notion) -> None:
    with told_at(TODAY):
        first, second, third = make_requests(network, [notion] * 3, group_ok=True)
    avoid_person(author=first.person, other=second.person)
    assert {row.id: row.group_ok for row in build(campaign).requests} == {
        str(first.pk): False,
        str(second.pk): True,
        str(third.pk): True,
    }


def test_a_run_frozen_before_proposes_nothing_to_them(
    campaign: Campaign, network: Network, notion: Notion, coordinator: Person
) -> None:
    tutor, request = make_pair(network, notion)
    with told_at(TODAY):
        run = compute(campaign, coordinator)
        avoid_person(author=request.person, other=tutor)
        outcome = publish_run(run=run, author=coordinator)
    assert (len(outcome.sessions), len(outcome.left_out)) == (0, 1)


def test_a_draft_that_brings_them_together_is_left_out(network: Network) -> None:
    tutor, first, second = make_member(network, Role.TUTOR), *[make_member(network, Role.LEARNER) for _ in range(2)]
    TutorOfferFactory.create(network=network, person=tutor)
    with told_at(TODAY):
        propose(network, tutor, first, start=NOON + dt.timedelta(days=5))
        avoid_person(author=second, other=first)
        draft = make_draft(network, tutor, first, second, start=NOON + dt.timedelta(days=6))
        outcome = propose_sessions(network=network, drafts=[draft], answer_by=TODAY, author=None)
    assert outcome.left_out == (draft,)


def test_sessions_that_stand_are_left_alone_and_nobody_is_told(network: Network, notion: Notion) -> None:
    tutor, learner = make_member(network, Role.TUTOR), make_member(network, Role.LEARNER)
    TutorOfferFactory.create(network=network, person=tutor)
    with told_at(TODAY):
        session = propose(network, tutor, learner, start=NOON + dt.timedelta(days=5))
        before = (Notification.objects.count(), Message.objects.count(), session.transitions.count())
        avoid_person(author=learner, other=tutor)
    assert Session.objects.get().state == "proposed"
    assert (Notification.objects.count(), Message.objects.count(), session.transitions.count()) == before


def test_saying_it_twice_is_as_once_and_only_its_author_lists_it(network: Network) -> None:
    author, other = make_member(network, Role.LEARNER), make_member(network, Role.TUTOR)
    avoid_person(author=author, other=other)
    avoid_person(author=author, other=other)
    assert [pair.other for pair in avoided_by(author)] == [other]
    assert list(avoided_by(other)) == []


def test_only_people_one_knows_can_be_avoided(network: Network) -> None:
    author, auditor = make_member(network, Role.LEARNER), make_member(network, Role.AUDITOR)
    stranger = make_member(NetworkFactory.create(), Role.TUTOR)
    gone = make_member(network, Role.TUTOR)
    Membership.objects.filter(person=gone).update(left_at=now())
    for reader, other in ((author, author), (author, stranger), (author, gone), (auditor, author), (author, auditor)):
        with pytest.raises(NotFoundError):
            avoid_person(author=reader, other=other)
    assert AvoidedPair.objects.count() == 0


def test_support_has_no_table_of_it() -> None:
    assert AvoidedPair not in admin.site._registry
