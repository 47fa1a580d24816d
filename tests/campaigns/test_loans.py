"""Tutors of a neighbour: only with their own yes, only what was agreed on, never more hours than the cap."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.models import Person
from backend.campaigns.domain.campaigns import move_campaign
from backend.campaigns.domain.instance import build_problem
from backend.campaigns.domain.loans import (
    access_campaign_to_help,
    campaigns_to_help,
    deal,
    lend_hours,
    lent_offers,
    take_hours_back,
    within_shares,
)
from backend.campaigns.domain.publication import publish_run
from backend.campaigns.enums import CampaignState, RunState
from backend.campaigns.models import Campaign, Loan, Proposal, Run
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.needs.models import TutorOffer
from backend.networks.domain.agreements import accept_agreement, end_agreement, propose_agreement
from backend.networks.enums import Role
from backend.networks.models import Agreement, Membership, Network
from backend.referentials.models import Notion
from backend.tutoring.enums import Modality
from backend.tutoring.models import Session
from tests.support import factories
from tests.support.campaign_scene import FIRST_DAY, TODAY, make_campaign, make_requests, make_tutor


@dataclasses.dataclass
class Scene:
    """« ici » collects and has no tutor; « ailleurs » has one, and they agreed on six hours a month for all notions."""

    borrower: Network
    lender: Network
    coordinator: Person
    neighbour: Person
    tutor: Person
    notion: Notion
    agreement: Agreement
    campaign: Campaign

    def lend(self, hours: str = "4", tutor: Person | None = None) -> Loan:
        return lend_hours(campaign=self.campaign, tutor=tutor or self.tutor, hours_per_month=Decimal(hours))

    def shares(self) -> dict[int, int]:
        return {row.person.pk: row.sessions for row in lent_offers(self.campaign)}


def agree(scene_networks: tuple[Network, Network], people: tuple[Person, Person], *notions: Notion) -> Agreement:
    borrower, lender = scene_networks
    agreement = propose_agreement(
        author=people[0], lender=lender, borrower=borrower, by=borrower, hours_per_month=Decimal(6), notions=notions
    )
    return accept_agreement(agreement=agreement, author=people[1])


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def scene(db: None) -> Scene:
    borrower, lender = factories.NetworkFactory.create(name="CPTS ici"), factories.NetworkFactory.create()
    coordinator, neighbour = (factories.make_member(network, Role.COORDINATOR) for network in (borrower, lender))
    notion = factories.NotionFactory.create()
    return Scene(
        borrower,
        lender,
        coordinator,
        neighbour,
        make_tutor(lender, notion, room_link="https://visio.exemple.example/salle"),
        notion,
        agree((borrower, lender), (coordinator, neighbour)),
        make_campaign(borrower, coordinator, weeks=4),
    )


def test_nobody_is_lent_without_their_own_yes(scene: Scene) -> None:
    assert lent_offers(scene.campaign) == []
    scene.lend()
    # Four weeks of 4 hours a month: 3.69 hours, four sessions of 45 minutes.
    [row] = lent_offers(scene.campaign)
    assert (row.person, row.sessions, dict(row.levels)) == (scene.tutor, 4, {scene.notion.pk: 3})
    take_hours_back(campaign=scene.campaign, tutor=scene.tutor)
    assert lent_offers(scene.campaign) == []
    with pytest.raises(ConflictError):
        take_hours_back(campaign=scene.campaign, tutor=scene.tutor)


def test_each_campaign_asks_again(scene: Scene) -> None:
    scene.lend()
    other = make_campaign(scene.borrower, scene.coordinator, first_day=FIRST_DAY + dt.timedelta(weeks=4))
    assert lent_offers(other) == []


def test_the_instance_has_them_only_when_asked_for(scene: Scene) -> None:
    make_requests(scene.borrower, [scene.notion])
    scene.lend()
    assert build_problem(scene.campaign, not_before=now()).tutors == ()
    [tutor] = build_problem(scene.campaign, not_before=now(), lent_tutors=True).tutors
    assert (tutor.id, tutor.modalities, tutor.max_sessions) == (str(scene.tutor.pk), ("remote",), 4)
    assert dict(tutor.skills) == {str(scene.notion.pk): 3}


def test_an_agreement_on_some_notions_lends_no_other(scene: Scene) -> None:
    other = factories.NotionFactory.create()
    factories.ClaimFactory.create(network=scene.lender, person=scene.tutor, notion=other, state="accepted")
    scene.agreement.notions.set([other])
    scene.lend()
    assert [set(row.levels) for row in lent_offers(scene.campaign)] == [{other.pk}]


def test_all_tutors_together_stay_within_the_cap(scene: Scene) -> None:
    """Six hours a month over four weeks are 5.54: seven sessions of 45 minutes, dealt in turn."""
    tutors = [scene.tutor, *(make_tutor(scene.lender, scene.notion, telephone="01 99 00 12 34") for _ in range(2))]
    for tutor in tutors:
        scene.lend(tutor=tutor)
    assert scene.shares() == dict(zip([tutor.pk for tutor in tutors], (3, 2, 2), strict=True))
    problem = build_problem(scene.campaign, not_before=now(), lent_tutors=True)
    assert sum(tutor.max_sessions for tutor in problem.tutors) * 45 <= 6 * 60


def test_a_long_campaign_gets_no_more_than_a_month_s_hours(scene: Scene) -> None:
    """It might hold them all in one month."""
    scene.campaign.weeks = 12
    scene.campaign.save()
    TutorOffer.objects.update(hours_per_month=40)
    scene.lend("40")
    assert sum(scene.shares().values()) * 45 <= 6 * 60


def test_sessions_of_the_same_months_count(scene: Scene) -> None:
    scene.lend()
    starts_at = dt.datetime(2026, 12, 30, 12, tzinfo=dt.UTC)
    for hour in range(6):
        factories.SessionFactory.create(
            network=scene.borrower, tutor=scene.tutor, starts_at=starts_at + dt.timedelta(hours=hour)
        )
    # 6 h less 4 h 30: two sessions left.
    assert scene.shares() == {scene.tutor.pk: 2}


@pytest.mark.parametrize("end", ["agreement", "suspended", "not_tutor", "not_remote", "inactive"])
def test_what_no_longer_stands_lends_nobody(scene: Scene, end: str) -> None:
    scene.lend()
    membership = Membership.objects.get(person=scene.tutor)
    match end:
        case "agreement":
            end_agreement(agreement=scene.agreement, author=scene.neighbour)
        case "suspended":
            Membership.objects.filter(pk=membership.pk).update(suspended_at=now())
        case "not_tutor":
            membership.roles.all().delete()
        case "not_remote":
            TutorOffer.objects.update(remote=False)
        case "inactive":
            Person.objects.filter(pk=scene.tutor.pk).update(is_active=False)
    assert lent_offers(scene.campaign) == []


@pytest.mark.parametrize("hours", ["0", "4.5", "1.3", "-1"])
def test_no_more_than_one_s_own_offer(scene: Scene, hours: str) -> None:
    with pytest.raises(DomainError) as refusal:
        scene.lend(hours)
    assert refusal.value.code == "hours"


def test_others_do_not_see_the_campaign(scene: Scene) -> None:
    stranger = make_tutor(factories.NetworkFactory.create(), scene.notion)
    assert campaigns_to_help(scene.tutor) == [scene.campaign]
    assert campaigns_to_help(stranger) == campaigns_to_help(scene.neighbour) == []
    with pytest.raises(NotFoundError):
        access_campaign_to_help(stranger, scene.campaign.pk)
    with pytest.raises(NotFoundError):
        scene.lend(tutor=stranger)


def test_a_campaign_that_is_published_takes_nobody_in(scene: Scene) -> None:
    move_campaign(scene.campaign, CampaignState.REVIEW, author=None)
    move_campaign(scene.campaign, CampaignState.PUBLISHED, author=None)
    with pytest.raises(ConflictError):
        scene.lend()


def computed(scene: Scene) -> Run:
    """A run that found the tutor lent for two requests, at two times."""
    requests = make_requests(scene.borrower, [scene.notion, scene.notion])
    scene.lend()
    run: Run = factories.RunFactory.create(campaign=scene.campaign, state=RunState.DONE, lent_tutors=True)
    for rank, request in enumerate(requests):
        Proposal.objects.create(
            run=run,
            request=request,
            tutor=scene.tutor,
            starts_at=dt.datetime(2026, 12, 10 + rank, 11, tzinfo=dt.UTC),
            modality=Modality.REMOTE,
        )
    move_campaign(scene.campaign, CampaignState.REVIEW, author=None)
    return run


def test_sessions_belong_to_the_borrower_and_the_tutor_gives_them(scene: Scene) -> None:
    outcome = publish_run(run=computed(scene), author=scene.coordinator)
    assert len(outcome.sessions) == 2
    sessions = Session.objects.all()
    assert {(row.network, row.tutor, row.join_value) for row in sessions} == {
        (scene.borrower, scene.tutor, "https://visio.exemple.example/salle")
    }


def test_a_yes_taken_back_before_publication_counts(scene: Scene) -> None:
    run = computed(scene)
    take_hours_back(campaign=scene.campaign, tutor=scene.tutor)
    outcome = publish_run(run=run, author=scene.coordinator)
    assert (len(outcome.sessions), len(outcome.left_out)) == (0, 2)


def test_hours_used_since_the_computation_are_not_given_twice(scene: Scene) -> None:
    run = computed(scene)
    Agreement.objects.update(hours_per_month=Decimal("1.0"))
    outcome = publish_run(run=run, author=scene.coordinator)
    assert (len(outcome.sessions), len(outcome.left_out)) == (1, 1)


@given(st.dictionaries(st.integers(1, 9), st.integers(0, 9)), st.integers(0, 40))
def test_dealing_is_fair_and_exact(wanted: dict[int, int], total: int) -> None:
    shares = deal(wanted, total)
    assert sum(shares.values()) == min(total, sum(wanted.values()))
    assert all(shares[key] <= wanted[key] for key in wanted)
    unsated = [share for key, share in shares.items() if share < wanted[key]]
    assert not unsated or max(shares.values()) - min(unsated) <= 1


def test_members_are_not_counted_against_the_hours_lent() -> None:
    assert within_shares([1, 2, 1], []) == [True, True, True]
