"""« Calculs »: those of a campaign side by side, choosing one, asking for another with other settings."""

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from backend.campaigns.domain.campaigns import access_campaign_for
from backend.campaigns.domain.comparison import RunFigures, compare_runs
from backend.campaigns.domain.runs import COMPUTABLE_STATES, SECONDS_TO_SOLVE, RunSettings, choose_run, start_run
from backend.campaigns.enums import Preset, RunState
from backend.campaigns.models import SESSION_MINUTES, Campaign
from backend.common.errors import ConflictError
from backend.common.formats import format_minutes
from backend.web.coordinator.review import run_to_review
from backend.web.shared.access import CONFLICT, UNPROCESSABLE, PersonRequest, acting
from backend.web.shared.wording import RUN_TAGS, Tag

SECONDS = (int(SECONDS_TO_SOLVE), 30, 60)


class RunForm(forms.Form):
    session_minutes = forms.TypedChoiceField(
        label="Durée d’une séance",
        choices=[(minutes, format_minutes(minutes)) for minutes in SESSION_MINUTES],
        coerce=int,
    )
    group_size_max = forms.IntegerField(label="Personnes aidées par séance, au plus", min_value=1, max_value=12)
    preset = forms.ChoiceField(label="Ce qui passe en premier")
    time_limit = forms.TypedChoiceField(
        label="Temps de recherche, au plus",
        choices=[(seconds, f"{seconds} secondes") for seconds in SECONDS],
        coerce=float,
    )
    lent_tutors = forms.BooleanField(label="Compter les tuteurs prêtés par les voisines", required=False)
    stable = forms.BooleanField(label="Changer le moins possible du calcul choisi", required=False)

    def __init__(self, campaign: Campaign, data: QueryDict | None = None) -> None:
        start = {
            "session_minutes": campaign.session_minutes,
            "group_size_max": campaign.group_size_max,
            "preset": campaign.preset,
            "lent_tutors": campaign.lent_tutors,
        }
        super().__init__(data, initial=start, use_required_attribute=False)
        own = [(Preset.OWN.value, campaign.preset_name)] if campaign.factors else []
        named = [(preset.value, preset.label) for preset in Preset if preset != Preset.OWN]
        self.fields["preset"].choices = [*named, *own]  # type: ignore[attr-defined]  # it has choices

    def settings(self, campaign: Campaign) -> RunSettings:
        data = self.cleaned_data
        return RunSettings(
            session_minutes=data["session_minutes"],
            group_size_max=data["group_size_max"],
            preset=Preset(data["preset"]),
            lent_tutors=data["lent_tutors"],
            previous=run_to_review(campaign) if data["stable"] else None,
            time_limit=data["time_limit"],
        )


@acting
def show_runs(request: PersonRequest, campaign_id: int) -> HttpResponse:
    campaign = access_campaign_for(request.user, campaign_id)
    if request.method != "POST":
        return _draw(request, campaign, RunForm(campaign))
    try:
        match request.POST.get("action"):
            case "choose":
                return _choose(request, campaign)
            case "compute":
                return _compute(request, campaign)
            case _:
                raise BadRequest
    except ConflictError as error:
        return _draw(request, campaign, RunForm(campaign), problem=error.message, status=CONFLICT)


def _choose(request: PersonRequest, campaign: Campaign) -> HttpResponse:
    key = request.POST.get("run", "")
    run = campaign.runs.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 18 else None
    if run is None:
        raise ConflictError
    choose_run(run=run, author=request.user)
    messages.success(request, "Ce calcul est choisi. Relisez ses propositions, puis publiez.")
    return redirect("campaign", campaign_id=campaign.pk)


def _compute(request: PersonRequest, campaign: Campaign) -> HttpResponse:
    form = RunForm(campaign, request.POST)
    if not form.is_valid():
        return _draw(request, campaign, form, status=UNPROCESSABLE)
    run = start_run(campaign=campaign, author=request.user, settings=form.settings(campaign))
    return redirect("run", campaign_id=campaign.pk, run_id=run.pk)


def _draw(
    request: PersonRequest, campaign: Campaign, form: RunForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    chosen = run_to_review(campaign)
    rows: list[tuple[RunFigures, Tag]] = [(row, RUN_TAGS[RunState(row.run.state)]) for row in compare_runs(campaign)]
    context = {
        "campaign": campaign,
        "rows": rows,
        "chosen": chosen,
        "can_compute": campaign.state in COMPUTABLE_STATES,
        "form": form,
        "problem": problem,
    }
    return render(request, "campaigns/runs.html", context, status=status)
