"""« Listes pour les financeurs »: lists with names, which leave with a purpose and a trace."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backend.common.errors import DomainError
from backend.common.formats import format_date
from backend.common.pdf import PDF_TYPE
from backend.common.spreadsheets import SHEET_TYPE
from backend.credits.domain.scales import today_of
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.reports.domain.named_lists import named_lists_of, record_named_list
from backend.reports.domain.periods import Days
from backend.reports.enums import ListKind
from backend.tutoring.domain.attendance_lists import (
    list_attendance,
    list_indemnities,
    write_named_pdf,
    write_named_workbook,
)
from backend.web.coordinator.ledger import network_asked_for, network_tabs
from backend.web.coordinator.ledger_forms import ExportForm
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse
from backend.web.shared.files import download

OUTINGS_SHOWN = 20
LISTS = {"attendance": (list_attendance, ListKind.ATTENDANCE), "indemnities": (list_indemnities, ListKind.POINTS)}


@acting
def show_exports(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    network = network_asked_for(request, networks)
    today = today_of(network)
    if request.method != "POST":
        year = {"first": today.replace(month=1, day=1), "last": today, "kind": "xlsx"}
        return _draw(request, networks, network, ExportForm(initial=year, use_required_attribute=False))
    form, status = ExportForm(request.POST, use_required_attribute=False), UNPROCESSABLE
    if form.is_valid():
        try:
            return _write(request, network, form)
        except DomainError as error:
            status = refuse(form, error)
    return _draw(request, networks, network, form, status=status)


def _write(request: PersonRequest, network: Network, form: ExportForm) -> HttpResponse:
    """Note it first: nothing leaves without a trace."""
    data = form.cleaned_data
    make, kind = LISTS[data["what"]]
    first, last = data["first"], data["last"]
    record_named_list(network=network, author=request.user, kind=kind, purpose=data["purpose"], days=Days(first, last))
    table = make(network, first, last)
    name = f"{data['what']}-{network.slug}-{first}-{last}"
    if data["kind"] == "xlsx":
        return download(write_named_workbook(table), f"{name}.xlsx", SHEET_TYPE)
    period = f"du {format_date(first)} au {format_date(last)}"
    return download(write_named_pdf(table, network, purpose=data["purpose"], period=period), f"{name}.pdf", PDF_TYPE)


def _draw(
    request: PersonRequest, networks: list[Network], network: Network, form: ExportForm, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        **network_tabs(networks, network),
        "address": f"{reverse('network_exports')}?reseau={network.slug}",
        "form": form,
        "outings": named_lists_of(network)[:OUTINGS_SHOWN],
    }
    return render(request, "ledger/exports.html", context, status=status)
