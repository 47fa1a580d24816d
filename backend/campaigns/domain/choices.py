"""What a coordinator fixes by hand, how it enters the next run, and how it is undone."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.db import transaction

import matching
from backend.accounts.models import Person
from backend.campaigns.domain.instance import period_of
from backend.campaigns.enums import CampaignState, ChoiceKind
from backend.campaigns.models import Campaign, FixedChoice, Run
from backend.common.clock import cell_at, is_on_cell, now
from backend.common.errors import ConflictError, NotFoundError
from backend.networks.enums import Role
from backend.networks.rules import require_role


@transaction.atomic
def fix_choice(
    *,
    run: Run,
    author: Person,
    request_id: int,
    tutor_id: int,
    kind: ChoiceKind,
    starts_at: dt.datetime | None = None,
) -> FixedChoice:
    """Pin a match, or forbid a pair, for the runs to come. An earlier pin of the request ends; so does its contrary."""
    campaign = _lock(run.campaign_id, author)
    _require_known(run, request_id, tutor_id)
    standing = campaign.choices.filter(request=request_id, undone_at=None)
    same = standing.filter(kind=kind, tutor=tutor_id, starts_at=starts_at).first()
    if same is not None:
        return same
    standing.filter(tutor=tutor_id).update(undone_at=now())
    if kind == ChoiceKind.PIN:
        if starts_at is None or not is_on_cell(starts_at):
            raise ConflictError("Ce moment n’existe pas.", code="no_such_time")
        standing.filter(kind=ChoiceKind.PIN).update(undone_at=now())
    return campaign.choices.create(
        kind=kind, request_id=request_id, tutor_id=tutor_id, starts_at=starts_at, author=author
    )


@transaction.atomic
def undo_choice(*, campaign: Campaign, choice_id: int, author: Person) -> FixedChoice:
    """The next run is free again on this point; undoing twice is told."""
    _lock(campaign.pk, author)
    choice = campaign.choices.filter(pk=choice_id).first()
    if choice is None:
        raise NotFoundError
    if choice.undone_at is not None:
        raise ConflictError("Ce choix est déjà défait.", code="already_undone")
    choice.undone_at = now()
    choice.save(update_fields=["undone_at"])
    return choice


def apply_choices(problem: matching.Problem, campaign: Campaign, previous: Run | None) -> matching.Problem:
    """The problem with what was fixed by hand, and with what a run before it found, to be kept where it can.

    A pin on a request or a tutor that is gone has nothing to hold; one that does not fit makes the run say so.
    """
    requests = {request.id for request in problem.requests}
    tutors = {tutor.id for tutor in problem.tutors}
    standing = [
        choice
        for choice in campaign.choices.filter(undone_at=None)
        if str(choice.request_id) in requests and str(choice.tutor_id) in tutors
    ]
    return replace(
        problem,
        pinned=tuple(_pins(campaign, standing, problem.horizon)),
        excluded=tuple(dict.fromkeys((*problem.excluded, *_forbidden(standing)))),
        previous=tuple(_matches_of(previous, problem.horizon)) if previous else problem.previous,
    )


def _pins(campaign: Campaign, choices: Iterable[FixedChoice], horizon: int) -> Iterator[matching.Pin]:
    first = period_of(campaign).first_cell
    for choice in choices:
        start = cell_at(choice.starts_at) - first if choice.starts_at else -1
        if choice.kind == ChoiceKind.PIN and 0 <= start < horizon:
            yield matching.Pin(str(choice.request_id), str(choice.tutor_id), start)


def _forbidden(choices: Iterable[FixedChoice]) -> Iterator[tuple[str, str]]:
    for choice in choices:
        if choice.kind == ChoiceKind.FORBID:
            yield str(choice.request_id), str(choice.tutor_id)


def _matches_of(run: Run, horizon: int) -> Iterator[matching.Pin]:
    solution = run.solution or {}
    for match in solution.get("matches", ()):
        if match["start"] < horizon:
            yield matching.Pin(match["request"], match["tutor"], match["start"])


def _lock(campaign_id: int, author: Person) -> Campaign:
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=campaign_id)
    require_role(author, campaign.network, Role.COORDINATOR)
    if campaign.state not in {CampaignState.COLLECTING, CampaignState.REVIEW}:
        raise ConflictError("Cette campagne n’est plus en relecture.", code="not_in_review")
    return campaign


def _require_known(run: Run, request_id: int, tutor_id: int) -> None:
    """Both were given to the run."""
    instance = Run.objects.values_list("instance", flat=True).get(pk=run.pk)
    requests = {row["id"] for row in instance.get("requests", ())}
    tutors = {row["id"] for row in instance.get("tutors", ())}
    if str(request_id) not in requests or str(tutor_id) not in tutors:
        raise NotFoundError
