"""« Messages signalés »: one reported message at a time, and who is out of a lounge."""

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.conversations.domain.moderation import decide_report, readmit_member, removed_from_lounges, reports_for
from backend.conversations.enums import ConversationKind, ReportState
from backend.networks.enums import Role
from backend.networks.rules import networks_with_role
from backend.web.shared.access import PersonRequest, acting, page_of

REMOVED_SHOWN = 100


class DecisionForm(forms.Form):
    report = forms.IntegerField(min_value=1)


class ReadmissionForm(forms.Form):
    conversation = forms.IntegerField(min_value=1)
    person = forms.IntegerField(min_value=1)


@acting
def show_moderation(request: PersonRequest) -> HttpResponse:
    networks_with_role(request.user, Role.COORDINATOR)
    if request.method == "POST":
        return _decide(request)
    page = page_of(request, reports_for(request.user).order_by("decided_at", "-created_at", "-pk"))
    context = {
        "page": page,
        "removed": removed_from_lounges(request.user)[:REMOVED_SHOWN],
        "lounge": ConversationKind.LOUNGE,
        "open": ReportState.OPEN,
    }
    return render(request, "conversations/moderation.html", context)


def _decide(request: PersonRequest) -> HttpResponse:
    match request.POST.get("action"):
        case "hide" | "keep" as action:
            form = DecisionForm(request.POST)
            if not form.is_valid():
                raise BadRequest
            hide = action == "hide"
            decide_report(coordinator=request.user, report_id=form.cleaned_data["report"], hide=hide)
            messages.success(request, "Message masqué." if hide else "Signalement clos, le message reste.")
        case "readmit":
            readmission = ReadmissionForm(request.POST)
            if not readmission.is_valid():
                raise BadRequest
            readmit_member(
                coordinator=request.user,
                conversation_id=readmission.cleaned_data["conversation"],
                person_id=readmission.cleaned_data["person"],
            )
            messages.success(request, "Cette personne peut revenir dans le salon.")
        case _:
            raise BadRequest
    return redirect("moderation")
