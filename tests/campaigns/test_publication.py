"""Publishing at once, taking back while nothing has left, and following what came of it."""

import datetime as dt
from collections.abc import Iterator

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.agenda.models import Occupancy
from backend.campaigns.domain.closing import close_campaign, summarise
from backend.campaigns.domain.follow_up import follow_up
from backend.campaigns.domain.instance import requests_of
from backend.campaigns.domain.publication import publish_run, published_sessions, take_back
from backend.campaigns.domain.repair import apply_repair, dismiss_repair, plan_repair, repair_automatically
from backend.campaigns.enums import CampaignState, RepairState
from backend.campaigns.models import Campaign, Repair, Run
from backend.common.clock import told_at
from backend.common.errors import ConflictError, DomainError
from backend.conversations.models import Conversation
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.notifications.models import Notification, OutboxMessage
from backend.referentials.models import Notion
from backend.tutoring.domain.answers import accept_session, agree_session, decline_session
from backend.tutoring.models import Session
from tests.support.campaign_scene import TODAY, compute, make_campaign, make_requests, make_tutor
from tests.support.factories import MessageFactory, NetworkFactory, NotionFactory, make_member

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


class Scene:
    """A run of three requests on one notion, with as many tutors, ready to publish."""

    def __init__(self) -> None:
        self.network: Network = NetworkFactory.create()
        self.coordinator: Person = make_member(self.network, Role.COORDINATOR)
        self.notion: Notion = NotionFactory.create()
        self.campaign: Campaign = make_campaign(self.network, self.coordinator)
        self.tutors = [make_tutor(self.network, self.notion) for _ in range(3)]
        self.requests = make_requests(self.network, [self.notion] * 3)
        self.run: Run = compute(self.campaign, self.coordinator)

    def publish(self) -> list[Session]:
        publish_run(run=Run.objects.get(pk=self.run.pk), author=self.coordinator)
        return list(published_sessions(self.campaign).order_by("pk"))

    def state(self) -> str:
        return Campaign.objects.get(pk=self.campaign.pk).state

    def take_back(self) -> None:
        take_back(campaign=self.campaign, author=self.coordinator)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with told_at(TODAY):
        yield Scene()


def test_sessions_show_at_once_and_mails_leave_ten_minutes_later(scene: Scene) -> None:
    sessions = scene.publish()
    assert len(sessions) == 3
    assert Notification.objects.filter(key__endswith=":proposed").count() == 6
    mails = OutboxMessage.objects.filter(key__contains=":proposed:")
    assert set(mails.values_list("due_at", flat=True)) == {TODAY + 10 * MINUTE}
    assert mails.count() == 6


@pytest.mark.parametrize("count", [1, 3])
def test_a_publication_asks_as_much_for_three_sessions_as_for_one(
    scene: Scene, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scene.run.proposals.filter(pk__in=list(scene.run.proposals.values_list("pk", flat=True)[count:])).delete()
    with django_assert_num_queries(QUERIES):
        publish_run(run=scene.run, author=scene.coordinator)


QUERIES = 44


def test_a_publication_taken_back_has_never_been(scene: Scene) -> None:
    scene.publish()
    with told_at(TODAY + 9 * MINUTE):
        scene.take_back()
    assert scene.state() == CampaignState.REVIEW
    assert not Session.objects.exists()
    assert not Occupancy.objects.exists()
    assert not Conversation.objects.filter(kind="session").exists()
    assert not Notification.objects.filter(key__startswith="session:").exists()
    assert not OutboxMessage.objects.filter(key__startswith="session:").exists()
    assert set(HelpRequest.objects.values_list("state", flat=True)) == {RequestState.OPEN}
    assert len(scene.publish()) == 3


@pytest.mark.parametrize("event", ["mails left", "accepted", "agreed", "written"])
def test_a_publication_stands_once_something_came_of_it(scene: Scene, event: str) -> None:
    session, when = scene.publish()[0], TODAY + MINUTE
    learner = session.participations.get().person
    with told_at(when):
        if event == "accepted":
            accept_session(session_id=session.pk, author=session.tutor)
        elif event == "agreed":
            agree_session(session_id=session.pk, author=learner)
        elif event == "written":
            MessageFactory.create(conversation=session.conversation, sender=learner)
        else:
            when = TODAY + 10 * MINUTE
    with told_at(when), pytest.raises(ConflictError) as refused:
        scene.take_back()
    assert refused.value.code == "not_taken_back"
    assert (scene.state(), Session.objects.count()) == (CampaignState.PUBLISHED, 3)


def test_only_a_coordinator_of_the_network_takes_back(scene: Scene) -> None:
    scene.publish()
    for author in (scene.tutors[0], make_member(NetworkFactory.create(), Role.COORDINATOR)):
        with pytest.raises(DomainError):
            take_back(campaign=scene.campaign, author=author)
    assert Session.objects.count() == 3


# Repair


def decline_one(scene: Scene) -> Session:
    session = scene.publish()[0]
    decline_session(session_id=session.pk, author=session.tutor, reason="De garde")
    return session


def test_a_repair_is_a_proposal_that_moves_nothing_by_itself(scene: Scene) -> None:
    declined = decline_one(scene)
    request = declined.participations.get().request
    repair = plan_repair(campaign=scene.campaign, author=scene.coordinator)
    move = repair.moves.get()
    assert (move.request, move.before, repair.kept) == (request, None, 2)
    assert move.tutor != declined.tutor
    assert Session.objects.count() == 3
    assert follow_up(scene.campaign).waiting == [request]


def test_an_approved_repair_proposes_and_keeps_the_others(scene: Scene) -> None:
    declined = decline_one(scene)
    others = {row.pk: row.starts_at for row in Session.objects.exclude(pk=declined.pk)}
    repair = plan_repair(campaign=scene.campaign, author=scene.coordinator)
    (session,) = apply_repair(repair=repair, author=scene.coordinator)
    assert (session.state, session.tutor_id) == ("proposed", repair.moves.get().tutor_id)
    assert {row.pk: row.starts_at for row in Session.objects.filter(pk__in=others)} == others
    assert follow_up(scene.campaign).waiting == []
    assert follow_up(scene.campaign).counts["proposed"] == 3
    with pytest.raises(ConflictError) as refused:
        apply_repair(repair=repair, author=scene.coordinator)
    assert refused.value.code == "already_decided"


def test_a_repair_that_no_longer_fits_changes_nothing(scene: Scene) -> None:
    decline_one(scene)
    repair = plan_repair(campaign=scene.campaign, author=scene.coordinator)
    HelpRequest.objects.filter(pk=repair.moves.get().request_id).update(state=RequestState.WITHDRAWN)
    with pytest.raises(ConflictError) as refused:
        apply_repair(repair=repair, author=scene.coordinator)
    assert refused.value.code == "stale"
    assert (Session.objects.count(), Repair.objects.get().state) == (3, RepairState.PROPOSED)


def test_a_repair_left_alone_or_replaced_is_over(scene: Scene) -> None:
    decline_one(scene)
    first = plan_repair(campaign=scene.campaign, author=scene.coordinator)
    second = plan_repair(campaign=scene.campaign, author=scene.coordinator)
    dismiss_repair(repair=second, author=scene.coordinator)
    states = dict(Repair.objects.values_list("pk", "state"))
    assert states == {first.pk: RepairState.DISMISSED, second.pk: RepairState.DISMISSED}


def test_without_anybody_else_there_is_nothing_to_repair(scene: Scene) -> None:
    for session in scene.publish():
        decline_session(session_id=session.pk, author=session.tutor, reason="De garde")
    for tutor in scene.tutors:
        tutor.memberships.update(suspended_at=TODAY)
    with pytest.raises(ConflictError) as refused:
        plan_repair(campaign=scene.campaign, author=scene.coordinator)
    assert refused.value.code == "nothing_to_repair"


@pytest.mark.parametrize("wanted", [True, False])
def test_a_network_may_want_repairs_without_being_asked(scene: Scene, wanted: bool) -> None:  # noqa: FBT001
    scene.network.auto_repair = wanted
    scene.network.save()
    decline_one(scene)
    with told_at(TODAY + MINUTE):
        assert (repair_automatically(), repair_automatically()) == (int(wanted), 0)
    assert Session.objects.count() == 3 + wanted


# Closing


def test_a_campaign_closes_once_every_session_is_settled(scene: Scene) -> None:
    sessions = scene.publish()
    with pytest.raises(ConflictError) as refused:
        close_campaign(campaign=scene.campaign, author=scene.coordinator)
    assert refused.value.code == "sessions_standing"
    for session in sessions:
        decline_session(session_id=session.pk, author=session.tutor, reason="De garde")
    close_campaign(campaign=scene.campaign, author=scene.coordinator)
    summary = summarise(scene.campaign)
    assert (summary.asked, summary.proposed, summary.met, summary.carried) == (3, 3, 0, 3)
    assert {request.campaigns_waited for request in requests_of(scene.campaign)} == {1}  # type: ignore[attr-defined]
