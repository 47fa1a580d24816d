"""Between two runs: compare, choose, fix by hand, ask for a little more, read why, replay, hand out without names."""

import datetime as dt
import json
from functools import partial

import pytest

import matching
from backend.accounts.models import Person
from backend.campaigns.domain.choices import fix_choice, undo_choice
from backend.campaigns.domain.choosing import access_proposal_for, explain_proposal
from backend.campaigns.domain.comparison import compare_runs
from backend.campaigns.domain.favours import ask_favour
from backend.campaigns.domain.jobs import execute_run
from backend.campaigns.domain.numbered_files import number_files
from backend.campaigns.domain.publication import publish_run
from backend.campaigns.domain.runs import RunSettings, choose_run, replay_run, same_answer, start_run
from backend.campaigns.enums import ChoiceKind
from backend.campaigns.models import Campaign, Favour, FixedChoice, Run
from backend.common.clock import CELL, told_at
from backend.common.errors import ConflictError, NotFoundError, RoleRequiredError
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.notifications.models import Notification
from backend.referentials.models import Notion
from tests.support.campaign_scene import TODAY, compute, make_requests, make_tutor
from tests.support.factories import NetworkFactory, NotionFactory, make_member


@pytest.fixture
def notion() -> Notion:
    found: Notion = NotionFactory.create()
    return found


@pytest.fixture
def tutors(network: Network, notion: Notion) -> list[Person]:
    return [make_tutor(network, notion) for _ in range(2)]


@pytest.fixture
def requests(network: Network, notion: Notion) -> list[HelpRequest]:
    return make_requests(network, [notion] * 2)


@pytest.fixture
def run(campaign: Campaign, coordinator: Person, tutors: list[Person], requests: list[HelpRequest]) -> Run:
    return compute(campaign, coordinator)


def again(run: Run, author: Person) -> Run:
    settings = RunSettings(previous=run)
    return execute_run(run=start_run(campaign=Campaign.objects.get(), author=author, settings=settings))


def pairs(run: Run) -> dict[int, tuple[int, dt.datetime]]:
    return {row.request_id: (row.tutor_id, row.starts_at) for row in run.proposals.all()}


# By hand


def test_a_pin_holds_in_the_next_run_until_it_is_undone(run: Run, coordinator: Person, tutors: list[Person]) -> None:
    proposal = run.proposals.earliest("pk")
    other = next(tutor for tutor in tutors if tutor.pk != proposal.tutor_id)
    start = proposal.starts_at + 2 * CELL
    choice = fix_choice(
        run=run,
        author=coordinator,
        request_id=proposal.request_id,
        tutor_id=other.pk,
        kind=ChoiceKind.PIN,
        starts_at=start,
    )
    after = again(run, coordinator)
    assert pairs(after)[proposal.request_id] == (other.pk, start)
    assert after.instance["pinned"] == [
        {"request": str(proposal.request_id), "tutor": str(other.pk), "start": after.instance["pinned"][0]["start"]}
    ]
    undo_choice(campaign=run.campaign, choice_id=choice.pk, author=coordinator)
    assert again(run, coordinator).instance["pinned"] == []
    with pytest.raises(ConflictError) as refused:
        undo_choice(campaign=run.campaign, choice_id=choice.pk, author=coordinator)
    assert refused.value.code == "already_undone"


def test_a_forbidden_pair_does_not_meet(run: Run, coordinator: Person) -> None:
    proposal = run.proposals.earliest("pk")
    for _ in range(2):
        fix_choice(
            run=run,
            author=coordinator,
            request_id=proposal.request_id,
            tutor_id=proposal.tutor_id,
            kind=ChoiceKind.FORBID,
        )
    assert FixedChoice.objects.count() == 1
    after = pairs(again(run, coordinator))
    assert after[proposal.request_id][0] != proposal.tutor_id


def test_what_comes_later_replaces_what_it_contradicts(run: Run, coordinator: Person, tutors: list[Person]) -> None:
    first = run.proposals.earliest("pk")

    def fix(tutor: Person, kind: ChoiceKind, **when: dt.datetime) -> None:
        fix_choice(run=run, author=coordinator, request_id=first.request_id, tutor_id=tutor.pk, kind=kind, **when)

    fix(tutors[0], ChoiceKind.PIN, starts_at=first.starts_at)
    fix(tutors[1], ChoiceKind.PIN, starts_at=first.starts_at)
    fix(tutors[1], ChoiceKind.FORBID)
    standing = FixedChoice.objects.filter(undone_at=None)
    assert [(row.kind, row.tutor_id) for row in standing] == [("forbid", tutors[1].pk)]
    assert FixedChoice.objects.count() == 3


def test_pins_that_contradict_each_other_are_told(run: Run, coordinator: Person, tutors: list[Person]) -> None:
    for proposal in run.proposals.order_by("pk"):
        fix_choice(
            run=run,
            author=coordinator,
            request_id=proposal.request_id,
            tutor_id=tutors[0].pk,
            kind=ChoiceKind.PIN,
            starts_at=run.proposals.earliest("pk").starts_at,
        )
    after = again(run, coordinator)
    assert (after.state, after.status, after.proposals.count()) == ("done", "infeasible", 0)
    assert set(after.unserved.values_list("reason", flat=True)) == {"conflict"}


def test_a_run_with_few_changes_keeps_what_it_can(
    run: Run, coordinator: Person, network: Network, notion: Notion
) -> None:
    make_requests(network, [notion])
    after = again(run, coordinator)
    assert after.previous == run
    assert len(after.instance["previous"]) == 2
    assert pairs(run).items() <= pairs(after).items()


def test_choices_are_of_people_the_run_knows(run: Run, coordinator: Person, network: Network) -> None:
    proposal = run.proposals.earliest("pk")
    unknown = make_member(network, Role.TUTOR)
    for request, tutor in ((proposal.request_id, unknown.pk), (10**6, proposal.tutor_id)):
        with pytest.raises(NotFoundError):
            fix_choice(run=run, author=coordinator, request_id=request, tutor_id=tutor, kind=ChoiceKind.FORBID)
    with pytest.raises(ConflictError):
        fix_choice(
            run=run,
            author=coordinator,
            request_id=proposal.request_id,
            tutor_id=proposal.tutor_id,
            kind=ChoiceKind.PIN,
            starts_at=proposal.starts_at + dt.timedelta(minutes=1),
        )


def test_everything_is_the_coordinators(run: Run, network: Network) -> None:
    proposal = run.proposals.earliest("pk")
    tutor, stranger = make_member(network, Role.TUTOR), make_member(NetworkFactory.create(), Role.COORDINATOR)
    fix = partial(
        fix_choice, run=run, kind=ChoiceKind.FORBID, request_id=proposal.request_id, tutor_id=proposal.tutor_id
    )
    for author, error in ((tutor, RoleRequiredError), (stranger, NotFoundError)):
        for attempt in (
            lambda author=author: fix(author=author),
            lambda author=author: undo_choice(campaign=run.campaign, choice_id=1, author=author),
            lambda author=author: choose_run(run=run, author=author),
            lambda author=author: replay_run(run=run, author=author),
            lambda author=author: access_proposal_for(author, proposal.pk),
        ):
            with pytest.raises(error):
                attempt()


def test_nothing_is_fixed_once_published(run: Run, coordinator: Person) -> None:
    proposal = run.proposals.earliest("pk")
    publish_run(run=run, author=coordinator)
    with pytest.raises(ConflictError):
        fix_choice(
            run=run,
            author=coordinator,
            request_id=proposal.request_id,
            tutor_id=proposal.tutor_id,
            kind=ChoiceKind.FORBID,
        )
    with pytest.raises(ConflictError):
        choose_run(run=run, author=coordinator)


# Why


def test_why_this_tutor_adds_up_and_alternatives_have_their_price(
    run: Run, coordinator: Person, tutors: list[Person]
) -> None:
    proposal = access_proposal_for(coordinator, run.proposals.earliest("pk").pk)
    found = explain_proposal(proposal)
    assert found.choice.alternatives == 1
    assert found.choice.terms.total > 1000
    prices = [row.price for row in found.alternatives]
    assert prices == sorted(prices)
    assert min(prices) >= 0
    assert {row.match.tutor for row in found.alternatives} == {str(tutor.pk) for tutor in tutors}
    elsewhere = [row.price for row in found.alternatives if row.match.tutor != str(proposal.tutor_id)]
    assert min(elsewhere) == found.choice.loss


# Favours


def make_stuck(campaign: Campaign, coordinator: Person, network: Network, notion: Notion) -> Run:
    """More requests than the tutor has sessions."""
    make_tutor(network, notion, hours=1)
    make_requests(network, [notion] * 3)
    return compute(campaign, coordinator)


def test_asking_a_tutor_for_one_more_session_once(
    campaign: Campaign, coordinator: Person, network: Network, notion: Notion
) -> None:
    run = make_stuck(campaign, coordinator, network, notion)
    unserved = run.unserved.select_related("run").exclude(unblock=[]).earliest("pk")
    way = next(rank for rank, change in enumerate(unserved.unblock) if change["change"] == "session")
    favour = ask_favour(unserved=unserved, way=way, author=coordinator)
    assert (favour.kind, favour.person_id) == ("session", int(unserved.unblock[way]["tutor"]))
    assert Notification.objects.get(inbox__person=favour.person_id).url == "/mon-offre/"
    with pytest.raises(ConflictError) as refused:
        ask_favour(unserved=unserved, way=way, author=coordinator)
    assert refused.value.code == "already_asked"
    with pytest.raises(NotFoundError):
        ask_favour(unserved=unserved, way=99, author=coordinator)
    with pytest.raises(NotFoundError):
        ask_favour(unserved=unserved, way=way, author=make_member(NetworkFactory.create(), Role.COORDINATOR))
    assert Favour.objects.count() == 1


def test_asking_a_learner_for_a_time(run: Run, coordinator: Person, network: Network) -> None:
    row = run.proposals.earliest("pk")
    unserved = run.unserved.create(
        request_id=row.request_id,
        reason="no_common_slot",
        unblock=[
            {"change": "interval", "learner": str(row.request.person_id), "start": 336, "end": 339},
            {"change": "tutor", "notion": "1", "level": 2},
        ],
    )
    favour = ask_favour(unserved=unserved, way=0, author=coordinator)
    assert favour.starts_at is not None
    told = Notification.objects.get(inbox__person=row.request.person_id)
    assert (told.url, "jeudi 10" in told.title) == ("/mes-disponibilites/", True)
    with pytest.raises(NotFoundError):
        ask_favour(unserved=unserved, way=1, author=coordinator)


# Side by side


def test_runs_are_compared_and_one_is_chosen(run: Run, coordinator: Person, campaign: Campaign) -> None:
    other = execute_run(run=start_run(campaign=campaign, author=coordinator, settings=RunSettings(session_minutes=30)))
    last, first = compare_runs(campaign)
    assert (last.run, first.run) == (other, run)
    assert (first.minutes, last.minutes, first.sessions) == (90, 60, 2)
    assert (first.fewest, first.most, first.worst_off) == (1, 1, None)
    assert first.median_days == 7
    choose_run(run=run, author=coordinator)
    campaign.refresh_from_db()
    assert campaign.chosen_run == run
    again(run, coordinator)
    campaign.refresh_from_db()
    assert campaign.chosen_run is None


def test_a_replay_gives_the_same_answer_from_what_was_stored(
    run: Run, coordinator: Person, network: Network, notion: Notion
) -> None:
    make_requests(network, [notion])
    replay = replay_run(run=run, author=coordinator)
    with pytest.raises(ConflictError):
        replay_run(run=run, author=coordinator)
    replay = execute_run(run=replay)
    run.refresh_from_db()
    assert (replay.replay_of, replay.instance_hash, replay.requests) == (run, run.instance_hash, 2)
    assert same_answer(run, replay)
    other = compute(run.campaign, coordinator)
    assert not same_answer(run, other)


def test_files_of_a_run_name_nobody_and_mean_the_same(run: Run) -> None:
    instance, solution = number_files(run)
    text = json.dumps([instance, solution])
    people = {row["id"] for row in run.instance["people"]}
    assert not people & {row["id"] for row in instance["people"]}
    assert "infirmier" not in text
    problem = matching.read_problem(json.dumps(instance).encode())
    assert matching.solve(problem).objective == run.objective
    matches = [matching.Match(**row) for row in solution["matches"]]
    assert list(matching.Checker(problem).find_violations(matches)) == []
    assert matching.Checker(problem).objective(matches) == run.objective


def test_a_later_now_does_not_reach_a_replay(run: Run, coordinator: Person) -> None:
    with told_at(TODAY + dt.timedelta(weeks=1)):
        assert same_answer(run, execute_run(run=replay_run(run=run, author=coordinator)))
