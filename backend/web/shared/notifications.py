"""« Nouvelles »: what concerned the person lately, and which of it also comes by mail."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.networks.rules import zone_of
from backend.notifications.domain.notify import (
    count_unread_notifications,
    mark_notifications_read,
    mute_kinds,
    muted_kinds_of,
    notifications_for,
)
from backend.notifications.enums import Kind
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of

READ = "read"


class ReadForm(forms.Form):
    """All the news up to the one the person has seen on the page."""

    up_to = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class MailForm(forms.Form):
    """Which kinds of news come by mail; all of them show in the application anyway."""

    kinds = forms.MultipleChoiceField(
        label="M’écrire aussi par courriel pour",
        choices=Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Ce choix n’existe pas."},
    )


@acting
def show_notifications(request: PersonRequest) -> HttpResponse:
    """Two forms post here: mark as read, and choose the mails."""
    if request.method != "POST":
        return _render(request, MailForm(initial={"kinds": _wanted(request)}))
    return _mark_read(request) if request.POST.get("action") == READ else _choose_mails(request)


def _mark_read(request: PersonRequest) -> HttpResponse:
    form = ReadForm(request.POST)
    if form.is_valid():
        mark_notifications_read(person=request.user, up_to=form.cleaned_data["up_to"])
    return redirect("notifications")


def _choose_mails(request: PersonRequest) -> HttpResponse:
    form = MailForm(request.POST)
    if not form.is_valid():
        return _render(request, form, status=UNPROCESSABLE)
    wanted = set(form.cleaned_data["kinds"])
    mute_kinds(person=request.user, kinds=[kind for kind in Kind if kind not in wanted])
    messages.success(request, "Vos choix de courriels sont enregistrés.")
    return redirect("notifications")


def _wanted(request: PersonRequest) -> list[str]:
    muted = muted_kinds_of(request.user)
    return [kind for kind in Kind.values if kind not in muted]


def _render(request: PersonRequest, form: MailForm, *, status: int = 200) -> HttpResponse:
    page = page_of(request, notifications_for(request.user))
    context = {
        "page": page,
        "form": form,
        "unread": count_unread_notifications(request.user),
        "zone": zone_of(request.user),
        "newest": page.object_list[0].number if page.object_list and page.number == 1 else None,
    }
    return render(request, "notifications/list.html", context, status=status)
