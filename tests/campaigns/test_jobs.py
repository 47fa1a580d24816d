"""A run as a job: claimed by one worker, taken back from a dead one, stopped on demand, its answer stored once."""

import datetime as dt
import json
import threading
from functools import partial

import pytest
from django.db import connection, transaction
from django_tasks_db.models import DBTaskResult

import matching
from backend.accounts.models import Person
from backend.campaigns.domain import jobs
from backend.campaigns.domain.jobs import LEASE, MOST_ATTEMPTS, Job, claim_run, execute_run, take_back_runs
from backend.campaigns.domain.runs import RunSettings, cancel_run, freeze_run, start_run
from backend.campaigns.enums import RUN_MOVES, UNDER_WAY, CampaignState, Preset, RunState
from backend.campaigns.models import Campaign, Proposal, Run, RunProgress
from backend.campaigns.tasks import solve_run, tick_runs
from backend.common.clock import told_at
from backend.common.errors import ConflictError, NotFoundError, RoleRequiredError
from backend.events.types import Event, RunProgressed, RunQueued
from backend.networks.enums import Role
from backend.networks.models import Network
from tests.support.campaign_scene import TODAY, make_campaign, make_requests, make_tutor
from tests.support.factories import NetworkFactory, NotionFactory, make_member
from tests.support.processes import python_beside, work_off_the_queue
from tests.support.racing import count_outcomes, race

LATER = TODAY + LEASE + dt.timedelta(seconds=1)


@pytest.fixture
def ready(campaign: Campaign, network: Network) -> Campaign:
    """A campaign with one request that can be met."""
    notion = NotionFactory.create()
    make_tutor(network, notion)
    make_requests(network, [notion])
    return campaign


def queued() -> list[int]:
    return [row.args_kwargs["args"][0] for row in DBTaskResult.objects.order_by("enqueued_at")]


# Asking


def test_a_run_is_queued_once_its_row_is_committed(
    ready: Campaign, coordinator: Person, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:  # type: ignore[operator]
        run = start_run(campaign=ready, author=coordinator)
        assert queued() == []
    assert (run.state, run.attempts, run.requests) == ("queued", 0, 1)
    for callback in callbacks:
        callback()
    assert queued() == [run.pk]
    solve_run.call(run.pk)
    run.refresh_from_db()
    assert (run.state, run.served, run.attempts) == ("done", 1, 1)
    assert run.version.startswith("tandem ")
    solve_run.call(run.pk + 1000)


def test_the_same_computation_is_not_queued_twice(ready: Campaign, coordinator: Person) -> None:
    run = start_run(campaign=ready, author=coordinator)
    with pytest.raises(ConflictError) as refused:
        start_run(campaign=ready, author=coordinator)
    assert refused.value.code == "running"
    other = start_run(campaign=ready, author=coordinator, settings=RunSettings(session_minutes=30))
    assert (other.session_minutes, other.instance["session_cells"]) == (30, 2)
    execute_run(run=run)
    assert start_run(campaign=ready, author=coordinator).pk


def test_settings_of_a_run_are_its_own(ready: Campaign, coordinator: Person) -> None:
    settings = RunSettings(session_minutes=60, group_size_max=3, preset=Preset.URGENCIES, seed=7)
    run = start_run(campaign=ready, author=coordinator, settings=settings)
    stored = Run.objects.get()
    assert (stored.session_minutes, stored.group_size_max, stored.preset, stored.seed) == (60, 3, "urgencies", 7)
    assert stored.factors == {"urgency": 2, "gap": 1, "waiting": 1, "site": 1}
    assert (run.instance["session_cells"], run.instance["group_size_max"]) == (4, 3)


def test_runs_are_the_coordinators(ready: Campaign, coordinator: Person, network: Network) -> None:
    run = start_run(campaign=ready, author=coordinator)
    tutor = make_member(network, Role.TUTOR, Role.LEARNER, Role.AUDITOR)
    stranger = make_member(NetworkFactory.create(), Role.COORDINATOR)
    for author, error in ((tutor, RoleRequiredError), (stranger, NotFoundError)):
        with pytest.raises(error):
            cancel_run(run=run, author=author)
        with pytest.raises(error):
            start_run(campaign=ready, author=author)
    assert Run.objects.get().state == RunState.QUEUED


# Working


def test_only_one_worker_claims(ready: Campaign, coordinator: Person) -> None:
    run = start_run(campaign=ready, author=coordinator)
    key = claim_run(run)
    assert len(key) == 32
    assert claim_run(run) == ""
    assert execute_run(run=run).state == RunState.RUNNING
    assert Proposal.objects.count() == 0


def test_progress_leaves_a_row_only_when_something_changed(ready: Campaign, coordinator: Person) -> None:
    run = start_run(campaign=ready, author=coordinator)
    job = Job(run.pk, ready.pk, claim_run(run))
    for elapsed, objective, bound in [(0.1, 5, None), (0.3, 5, None), (0.5, 5, 9), (0.7, 5, 9), (0.9, 9, 9)]:
        assert job.hear(matching.Progress(elapsed, objective, bound, 1))
        job.beat()
    assert [(row.elapsed, row.objective, row.bound) for row in run.progress.all()] == [
        (0.1, 5, None),
        (0.5, 5, 9),
        (0.9, 9, 9),
    ]


def test_each_row_of_progress_is_news(ready: Campaign, coordinator: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Event] = []
    monkeypatch.setattr(jobs, "publish", heard.append)
    run = start_run(campaign=ready, author=coordinator)
    assert heard == [RunQueued(run.pk)]
    heard.clear()
    job = Job(run.pk, ready.pk, claim_run(run))
    job.hear(matching.Progress(0.1, 5, None, 1))
    job.beat()
    job.beat()
    assert heard == [RunProgressed(run.pk, ready.pk)] * 2


def test_a_worker_renews_its_lease(ready: Campaign, coordinator: Person) -> None:
    run = start_run(campaign=ready, author=coordinator)
    job = Job(run.pk, ready.pk, claim_run(run))
    with told_at(LATER):
        job.beat()
        assert Run.objects.get().leased_until == TODAY + LEASE
        job.renewed -= 60
        job.beat()
        assert Run.objects.get().leased_until == LATER + LEASE
        assert take_back_runs() == 0


def test_an_answer_under_a_lost_lease_is_dropped(ready: Campaign, coordinator: Person) -> None:
    """A worker that slept: meanwhile the run was taken back, and is another's."""
    run = start_run(campaign=ready, author=coordinator)
    sleeper = Job(run.pk, ready.pk, claim_run(run))
    with told_at(LATER):
        assert take_back_runs() == 1
        other = claim_run(run)
        sleeper.beat()
        assert not sleeper.hear(matching.Progress(1.0, 5, 9, 1))
        problem = matching.read_problem(json.dumps(run.instance).encode())
        jobs._conclude(sleeper, matching.solve(problem))
    stored = Run.objects.get()
    assert (stored.state, stored.lease_key, Proposal.objects.count()) == ("running", other, 0)


# Dying


def test_what_a_dead_worker_held_is_queued_again(ready: Campaign, coordinator: Person) -> None:
    run = start_run(campaign=ready, author=coordinator)
    job = Job(run.pk, ready.pk, claim_run(run))
    job.hear(matching.Progress(0.1, 5, None, 1))
    job.beat()
    assert take_back_runs() == 0
    with told_at(LATER):
        tick_runs.call()
        tick_runs.call()
        stored = Run.objects.get()
        assert (stored.state, stored.attempts, stored.lease_key) == ("queued", 1, "")
        done = execute_run(run=stored)
    assert (done.state, done.attempts, done.served) == ("done", 2, 1)
    assert not RunProgress.objects.filter(elapsed=0.1, objective=5).exists()


def test_a_run_that_kills_its_workers_is_given_up(ready: Campaign, coordinator: Person) -> None:
    run = start_run(campaign=ready, author=coordinator)
    for rank in range(MOST_ATTEMPTS):
        with told_at(TODAY + rank * dt.timedelta(minutes=5)):
            assert claim_run(run)
        with told_at(TODAY + rank * dt.timedelta(minutes=5) + LEASE * 2):
            take_back_runs()
    stored = Run.objects.get()
    assert (stored.state, stored.attempts, stored.error) == ("failed", 3, "Le calcul s’est interrompu plusieurs fois.")


def test_a_run_whose_task_was_lost_is_queued_again(ready: Campaign, coordinator: Person) -> None:
    run = start_run(campaign=ready, author=coordinator)
    DBTaskResult.objects.all().delete()
    with told_at(TODAY + dt.timedelta(seconds=50)):
        assert take_back_runs() == 0
    with told_at(TODAY + dt.timedelta(seconds=61)):
        assert (take_back_runs(), take_back_runs()) == (1, 0)
    run.refresh_from_db()
    assert run.state == RunState.QUEUED


def test_a_solver_that_fails_says_so_at_once(ready: Campaign, coordinator: Person) -> None:
    run = start_run(campaign=ready, author=coordinator)
    Run.objects.update(instance={"format": "nonsense"})
    with pytest.raises(matching.BadInstance):
        execute_run(run=run)
    stored = Run.objects.get()
    assert (stored.state, stored.error[:12]) == ("failed", "BadInstance:")
    assert stored.finished_at == TODAY


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_search_loses_nothing(network: Network, coordinator: Person) -> None:
    """Kill -9 while the solver works; the tick gives the run to a worker that lives, and the answer is stored once."""
    with told_at(TODAY):
        ready = make_campaign(network, coordinator)
        notion = NotionFactory.create()
        make_tutor(network, notion)
        make_requests(network, [notion])
        run = freeze_run(campaign=ready, author=coordinator)
    with python_beside(STALLED.format(run=run.pk)) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "searching\n"
        assert Run.objects.get().state == RunState.RUNNING
        worker.kill()
        worker.wait(timeout=30)
    held_until = Run.objects.get().leased_until
    assert held_until is not None
    with told_at(held_until + dt.timedelta(seconds=1)):
        assert take_back_runs() == 1
    work_off_the_queue()
    run.refresh_from_db()
    assert (run.state, run.attempts, run.served) == ("done", 2, 1)
    assert Proposal.objects.count() == 1


STALLED = """
import threading
from backend.campaigns.domain.jobs import execute_run
from backend.campaigns.models import Run
def stall(progress):
    print("searching", flush=True)
    threading.Event().wait()
execute_run(run=Run.objects.get(pk={run}), on_progress=stall)
"""


# Stopping


def test_a_queued_run_is_stopped_at_once(ready: Campaign, coordinator: Person) -> None:
    run = cancel_run(run=start_run(campaign=ready, author=coordinator), author=coordinator)
    assert (run.state, run.finished_at) == ("cancelled", TODAY)
    assert execute_run(run=run).state == RunState.CANCELLED
    with pytest.raises(ConflictError) as refused:
        cancel_run(run=run, author=coordinator)
    assert refused.value.code == "not_under_way"


@pytest.mark.django_db(transaction=True)
def test_a_running_search_is_stopped_through_its_row(network: Network, coordinator: Person) -> None:
    with told_at(TODAY):
        ready = make_campaign(network, coordinator)
        run = freeze_run(campaign=ready, author=coordinator)

        def stop(progress: matching.Progress) -> None:
            try:
                cancel_run(run=run, author=coordinator)
            finally:
                connection.close()

        stopped = execute_run(run=Run.objects.get(), on_progress=stop)
    assert (stopped.state, stopped.solution, Proposal.objects.count()) == ("cancelled", None, 0)
    ready.refresh_from_db()
    assert ready.state == CampaignState.COLLECTING


def test_a_run_to_stop_whose_worker_died_is_stopped(ready: Campaign, coordinator: Person) -> None:
    run = start_run(campaign=ready, author=coordinator)
    claim_run(run)
    cancel_run(run=run, author=coordinator)
    assert Run.objects.get().state == RunState.RUNNING
    with told_at(LATER):
        take_back_runs()
    assert Run.objects.get().state == RunState.CANCELLED


def test_states_of_a_run_that_is_under_way_are_those_it_can_leave() -> None:
    assert set(RUN_MOVES) == set(UNDER_WAY)


# Races


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_twenty_workers_claim_one_run(network: Network, coordinator: Person) -> None:
    with told_at(TODAY):
        run = freeze_run(campaign=make_campaign(network, coordinator), author=coordinator)
    keys = race([partial(claim_run, Run.objects.get(pk=run.pk))] * 20)
    assert len([key for key in keys if key]) == 1
    assert Run.objects.get().attempts == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_guard_several_would_claim(
    network: Network, coordinator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a claim that reads first and writes then is won by many."""

    def move_unguarded(run_id: int, target: RunState, *, key: str, **changes: object) -> bool:
        free = Run.objects.get(pk=run_id).state == RunState.QUEUED
        race_point.wait(timeout=30)
        return free and bool(Run.objects.filter(pk=run_id).update(state=target, **changes))

    race_point = threading.Barrier(10)
    monkeypatch.setattr(jobs, "_move", move_unguarded)
    with told_at(TODAY):
        run = freeze_run(campaign=make_campaign(network, coordinator), author=coordinator)
    keys = race([partial(claim_run, Run.objects.get(pk=run.pk))] * 10)
    assert len([key for key in keys if key]) > 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_ten_clicks_make_one_run(network: Network, coordinator: Person) -> None:
    with told_at(TODAY):
        ready = make_campaign(network, coordinator)

    def click() -> None:
        with told_at(TODAY), transaction.atomic():
            start_run(campaign=Campaign.objects.get(pk=ready.pk), author=coordinator)

    assert count_outcomes(race([click] * 10)) == {"ok": 1, "running": 9}
    assert Run.objects.count() == 1
