"""« Nouvelles »: what concerned the person lately, newest first."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.networks.rules import zone_of
from backend.notifications.domain.notify import (
    count_unread_notifications,
    mark_notifications_read,
    notifications_for,
)
from backend.web.shared.access import PersonRequest, acting, page_of


class ReadForm(forms.Form):
    """All the news up to the one the person has seen on the page."""

    up_to = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


@acting
def show_notifications(request: PersonRequest) -> HttpResponse:
    return _mark_read(request) if request.method == "POST" else _render(request)


def _mark_read(request: PersonRequest) -> HttpResponse:
    form = ReadForm(request.POST)
    if form.is_valid():
        mark_notifications_read(person=request.user, up_to=form.cleaned_data["up_to"])
    return redirect("notifications")


def _render(request: PersonRequest) -> HttpResponse:
    page = page_of(request, notifications_for(request.user))
    context = {
        "page": page,
        "unread": count_unread_notifications(request.user),
        "zone": zone_of(request.user),
        "newest": page.object_list[0].number if page.object_list and page.number == 1 else None,
    }
    return render(request, "notifications/list.html", context)
