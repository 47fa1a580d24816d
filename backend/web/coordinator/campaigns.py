"""« Campagnes »: the list, and one campaign from collecting to closing."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.accounts.models import Person
from backend.campaigns.domain.campaigns import access_campaign_for
from backend.campaigns.domain.instance import offers_of, requests_of
from backend.campaigns.domain.publication import publish_run
from backend.campaigns.domain.runs import COMPUTABLE_STATES, execute_run, freeze_run
from backend.campaigns.enums import CampaignState, RunState
from backend.campaigns.models import Campaign
from backend.common.clock import now
from backend.common.errors import ConflictError
from backend.common.formats import format_count
from backend.networks.enums import Role
from backend.networks.rules import networks_with_role
from backend.web.coordinator.home import CampaignLine
from backend.web.coordinator.review import ProposalLine, lines_of, review_run, run_to_review, steps_of
from backend.web.shared.access import CONFLICT, PersonRequest, acting, page_of, reading
from backend.web.shared.wording import CAMPAIGN_TAGS

# The page waits for the answer: a person does not wait longer than this.
SECONDS_TO_SOLVE = 8.0
# A run that has said nothing for this long died with its process.
RUN_LEASE = dt.timedelta(minutes=2)
COMPUTE, PUBLISH = "compute", "publish"


@reading
def list_campaigns(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    campaigns = Campaign.objects.filter(network__in=networks).select_related("network")
    page = page_of(request, campaigns.order_by("-first_day", "-pk"))
    context = {"page": page, "lines": [CampaignLine(campaign) for campaign in page.object_list]}
    return render(request, "campaigns/list.html", context)


@acting
def show_campaign(request: PersonRequest, campaign_id: int) -> HttpResponse:
    campaign = access_campaign_for(request.user, campaign_id)
    if request.method == "POST":
        return _act(request, campaign)
    return _draw(request, campaign)


def _act(request: PersonRequest, campaign: Campaign) -> HttpResponse:
    action = request.POST.get("action")
    if action not in {COMPUTE, PUBLISH}:
        raise BadRequest
    try:
        done = _compute(campaign, request.user) if action == COMPUTE else _publish(request, campaign)
    except ConflictError as error:
        campaign = access_campaign_for(request.user, campaign.pk)
        return _draw(request, campaign, problem=error.message, status=CONFLICT)
    messages.success(request, done)
    return redirect("campaign", campaign_id=campaign.pk)


def _compute(campaign: Campaign, author: Person) -> str:
    """Freeze and solve while the page waits; a second press is told that the first is under way."""
    if campaign.runs.filter(state=RunState.PENDING, created_at__gt=now() - RUN_LEASE).exists():
        raise ConflictError("Un calcul est déjà en cours. Actualisez la page dans quelques secondes.", code="running")
    run = execute_run(run=freeze_run(campaign=campaign, author=author, time_limit=SECONDS_TO_SOLVE))
    found = format_count(run.served or 0, "demande avec une proposition", "demandes avec une proposition")
    return f"Calcul terminé : {found}. Rien n’est publié."


def _publish(request: PersonRequest, campaign: Campaign) -> str:
    """Publish the run that was on the page, not one that came after."""
    key = request.POST.get("run", "")
    run = campaign.runs.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 18 else None
    if run is None:
        raise ConflictError
    outcome = publish_run(run=run, author=request.user)
    words = format_count(len(outcome.sessions), "séance proposée", "séances proposées")
    if outcome.left_out:
        left = format_count(len(outcome.left_out), "séance n’était plus possible", "séances n’étaient plus possibles")
        return f"Campagne publiée : {words}. {left}."
    return f"Campagne publiée : {words}."


def _draw(request: PersonRequest, campaign: Campaign, *, problem: str = "", status: int = 200) -> HttpResponse:
    run = run_to_review(campaign)
    page = page_of(request, lines_of(run)) if run else None
    is_open = campaign.state in COMPUTABLE_STATES
    context = {
        "campaign": campaign,
        "tag": CAMPAIGN_TAGS[CampaignState(campaign.state)],
        "last_day": campaign.first_day + dt.timedelta(weeks=campaign.weeks, days=-1),
        "steps": steps_of(campaign),
        "review": review_run(campaign, run) if run else None,
        "page": page,
        "lines": [ProposalLine(proposal) for proposal in page.object_list] if page else [],
        "can_compute": is_open,
        "can_publish": run is not None and campaign.state == CampaignState.REVIEW,
        "requests": sum(1 for _ in requests_of(campaign)) if is_open and run is None else None,
        "offers": sum(1 for _ in offers_of(campaign.network)) if is_open and run is None else None,
        "problem": problem,
    }
    return render(request, "campaigns/page.html", context, status=status)
