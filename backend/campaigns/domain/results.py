"""What a solver found, as rows."""

import json

import matching
from backend.campaigns.domain.campaigns import move_campaign
from backend.campaigns.domain.instance import period_of
from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign, Proposal, Run, Unserved
from backend.tutoring.enums import Modality
from matching.records import REMOTE, SITE_PREFIX


def store_result(run: Run, result: matching.Result) -> None:
    """Proof, proposals and what was left out of a run, in the caller's transaction; its campaign is under review."""
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=run.campaign_id)
    run.status, run.engine, run.seconds = result.status, result.engine, result.seconds.total
    run.stopped = result.stopped or ""
    run.objective, run.bound, run.gap, run.served = result.objective, result.bound, result.gap, result.served
    run.solution = json.loads(matching.solution_to_json(result))
    run.save(
        update_fields=["status", "engine", "seconds", "stopped", "objective", "bound", "gap", "served", "solution"]
    )
    Proposal.objects.bulk_create(_proposal(run, campaign, match) for match in result.matches)
    Unserved.objects.bulk_create(_unserved(run, row) for row in run.solution["unserved"])
    if campaign.chosen_run_id is not None and run.replay_of_id is None:
        campaign.chosen_run = None
        campaign.save(update_fields=["chosen_run"])
    if campaign.state == CampaignState.COLLECTING:
        move_campaign(campaign, CampaignState.REVIEW, author=run.author)


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
