"""A run as a job: its row says who works on it, and until when that may be believed.

A worker claims a queued run by a conditional update, renews its lease while the solver works aside, and stores the
answer only if the lease is still its own. So a job may be queued twice, and a worker may die or sleep: the answer is
stored once.
"""

import datetime as dt
import json
import logging
import secrets
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q

import matching
from backend.campaigns.domain.results import store_result
from backend.campaigns.enums import RUN_MOVES, RunState
from backend.campaigns.models import Run, RunProgress
from backend.common.clock import now
from backend.events.bus import publish
from backend.events.types import RunProgressed, RunQueued
from matching.progress import INTERVAL

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=20)
SECONDS_BETWEEN_RENEWALS = 5.0
# What waits for a worker this long may have lost its task with the process that should have queued it.
PATIENCE = dt.timedelta(minutes=1)
MOST_ATTEMPTS = 3
GIVEN_UP = "Le calcul s’est interrompu plusieurs fois."


@dataclass
class Job:
    """A claimed run: what its solver says, and whether to go on."""

    run_id: int
    campaign_id: int
    key: str
    also: matching.OnProgress | None = None
    latest: matching.Progress | None = None
    told: tuple[int, int | None, int] | None = None
    stop: bool = False
    renewed: float = field(default_factory=time.monotonic)

    def hear(self, progress: matching.Progress) -> bool:
        """Called by the solver, in its own thread: no database here."""
        self.latest = progress
        if self.also:
            self.also(progress)
        return not self.stop

    def beat(self) -> None:
        """Store what is new, renew the lease, and stop if that was asked or if the lease is lost."""
        mine = Run.objects.filter(pk=self.run_id, state=RunState.RUNNING, lease_key=self.key)
        asked = list(mine.values_list("cancel_asked_at", flat=True))
        if not asked or asked[0] is not None:
            self.stop = True
            return
        if time.monotonic() - self.renewed >= SECONDS_BETWEEN_RENEWALS:
            mine.update(leased_until=now() + LEASE)
            self.renewed = time.monotonic()
        self.tell()

    @transaction.atomic
    def tell(self) -> None:
        """Leave a row if objective, bound or served requests changed."""
        latest = self.latest
        if latest is None or (latest.objective, latest.bound, latest.served) == self.told:
            return
        self.told = (latest.objective, latest.bound, latest.served)
        RunProgress.objects.create(
            run_id=self.run_id,
            elapsed=latest.elapsed,
            objective=latest.objective,
            bound=latest.bound,
            served=latest.served,
        )
        publish(RunProgressed(self.run_id, self.campaign_id))


def execute_run(*, run: Run, on_progress: matching.OnProgress | None = None) -> Run:
    """Solve a queued run and store the answer, once; whoever comes second does nothing. No transaction is held."""
    key = claim_run(run)
    if key:
        job = Job(run.pk, run.campaign_id, key, also=on_progress)
        try:
            _work(job)
        except Exception as error:
            _give_up(job, error)
            raise
    run.refresh_from_db()
    return run


@transaction.atomic
def claim_run(run: Run) -> str:
    """Take a queued run for oneself alone; the key that proves it, empty if somebody else was first."""
    key = secrets.token_hex(16)
    claimed = _move(
        run.pk,
        RunState.RUNNING,
        key="",
        attempts=F("attempts") + 1,
        lease_key=key,
        leased_until=now() + LEASE,
        started_at=now(),
        version=matching.engine_version(),
    )
    if not claimed:
        return ""
    RunProgress.objects.filter(run=run).delete()
    publish(RunProgressed(run.pk, run.campaign_id))
    return key


@transaction.atomic
def take_back_runs() -> int:
    """Queue again what a dead worker held, and what nobody took; how many. Safe to run at any time, twice at once."""
    held = Run.objects.filter(leased_until__lt=now(), state=RunState.RUNNING).defer("instance", "solution")
    taken_back = sum(_take_back(run) for run in list(held))
    waiting = Run.objects.filter(_unleased(), state=RunState.QUEUED, created_at__lt=now() - PATIENCE)
    return taken_back + sum(queue_run(run_id) for run_id in list(waiting.values_list("pk", flat=True)))


@transaction.atomic
def queue_run(run_id: int) -> bool:
    """Ask for a worker; asking once more, after a while, harms nobody."""
    asked = Run.objects.filter(_unleased(), pk=run_id, state=RunState.QUEUED).update(leased_until=now() + PATIENCE)
    if asked:
        publish(RunQueued(run_id))
    return bool(asked)


def _work(job: Job) -> None:
    """The solver works in a thread of its own, which never sees the database; ours keeps the lease."""
    run = Run.objects.get(pk=job.run_id)
    problem = matching.read_problem(json.dumps(run.instance).encode())
    parameters = matching.SolveParameters(time_limit=run.time_limit, seed=run.seed)
    with ThreadPoolExecutor(1, thread_name_prefix="tandem-solver") as pool:
        answer = pool.submit(matching.solve, problem, parameters, job.hear)
        try:
            _keep_watch(job, answer)
        finally:
            job.stop = True
    _conclude(job, answer.result())


def _keep_watch(job: Job, answer: Future[matching.Result]) -> None:
    while not wait([answer], timeout=INTERVAL).done:
        job.beat()


@transaction.atomic
def _conclude(job: Job, result: matching.Result) -> None:
    """Store the answer, or that it was not wanted any more."""
    cancelled = Run.objects.filter(pk=job.run_id, cancel_asked_at__isnull=False).exists()
    if cancelled:
        _move(job.run_id, RunState.CANCELLED, key=job.key, finished_at=now())
    elif _move(job.run_id, RunState.DONE, key=job.key, finished_at=now()):
        store_result(Run.objects.get(pk=job.run_id), result)
        last = matching.Progress(result.seconds.total, result.objective or 0, result.bound, result.served)
        job.latest, job.told = last, None
        job.tell()
    else:
        logger.warning("run %s: its lease was lost, the answer of this worker is dropped", job.run_id)
    publish(RunProgressed(job.run_id, job.campaign_id))


def _take_back(run: Run) -> bool:
    """The lease ran out; whoever held it will not store anything any more."""
    publish(RunProgressed(run.pk, run.campaign_id))
    move = partial(_move, run.pk, key=run.lease_key, only=Q(leased_until__lt=now()))
    if run.cancel_asked_at is not None:
        return move(target=RunState.CANCELLED, finished_at=now())
    if run.attempts >= MOST_ATTEMPTS:
        return move(target=RunState.FAILED, finished_at=now(), error=GIVEN_UP)
    return move(target=RunState.QUEUED, leased_until=None) and queue_run(run.pk)


@transaction.atomic
def _give_up(job: Job, error: Exception) -> None:
    """The same instance would fail again: the run does not go back to the queue."""
    told = f"{type(error).__name__}: {error}"[:300]
    _move(job.run_id, RunState.FAILED, key=job.key, finished_at=now(), error=told)
    publish(RunProgressed(job.run_id, job.campaign_id))


def _unleased() -> Q:
    return Q(leased_until=None) | Q(leased_until__lt=now())


def _move(run_id: int, target: RunState, *, key: str, only: Q | None = None, **changes: Any) -> bool:
    """Move a run if it is where the table allows it from, under this very lease; whether that was so."""
    sources = [source for source, targets in RUN_MOVES.items() if target in targets]
    rows = Run.objects.filter(only or Q(), pk=run_id, state__in=sources, lease_key=key)
    return bool(rows.update(**{"state": target, "lease_key": "", **changes}))
