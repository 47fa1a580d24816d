"""« Calcul » of a campaign: how far it is, by polling or by hand, and how to stop it."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from backend.campaigns.domain.numbered_files import number_files
from backend.campaigns.domain.runs import access_run_for, cancel_run, replay_run, same_answer
from backend.campaigns.enums import RunState
from backend.campaigns.models import Run
from backend.common.clock import now
from backend.common.errors import ConflictError, NotFoundError
from backend.web.coordinator.run_chart import draw_run
from backend.web.shared.access import CONFLICT, PersonRequest, acting, reading
from backend.web.shared.wording import RUN_TAGS

CANCEL, REPLAY = "cancel", "replay"
FILES = ("instance", "solution")


@acting
def show_run(request: PersonRequest, campaign_id: int, run_id: int) -> HttpResponse:
    run = access_run_for(request.user, run_id)
    if run.campaign_id != campaign_id:
        raise NotFoundError
    if request.method == "POST":
        return _act(request, run)
    return _draw(request, run)


def _act(request: PersonRequest, run: Run) -> HttpResponse:
    action = request.POST.get("action")
    if action not in {CANCEL, REPLAY}:
        raise BadRequest
    try:
        if action == REPLAY:
            run = replay_run(run=run, author=request.user)
        else:
            cancel_run(run=run, author=request.user)
            messages.success(request, "Le calcul s’arrête. Rien n’est publié.")
    except ConflictError as error:
        return _draw(request, access_run_for(request.user, run.pk), problem=error.message, status=CONFLICT)
    return redirect("run", campaign_id=run.campaign_id, run_id=run.pk)


@reading
def download_file(request: PersonRequest, campaign_id: int, run_id: int, name: str) -> HttpResponse:
    """The instance or the solution in the matching format, people and subjects replaced by numbers."""
    run = access_run_for(request.user, run_id)
    if run.campaign_id != campaign_id or name not in FILES or run.state != RunState.DONE:
        raise NotFoundError
    data = number_files(Run.objects.get(pk=run.pk))[FILES.index(name)]
    answer = JsonResponse(data, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="tandem-{name}-{run.pk}.json"'
    return answer


def _draw(request: PersonRequest, run: Run, *, problem: str = "", status: int = 200) -> HttpResponse:
    progress = list(run.progress.all())
    context = {
        "run": run,
        "campaign": run.campaign,
        "tag": RUN_TAGS[RunState(run.state)],
        "chart": draw_run(progress),
        "latest": progress[-1] if progress else None,
        "seconds": _seconds_of(run),
        "is_same": _is_same(run),
        "problem": problem,
    }
    return render(request, "campaigns/run_page.html", context, status=status)


def _is_same(run: Run) -> bool | None:
    """Whether a run done again gave the same answer; nothing for any other run."""
    if run.replay_of_id is None or run.state != RunState.DONE:
        return None
    pair = Run.objects.defer("instance").in_bulk([run.pk, run.replay_of_id])
    return same_answer(pair[run.pk], pair[run.replay_of_id])


def _seconds_of(run: Run) -> float | None:
    """Since a worker began; for a run that has ended, what it took."""
    if run.started_at is None:
        return None
    return ((run.finished_at or now()) - run.started_at).total_seconds()
