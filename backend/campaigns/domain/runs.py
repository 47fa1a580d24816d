"""A run: inputs frozen, solved, stored with its proof."""

import hashlib
import json

from django.db import transaction

import matching
from backend.accounts.models import Person
from backend.campaigns.domain.campaigns import move_campaign
from backend.campaigns.domain.instance import build_problem, period_of
from backend.campaigns.enums import CampaignState, RunState
from backend.campaigns.models import Campaign, Proposal, Run, Unserved
from backend.common.clock import now
from backend.common.errors import ConflictError
from backend.networks.enums import Role
from backend.networks.rules import require_role
from backend.tutoring.enums import Modality
from matching.records import REMOTE, SITE_PREFIX

COMPUTABLE_STATES = {CampaignState.COLLECTING, CampaignState.REVIEW}


@transaction.atomic
def freeze_run(*, campaign: Campaign, author: Person, seed: int = 0, time_limit: float | None = None) -> Run:
    """Store what the engine will be given, with its hash; later changes do not reach this run."""
    require_role(author, campaign.network, Role.COORDINATOR)
    if campaign.state not in COMPUTABLE_STATES:
        raise ConflictError("Cette campagne n’en est plus au calcul.", code="not_computable")
    text = matching.problem_to_json(build_problem(campaign, not_before=now()))
    return Run.objects.create(
        campaign=campaign,
        author=author,
        seed=seed,
        time_limit=time_limit,
        instance=json.loads(text),
        instance_hash=hash_instance(text),
    )


def execute_run(*, run: Run, on_progress: matching.OnProgress | None = None) -> Run:
    """Solve a frozen run and store the answer, once. The solver works outside any transaction."""
    if run.state != RunState.PENDING:
        return run
    problem = matching.read_problem(json.dumps(run.instance).encode())
    parameters = matching.SolveParameters(time_limit=run.time_limit, seed=run.seed)
    return _store_result(run, matching.solve(problem, parameters, on_progress))


def hash_instance(text: str) -> str:
    """SHA-256 of an instance in canonical JSON, whatever the layout of ``text``."""
    canonical = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@transaction.atomic
def _store_result(run: Run, result: matching.Result) -> Run:
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=run.campaign_id)
    stored = Run.objects.get(pk=run.pk)
    if stored.state != RunState.PENDING:
        return stored
    run.state, run.finished_at = RunState.DONE, now()
    run.status, run.engine, run.seconds = result.status, result.engine, result.seconds.total
    run.objective, run.bound, run.gap, run.served = result.objective, result.bound, result.gap, result.served
    run.solution = json.loads(matching.solution_to_json(result))
    run.save()
    Proposal.objects.bulk_create(_proposal(run, campaign, match) for match in result.matches)
    Unserved.objects.bulk_create(_unserved(run, row) for row in run.solution["unserved"])
    if campaign.state == CampaignState.COLLECTING:
        move_campaign(campaign, CampaignState.REVIEW, author=run.author)
    return run


def _proposal(run: Run, campaign: Campaign, match: matching.Match) -> Proposal:
    remote = match.modality == REMOTE
    return Proposal(
        run=run,
        request_id=int(match.request),
        tutor_id=int(match.tutor),
        starts_at=period_of(campaign).start_of(match.start),
        modality=Modality.REMOTE if remote else Modality.ON_SITE,
        site_id=None if remote else int(match.modality.removeprefix(SITE_PREFIX)),
    )


def _unserved(run: Run, row: dict[str, object]) -> Unserved:
    return Unserved(
        run=run,
        request_id=int(str(row["request"])),
        reason=str(row["reason"]),
        detail=str(row["detail"]),
        unblock=row["unblock"],
    )
