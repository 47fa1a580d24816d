"""What the review of a campaign does: compute again, undo a choice, ask somebody for a little more."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from backend.campaigns.domain.choices import undo_choice
from backend.campaigns.domain.favours import ask_favour
from backend.campaigns.domain.runs import RunSettings, start_run
from backend.campaigns.models import Campaign, Unserved
from backend.common.errors import ConflictError, NotFoundError
from backend.web.coordinator.review import run_to_review
from backend.web.shared.access import PersonRequest

RECOMPUTE, UNDO, ASK = "recompute", "undo", "ask"
REVIEW_ACTIONS = {RECOMPUTE, UNDO, ASK}


def act_on_review(request: PersonRequest, campaign: Campaign, action: str) -> HttpResponse:
    if action == RECOMPUTE:
        settings = RunSettings(previous=run_to_review(campaign))
        run = start_run(campaign=campaign, author=request.user, settings=settings)
        return redirect("run", campaign_id=campaign.pk, run_id=run.pk)
    if action == UNDO:
        undo_choice(campaign=campaign, choice_id=read_number(request, "choice"), author=request.user)
        messages.success(request, "Le choix est défait. Le prochain calcul n’en tient plus compte.")
    else:
        _ask(request, campaign)
    return redirect("campaign", campaign_id=campaign.pk)


def read_number(request: PersonRequest, name: str) -> int:
    """A number of the form; anything else names nothing of ours."""
    text = request.POST.get(name, "")
    if not text.isdecimal() or len(text) > 17:
        raise ConflictError
    return int(text)


def _ask(request: PersonRequest, campaign: Campaign) -> None:
    key = read_number(request, "unserved")
    rows = Unserved.objects.filter(pk=key, run__campaign=campaign).select_related("run", "request__person")
    unserved = rows.defer("run__instance", "run__solution").first()
    if unserved is None:
        raise NotFoundError
    favour = ask_favour(unserved=unserved, way=read_number(request, "way"), author=request.user)
    messages.success(request, f"{favour.person.name} a votre demande, et peut y répondre en un geste.")
