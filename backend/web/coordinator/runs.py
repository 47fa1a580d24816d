"""« Calcul » of a campaign: how far it is, by polling or by hand, and how to stop it."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.campaigns.domain.runs import access_run_for, cancel_run
from backend.campaigns.enums import RunState
from backend.campaigns.models import Run
from backend.common.clock import now
from backend.common.errors import ConflictError, NotFoundError
from backend.web.coordinator.run_chart import draw_run
from backend.web.shared.access import CONFLICT, PersonRequest, acting
from backend.web.shared.wording import RUN_TAGS

CANCEL = "cancel"


@acting
def show_run(request: PersonRequest, campaign_id: int, run_id: int) -> HttpResponse:
    run = access_run_for(request.user, run_id)
    if run.campaign_id != campaign_id:
        raise NotFoundError
    if request.method == "POST":
        return _cancel(request, run)
    return _draw(request, run)


def _cancel(request: PersonRequest, run: Run) -> HttpResponse:
    if request.POST.get("action") != CANCEL:
        raise BadRequest
    try:
        run = cancel_run(run=run, author=request.user)
    except ConflictError as error:
        return _draw(request, access_run_for(request.user, run.pk), problem=error.message, status=CONFLICT)
    messages.success(request, "Le calcul s’arrête. Rien n’est publié.")
    return redirect("run", campaign_id=run.campaign_id, run_id=run.pk)


def _draw(request: PersonRequest, run: Run, *, problem: str = "", status: int = 200) -> HttpResponse:
    progress = list(run.progress.all())
    context = {
        "run": run,
        "campaign": run.campaign,
        "tag": RUN_TAGS[RunState(run.state)],
        "chart": draw_run(progress),
        "latest": progress[-1] if progress else None,
        "seconds": _seconds_of(run),
        "problem": problem,
    }
    return render(request, "campaigns/run_page.html", context, status=status)


def _seconds_of(run: Run) -> float | None:
    """Since a worker began; for a run that has ended, what it took."""
    if run.started_at is None:
        return None
    return ((run.finished_at or now()) - run.started_at).total_seconds()
