"""A run: inputs frozen with how it was asked for, queued, cancelled."""

import dataclasses
import hashlib
import json

from django.db import transaction

import matching
from backend.accounts.models import Person
from backend.campaigns.domain.choices import apply_choices
from backend.campaigns.domain.instance import Shape, build_problem
from backend.campaigns.domain.jobs import queue_run
from backend.campaigns.domain.weights import PRESETS, Factors
from backend.campaigns.enums import UNDER_WAY, CampaignState, Preset, RunState
from backend.campaigns.models import Campaign, Run
from backend.common.clock import now
from backend.common.errors import ConflictError, NotFoundError
from backend.events.bus import publish
from backend.events.types import RunProgressed
from backend.networks.enums import Role
from backend.networks.rules import require_role

COMPUTABLE_STATES = {CampaignState.COLLECTING, CampaignState.REVIEW}
# A person looks at the page meanwhile.
SECONDS_TO_SOLVE = 8.0

REPLAYED = (
    "session_minutes",
    "group_size_max",
    "preset",
    "preset_name",
    "factors",
    "lent_tutors",
    "seed",
    "time_limit",
    "instance",
    "instance_hash",
    "requests",
)


@dataclasses.dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run is asked for; what is not said is as the campaign says."""

    session_minutes: int | None = None
    group_size_max: int | None = None
    preset: Preset | None = None
    lent_tutors: bool | None = None
    # Keep as much of this one as its worth allows.
    previous: Run | None = None
    seed: int = 0
    time_limit: float | None = SECONDS_TO_SOLVE


@transaction.atomic
def start_run(*, campaign: Campaign, author: Person, settings: RunSettings | None = None) -> Run:
    """Freeze the inputs and queue the work. The same computation is not queued twice at once."""
    Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    run = _draft_run(campaign, author, settings or RunSettings())
    same = Run.objects.filter(
        campaign=campaign,
        state__in=UNDER_WAY,
        session_minutes=run.session_minutes,
        group_size_max=run.group_size_max,
        preset=run.preset,
        lent_tutors=run.lent_tutors,
        previous=run.previous,
        seed=run.seed,
    )
    if same.exists():
        raise ConflictError("Ce calcul est déjà en cours. Son avancement s’affiche sur cette page.", code="running")
    _freeze(run, campaign)
    queue_run(run.pk)
    run.refresh_from_db()
    return run


@transaction.atomic
def freeze_run(*, campaign: Campaign, author: Person, seed: int = 0, time_limit: float | None = None) -> Run:
    """Store what the engine will be given, with its hash; later changes do not reach this run, which nobody starts."""
    return _freeze(_draft_run(campaign, author, RunSettings(seed=seed, time_limit=time_limit)), campaign)


@transaction.atomic
def replay_run(*, run: Run, author: Person) -> Run:
    """Compute again from the stored inputs: the same engine gives the same answer, and the page says whether it did."""
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=run.campaign_id)
    require_role(author, campaign.network, Role.COORDINATOR)
    if run.state != RunState.DONE or run.replays.filter(state__in=UNDER_WAY).exists():
        raise ConflictError("Ce calcul est déjà en train d’être refait, ou n’est pas terminé.", code="not_replayable")
    again = Run.objects.get(pk=run.pk)
    kept = {field: getattr(again, field) for field in REPLAYED}
    replay = Run.objects.create(campaign=campaign, author=author, replay_of=run, **kept)
    queue_run(replay.pk)
    replay.refresh_from_db()
    return replay


@transaction.atomic
def choose_run(*, run: Run, author: Person) -> None:
    """The one of several that is reviewed, and published."""
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=run.campaign_id)
    require_role(author, campaign.network, Role.COORDINATOR)
    if run.state != RunState.DONE or campaign.state not in COMPUTABLE_STATES:
        raise ConflictError("Ce calcul ne peut plus être choisi.", code="not_choosable")
    campaign.chosen_run = run
    campaign.save(update_fields=["chosen_run"])


def same_answer(run: Run, other: Run) -> bool:
    """Whether two runs gave the same file, the seconds aside."""
    first, second = ({**(row.solution or {}), "seconds": None} for row in (run, other))
    return first == second


@transaction.atomic
def cancel_run(*, run: Run, author: Person) -> Run:
    """Ask to stop: at once if no worker has begun, else within a second; a run that has ended says so."""
    require_role(author, run.campaign.network, Role.COORDINATOR)
    ended = Run.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
        state=RunState.CANCELLED, finished_at=now(), cancel_asked_at=now()
    )
    asked = Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(cancel_asked_at=now())
    if not ended + asked:
        raise ConflictError("Ce calcul est déjà terminé.", code="not_under_way")
    publish(RunProgressed(run.pk, run.campaign_id))
    run.refresh_from_db()
    return run


def access_run_for(person: Person, run_id: int) -> Run:
    """A run, for the coordinators of its network; a stranger gets the same answer as for one that is absent."""
    run = Run.objects.defer("instance", "solution").select_related("campaign__network").filter(pk=run_id).first()
    if run is None:
        raise NotFoundError
    require_role(person, run.campaign.network, Role.COORDINATOR)
    return run


def hash_instance(text: str) -> str:
    """SHA-256 of an instance in canonical JSON, whatever the layout of ``text``."""
    canonical = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _draft_run(campaign: Campaign, author: Person, settings: RunSettings) -> Run:
    require_role(author, campaign.network, Role.COORDINATOR)
    if campaign.state not in COMPUTABLE_STATES:
        raise ConflictError("Cette campagne n’en est plus au calcul.", code="not_computable")
    preset = settings.preset or Preset(campaign.preset)
    own = preset == Preset.OWN and campaign.factors
    return Run(
        campaign=campaign,
        author=author,
        session_minutes=settings.session_minutes or campaign.session_minutes,
        group_size_max=settings.group_size_max or campaign.group_size_max,
        preset=preset,
        preset_name=campaign.preset_name if own else "",
        factors=campaign.factors if own else dataclasses.asdict(PRESETS[preset]),
        previous=settings.previous,
        lent_tutors=campaign.lent_tutors if settings.lent_tutors is None else settings.lent_tutors,
        seed=settings.seed,
        time_limit=settings.time_limit,
    )


def _freeze(run: Run, campaign: Campaign) -> Run:
    shape = Shape(run.session_minutes, run.group_size_max, Factors(**run.factors))
    problem = build_problem(campaign, not_before=now(), shape=shape, lent_tutors=run.lent_tutors)
    text = matching.problem_to_json(apply_choices(problem, campaign, run.previous))
    run.instance, run.instance_hash = json.loads(text), hash_instance(text)
    run.requests = len(run.instance["requests"])
    run.save()
    return run
