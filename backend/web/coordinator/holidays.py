"""« Jours fériés »: which days a network rests, and the days its coordinator knows better."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.agenda.domain.holidays import choose_holiday_calendar, holidays_between, set_holiday
from backend.common.clock import now
from backend.common.errors import DomainError, NotFoundError
from backend.common.formats import format_day
from backend.networks.enums import HolidayCalendar, Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse
from backend.web.shared.availability_forms import DayField

SHOWN = dt.timedelta(days=366)


class CalendarForm(forms.Form):
    calendar = forms.ChoiceField(label="Jours fériés de", choices=HolidayCalendar.choices)


class DayForm(forms.Form):
    day = DayField(label="Jour", help_text="Un pont, une fête locale : personne n’y sera compté libre.")


class MoveForm(forms.Form):
    """A day of the list, made a holiday or a day like others."""

    day = DayField()
    kept = forms.ChoiceField(choices=[("yes", ""), ("no", "")])


@acting
def show_holidays(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    network = _network_asked_for(request, networks)
    if request.method != "POST":
        return _draw(request, networks, network)
    match request.POST.get("action"):
        case "calendar":
            return _choose(request, network)
        case "move":
            return _move(request, network)
        case "add":
            return _add(request, networks, network)
    raise BadRequest


def _network_asked_for(request: PersonRequest, networks: list[Network]) -> Network:
    wanted = request.GET.get("reseau", networks[0].slug)
    found = next((network for network in networks if network.slug == wanted), None)
    if found is None:
        raise NotFoundError
    return found


def _choose(request: PersonRequest, network: Network) -> HttpResponse:
    form = CalendarForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    calendar = HolidayCalendar(form.cleaned_data["calendar"])
    choose_holiday_calendar(network=network, author=request.user, calendar=calendar)
    return _done(request, network, f"Calendrier choisi : {calendar.label}.")


def _move(request: PersonRequest, network: Network) -> HttpResponse:
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    day, kept = form.cleaned_data["day"], form.cleaned_data["kept"] == "yes"
    set_holiday(network=network, author=request.user, day=day, is_holiday=kept)
    return _done(request, network, _words(day, kept=kept))


def _add(request: PersonRequest, networks: list[Network], network: Network) -> HttpResponse:
    form, status = DayForm(request.POST), UNPROCESSABLE
    if form.is_valid():
        day = form.cleaned_data["day"]
        try:
            set_holiday(network=network, author=request.user, day=day, is_holiday=True)
        except DomainError as error:
            status = refuse(form, error)
        else:
            return _done(request, network, _words(day, kept=True))
    return _draw(request, networks, network, form, status)


def _words(day: dt.date, *, kept: bool) -> str:
    ending = "personne n’y est compté libre" if kept else "un jour comme les autres"
    return f"{format_day(day).capitalize()} : {ending}."


def _address(network: Network) -> str:
    return f"{reverse('holidays')}?reseau={network.slug}"


def _done(request: PersonRequest, network: Network, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect(_address(network))


def _draw(
    request: PersonRequest,
    networks: list[Network],
    network: Network,
    form: DayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = now().astimezone(network.zone).date()
    context: dict[str, Any] = {
        "networks": [(row.slug, row.name) for row in networks] if len(networks) > 1 else [],
        "network": network,
        "address": _address(network),
        "days": [(row, format_day(row.day).capitalize()) for row in holidays_between(network, today, today + SHOWN)],
        "calendar_form": CalendarForm(initial={"calendar": network.holiday_calendar}),
        "form": form or DayForm(use_required_attribute=False),
    }
    return render(request, "holidays/page.html", context, status=status)
