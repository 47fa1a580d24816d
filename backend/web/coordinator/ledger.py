"""« Points du réseau »: a month at a glance, the statement of one member, and corrections."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.common.errors import DomainError, NotFoundError
from backend.credits.domain.crediting import month_of
from backend.credits.domain.indemnities import indemnified_in, mark_indemnified
from backend.credits.domain.ledger import correction_source, reverse_entry
from backend.credits.domain.scales import scale_on, today_of
from backend.credits.domain.statements import Filter, statement_of, totals_of
from backend.credits.models import Entry
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.networks.rules import access_membership_for, networks_with_role
from backend.web.coordinator.ledger_forms import CorrectionForm
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse
from backend.web.shared.months import Month, read_month
from backend.web.shared.points import lines_of


@reading
def show_month(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    network = network_asked_for(request, networks)
    today = today_of(network)
    month = read_month(request.GET.get("mois", ""), today)
    totals = totals_of(network, month.first, month.last)
    members = dict(Membership.objects.filter(network=network).values_list("person_id", "pk"))
    context: dict[str, Any] = {
        **network_tabs(networks, network),
        "month": month,
        "this_month": Month(*month_of(today)),
        "lines": [(total, members.get(total.person or 0)) for total in totals],
        "points": sum((total.points for total in totals), Decimal(0)),
        "given": sum(total.minutes_given for total in totals),
        "received": sum(total.minutes_received for total in totals),
        "scale": scale_on(network, today),
    }
    return render(request, "ledger/month.html", context)


def network_asked_for(request: PersonRequest, networks: list[Network]) -> Network:
    """The network that the address names, or the first; ``NotFoundError`` for any other."""
    wanted = request.GET.get("reseau") or networks[0].slug
    found = next((network for network in networks if network.slug == wanted), None)
    if found is None:
        raise NotFoundError
    return found


def network_tabs(networks: list[Network], network: Network) -> dict[str, Any]:
    """What ``ledger/head.html`` draws."""
    return {"network": network, "networks": [(row.slug, row.name) for row in networks] if len(networks) > 1 else []}


@acting
def show_statement(request: PersonRequest, membership_id: int) -> HttpResponse:
    """Entries of one member in this network, each of which may be corrected."""
    membership = access_membership_for(request.user, membership_id)
    form, status = CorrectionForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        action = request.POST.get("action")
        if action == "indemnify":
            return _indemnify(request, membership)
        if action != "correct":
            raise BadRequest
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                _correct(request, membership, form)
            except DomainError as error:
                status = refuse(form, error)
            else:
                messages.success(request, "Écriture corrigée par une écriture inverse.")
                return redirect(reverse("member_points", args=[membership.pk]))
    return render(request, "ledger/statement.html", _statement_context(request, membership, form), status=status)


def _statement_context(request: PersonRequest, membership: Membership, form: CorrectionForm) -> dict[str, Any]:
    entries = statement_of(membership.person, Filter(network=membership.network))
    page = page_of(request, entries)
    corrected = Entry.objects.filter(source__in=[correction_source(entry.pk) for entry in page.object_list])
    return {
        "membership": membership,
        "page": page,
        "lines": lines_of(page.object_list),
        "corrected": {int(source.partition(":")[2]) for source in corrected.values_list("source", flat=True)},
        "form": form,
        "wanted": form["entry"].value(),
        "paid": membership.person_id in indemnified_in(membership.network),
    }


def _correct(request: PersonRequest, membership: Membership, form: CorrectionForm) -> None:
    own = Entry.objects.filter(account__person=membership.person, network=membership.network)
    entry = own.select_related("account", "network").filter(pk=form.cleaned_data["entry"]).first()
    if entry is None:
        raise NotFoundError
    reverse_entry(entry=entry, reason=form.cleaned_data["reason"], author=request.user)


def _indemnify(request: PersonRequest, membership: Membership) -> HttpResponse:
    paid = request.POST.get("paid") == "yes"
    mark_indemnified(network=membership.network, author=request.user, person=membership.person, paid=paid)
    messages.success(
        request, "C’est noté : son relevé d’heures est à jour." if paid else "C’est noté : plus d’indemnité."
    )
    return redirect("member_points", membership.pk)


def last_month(today: dt.date) -> dt.date:
    """The last day of the month before."""
    return today.replace(day=1) - dt.timedelta(days=1)
