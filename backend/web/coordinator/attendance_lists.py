"""« Feuilles de présence »: lists with names, each with a purpose and a trace."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backend.common.errors import DomainError
from backend.common.patient_numbers import validate_no_patient_number
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.reports.domain.named_lists import PURPOSE_LENGTH_MAX, PURPOSE_LENGTH_MIN, named_lists_of, record_named_list
from backend.reports.domain.periods import Days, quarter_of, today_in
from backend.reports.domain.sessions import attendance_file
from backend.reports.enums import ListKind
from backend.web.coordinator.reports import FORMS, choose_one, network_tabs, send_file
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, refuse
from backend.web.shared.availability_forms import DayField


class ListForm(forms.Form):
    first = DayField(label="Premier jour")
    last = DayField(label="Dernier jour")
    purpose = forms.CharField(
        label="À quoi servira cette liste ?",
        help_text="Par exemple : justificatif demandé par la CPAM. Cette raison reste inscrite ci-dessous.",
        min_length=PURPOSE_LENGTH_MIN,
        max_length=PURPOSE_LENGTH_MAX,
        validators=[validate_no_patient_number],
        error_messages={"required": "Dites à quoi servira cette liste."},
    )
    form = forms.ChoiceField(label="Format", choices=list(FORMS.items()))


@acting
def show_attendance_lists(request: PersonRequest) -> HttpResponse:
    coordinated = networks_with_role(request.user, Role.COORDINATOR)
    network = choose_one(coordinated, request.GET.get("reseau", ""))
    if request.method != "POST":
        quarter = quarter_of(today_in(network))
        initial = {"first": quarter.first, "last": quarter.last}
        return _draw(request, coordinated, network, ListForm(initial=initial, use_required_attribute=False))
    form, status = ListForm(request.POST, use_required_attribute=False), UNPROCESSABLE
    if form.is_valid():
        try:
            return _take_out(request, network, form.cleaned_data)
        except DomainError as error:
            status = refuse(form, error)
    return _draw(request, coordinated, network, form, status)


def _take_out(request: PersonRequest, network: Network, given: dict[str, Any]) -> HttpResponse:
    trace = record_named_list(
        network=network,
        author=request.user,
        kind=ListKind.ATTENDANCE,
        purpose=given["purpose"],
        days=Days(given["first"], given["last"]),
    )
    name = f"presences-{trace.period_start}-{trace.period_end}"
    return send_file(attendance_file(trace, given["form"]), name, given["form"])


def _draw(
    request: PersonRequest, coordinated: list[Network], network: Network, form: ListForm, status: int = 200
) -> HttpResponse:
    context = {
        "network": network,
        "networks": network_tabs(coordinated),
        "form": form,
        "address": f"{reverse('attendance_lists')}?reseau={network.slug}",
        "page": page_of(request, named_lists_of(network)),
    }
    return render(request, "reports/attendance.html", context, status=status)
