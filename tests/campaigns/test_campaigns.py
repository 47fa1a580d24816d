"""A campaign: opened, computed, published once, closed."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError

import matching
from backend.accounts.models import Person
from backend.agenda.domain.occupancy import Claim, take_cells
from backend.agenda.models import Occupancy
from backend.campaigns.domain.campaigns import access_campaign_for, close_campaign, move_campaign
from backend.campaigns.domain.publication import answer_deadline, publish_run
from backend.campaigns.domain.runs import execute_run, freeze_run, hash_instance
from backend.campaigns.enums import CampaignState, RunState
from backend.campaigns.models import Campaign, Proposal, Run, Unserved
from backend.common.clock import cell_at, told_at
from backend.common.errors import ConflictError, ForbiddenMoveError, NotFoundError, RoleRequiredError
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.models import Notion
from backend.tutoring.models import Session
from tests.support.campaign_scene import TODAY, compute, make_campaign, make_requests, make_tutor
from tests.support.factories import NetworkFactory, NotionFactory, make_member

THURSDAY_NOON = dt.datetime(2026, 12, 10, 11, tzinfo=dt.UTC)
WINDOWS = [
    (THURSDAY_NOON + dt.timedelta(weeks=week), THURSDAY_NOON + dt.timedelta(weeks=week, hours=2)) for week in (0, 1)
]


@pytest.fixture
def notion() -> Notion:
    found: Notion = NotionFactory.create()
    return found


# Opening and closing


def test_an_opened_campaign_collects(campaign: Campaign, coordinator: Person) -> None:
    assert campaign.state == CampaignState.COLLECTING
    rows = campaign.transitions.values_list("source", "target", "author")
    assert list(rows) == [("", "draft", coordinator.pk), ("draft", "collecting", coordinator.pk)]


@pytest.mark.parametrize(
    "changes",
    [
        {"first_day": dt.date(2026, 12, 8)},
        {"weeks": 0},
        {"weeks": 13},
        {"session_minutes": 50},
        {"group_size_max": 0},
        {"preset": "mine"},
        {"title": ""},
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused(
    changes: dict[str, Any], network: Network, coordinator: Person
) -> None:
    with pytest.raises(ValidationError):
        make_campaign(network, coordinator, **changes)
    assert not Campaign.objects.exists()


def test_campaigns_are_the_coordinators(campaign: Campaign, network: Network, coordinator: Person) -> None:
    tutor = make_member(network, Role.TUTOR, Role.LEARNER, Role.AUDITOR)
    stranger = make_member(NetworkFactory.create(), Role.COORDINATOR)
    run = Run(campaign=campaign, state=RunState.DONE)
    for author, error in ((tutor, RoleRequiredError), (stranger, NotFoundError)):
        for attempt in (
            lambda author=author: make_campaign(network, author),
            lambda author=author: access_campaign_for(author, campaign.pk),
            lambda author=author: freeze_run(campaign=campaign, author=author),
            lambda author=author: publish_run(run=run, author=author),
            lambda author=author: close_campaign(campaign=campaign, author=author),
        ):
            with pytest.raises(error):
                attempt()
    with pytest.raises(NotFoundError):
        access_campaign_for(stranger, campaign.pk + 1000)
    assert access_campaign_for(coordinator, campaign.pk) == campaign


def test_only_a_published_campaign_closes(campaign: Campaign, coordinator: Person) -> None:
    with pytest.raises(ForbiddenMoveError):
        close_campaign(campaign=campaign, author=coordinator)
    publish_run(run=compute(campaign, coordinator), author=coordinator)
    assert close_campaign(campaign=campaign, author=coordinator).state == CampaignState.CLOSED


# Runs


def test_a_frozen_run_is_stable(campaign: Campaign, coordinator: Person, network: Network, notion: Notion) -> None:
    make_tutor(network, notion)
    make_requests(network, [notion])
    runs = [freeze_run(campaign=campaign, author=coordinator, seed=seed) for seed in (0, 1)]
    assert runs[0].instance_hash == runs[1].instance_hash == hash_instance(json.dumps(runs[0].instance))
    assert hash_instance(json.dumps(runs[0].instance, indent=3, sort_keys=True)) == runs[0].instance_hash
    assert len(runs[0].instance["requests"]) == 1
    make_requests(network, [notion])
    later = freeze_run(campaign=campaign, author=coordinator)
    assert later.instance_hash != runs[0].instance_hash
    stored = Run.objects.get(pk=runs[0].pk)
    assert len(stored.instance["requests"]) == 1
    assert hash_instance(json.dumps(stored.instance)) == stored.instance_hash


def test_a_run_stores_its_answer_and_its_proof(
    campaign: Campaign, coordinator: Person, network: Network, notion: Notion
) -> None:
    tutor = make_tutor(network, notion)
    (served,) = make_requests(network, [notion])
    (alone,) = make_requests(network, [NotionFactory.create()])
    seen: list[matching.Progress] = []
    run = execute_run(run=freeze_run(campaign=campaign, author=coordinator), on_progress=seen.append)
    stored = Run.objects.get()
    assert stored == run
    assert (stored.state, stored.status, stored.served, stored.gap) == ("done", "optimal", 1, 0.0)
    assert stored.objective == stored.bound
    assert stored.objective is not None
    assert stored.objective >= 1250
    assert (stored.finished_at, stored.published_at) == (TODAY, None)
    assert stored.seconds is not None
    proposal = Proposal.objects.get()
    assert (proposal.request, proposal.tutor, proposal.modality, proposal.session) == (served, tutor, "remote", None)
    assert any(start <= proposal.starts_at <= end - dt.timedelta(minutes=45) for start, end in WINDOWS)
    left = Unserved.objects.get()
    assert (left.request, left.reason) == (alone, "no_tutor")
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.REVIEW
    problem = matching.read_problem(json.dumps(stored.instance).encode())
    assert matching.solve(problem).objective == stored.objective


def test_a_run_is_stored_once(campaign: Campaign, coordinator: Person, network: Network, notion: Notion) -> None:
    make_tutor(network, notion)
    make_requests(network, [notion])
    run = freeze_run(campaign=campaign, author=coordinator)
    twin = Run.objects.get()
    first = execute_run(run=run)
    for again in (run, twin):
        assert execute_run(run=again).finished_at == first.finished_at
    assert Proposal.objects.count() == 1


def test_a_published_campaign_computes_no_more(campaign: Campaign, coordinator: Person) -> None:
    publish_run(run=compute(campaign, coordinator), author=coordinator)
    campaign.refresh_from_db()
    with pytest.raises(ConflictError) as refused:
        freeze_run(campaign=campaign, author=coordinator)
    assert refused.value.code == "not_computable"


# Publishing


def test_publishing_proposes_every_session(
    campaign: Campaign, coordinator: Person, network: Network, notion: Notion
) -> None:
    tutor = make_tutor(network, notion)
    first, second = make_requests(network, [notion] * 2)
    run = compute(campaign, coordinator)
    outcome = publish_run(run=run, author=coordinator)
    assert outcome.left_out == ()
    sessions = list(Session.objects.all())
    assert len(sessions) == 2
    assert {session.tutor for session in sessions} == {tutor}
    assert {session.state for session in sessions} == {"proposed"}
    assert {session.answer_by for session in sessions} == {answer_deadline(network, since=TODAY)}
    linked = {proposal.request_id: proposal.session for proposal in Proposal.objects.all()}
    assert {key: session and session.participations.get().request_id for key, session in linked.items()} == {
        first.pk: first.pk,
        second.pk: second.pk,
    }
    for request in (first, second):
        request.refresh_from_db()
        assert request.state == RequestState.PLANNED
    campaign.refresh_from_db()
    run.refresh_from_db()
    assert (campaign.state, run.published_at) == (CampaignState.PUBLISHED, TODAY)


def test_learners_of_one_group_share_a_session(network: Network, coordinator: Person, notion: Notion) -> None:
    with told_at(TODAY):
        campaign = make_campaign(network, coordinator, group_size_max=3)
        make_tutor(network, notion, hours=1)
        requests = make_requests(network, [notion] * 3, group_ok=True)
        publish_run(run=compute(campaign, coordinator), author=coordinator)
    session = Session.objects.get()
    assert {part.request for part in session.participations.all()} == set(requests)
    assert Occupancy.objects.count() == 4 * 3


def test_the_second_to_publish_is_told(
    campaign: Campaign, coordinator: Person, network: Network, notion: Notion
) -> None:
    make_tutor(network, notion)
    make_requests(network, [notion])
    run, other = compute(campaign, coordinator), compute(campaign, coordinator)
    publish_run(run=run, author=coordinator)
    for again in (run, other):
        with pytest.raises(ConflictError) as refused:
            publish_run(run=again, author=make_member(network, Role.COORDINATOR))
        assert refused.value.code == "not_publishable"
    assert Session.objects.count() == 1
    assert Run.objects.exclude(published_at=None).get() == run


def test_a_run_that_has_not_ended_is_not_published(campaign: Campaign, coordinator: Person) -> None:
    run = freeze_run(campaign=campaign, author=coordinator)
    move_campaign(campaign, CampaignState.REVIEW, author=coordinator)
    with pytest.raises(ConflictError):
        publish_run(run=run, author=coordinator)


@pytest.mark.parametrize("change", ["taken", "withdrawn", "suspended", "late"])
def test_what_no_longer_fits_is_left_out(
    change: str, campaign: Campaign, coordinator: Person, network: Network
) -> None:
    notions = NotionFactory.create_batch(2)
    tutors = [make_tutor(network, notion) for notion in notions]
    gone, stays = make_requests(network, notions)
    run = compute(campaign, coordinator)
    proposal = run.proposals.get(request=gone)
    when = TODAY
    if change == "taken":
        ends_at = proposal.starts_at + dt.timedelta(minutes=15)
        take_cells(claims=[Claim("session:999", (tutors[0].pk,), proposal.starts_at, ends_at)])
    elif change == "withdrawn":
        move_request(request=gone, target=RequestState.WITHDRAWN, author=gone.person)
    elif change == "suspended":
        gone.person.memberships.update(suspended_at=TODAY)
    else:
        run.proposals.filter(request=stays).update(starts_at=WINDOWS[1][0])
        Proposal.objects.filter(pk=proposal.pk).update(starts_at=WINDOWS[0][0])
        when = WINDOWS[0][0]
    with told_at(when):
        outcome = publish_run(run=run, author=coordinator)
    assert [draft.requests for draft in outcome.left_out] == [(gone,)]
    assert [part.request for session in Session.objects.all() for part in session.participations.all()] == [stays]
    assert list(run.proposals.filter(session=None)) == [proposal]
    gone.refresh_from_db()
    assert gone.state == (RequestState.WITHDRAWN if change == "withdrawn" else RequestState.OPEN)
    held = Occupancy.objects.filter(person=gone.person_id, cell__gte=cell_at(TODAY))
    assert not held.exists()


@pytest.mark.parametrize(
    ("zone", "days", "since", "expected"),
    [
        # Thursday: Friday, Monday, Tuesday, and until its midnight there.
        ("Europe/Paris", 3, "2026-12-03T10:00+01:00", "2026-12-09T00:00+01:00"),
        ("Europe/Paris", 1, "2026-12-03T10:00+01:00", "2026-12-05T00:00+01:00"),
        ("Europe/Paris", 1, "2026-12-04T23:59+01:00", "2026-12-08T00:00+01:00"),
        ("Europe/Paris", 3, "2026-12-05T10:00+01:00", "2026-12-10T00:00+01:00"),
        ("Europe/Paris", 3, "2026-12-06T23:30+01:00", "2026-12-10T00:00+01:00"),
        ("Europe/Paris", 30, "2026-12-07T10:00+01:00", "2027-01-19T00:00+01:00"),
        # Friday evening in Paris is Saturday in Réunion already, and still Friday afternoon in Cayenne.
        ("Indian/Reunion", 1, "2026-12-04T21:30+01:00", "2026-12-08T00:00+04:00"),
        ("America/Cayenne", 1, "2026-12-05T02:00+01:00", "2026-12-08T00:00-03:00"),
        ("Indian/Reunion", 3, "2026-12-03T23:00+01:00", "2026-12-10T00:00+04:00"),
        # The clock changes on the weekend between.
        ("Europe/Paris", 3, "2026-10-22T10:00+02:00", "2026-10-28T00:00+01:00"),
        ("Europe/Paris", 3, "2027-03-25T10:00+01:00", "2027-03-31T00:00+02:00"),
    ],
)
def test_working_days_to_answer(zone: str, days: int, since: str, expected: str) -> None:
    network = Network(timezone=zone, answer_days=days)
    assert answer_deadline(network, since=dt.datetime.fromisoformat(since)) == dt.datetime.fromisoformat(expected)
