"""« Règle de points »: those in force, and what another would have given last month, before it is saved."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.common.errors import DomainError, NotFoundError
from backend.credits.domain.scales import save_scale, scale_on, scales_of, today_of, withdraw_scale
from backend.credits.domain.statements import preview_rule
from backend.credits.models import Scale
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.web.coordinator.ledger import last_month, network_asked_for, network_tabs
from backend.web.coordinator.ledger_forms import ScaleForm
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse
from backend.web.shared.months import read_month


@acting
def show_scale(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    network = network_asked_for(request, networks)
    if request.method != "POST":
        return _draw(request, networks, network, ScaleForm.showing(scale_on(network, today_of(network))))
    match request.POST.get("action"):
        case "preview":
            form = ScaleForm(request.POST, use_required_attribute=False)
            return _draw(request, networks, network, form, status=200 if form.is_valid() else UNPROCESSABLE)
        case "save":
            return _save(request, networks, network)
        case "withdraw":
            return _withdraw(request, network)
    raise BadRequest


def _save(request: PersonRequest, networks: list[Network], network: Network) -> HttpResponse:
    form, status = ScaleForm(request.POST, use_required_attribute=False), UNPROCESSABLE
    if form.is_valid():
        try:
            save_scale(network=network, author=request.user, valid_from=form.cleaned_data["valid_from"], rule=form.rule)
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, "Règle enregistrée. Ce qui est déjà inscrit ne change pas.")
            return redirect(_address(network))
    return _draw(request, networks, network, form, status=status)


def _withdraw(request: PersonRequest, network: Network) -> HttpResponse:
    key = request.POST.get("scale", "")
    scale = Scale.objects.filter(network=network, pk=int(key)).first() if key.isdecimal() else None
    if scale is None:
        raise NotFoundError
    withdraw_scale(scale=scale, author=request.user)
    messages.success(request, "Règle retirée avant son entrée en vigueur.")
    return redirect(_address(network))


def _address(network: Network) -> str:
    return f"{reverse('scale')}?reseau={network.slug}"


def _draw(
    request: PersonRequest, networks: list[Network], network: Network, form: ScaleForm, *, status: int = 200
) -> HttpResponse:
    today = today_of(network)
    month = read_month("", last_month(today))
    effects = preview_rule(network, form.rule, month.first) if form.is_bound and form.is_valid() else None
    current = scale_on(network, today)
    context: dict[str, Any] = {
        **network_tabs(networks, network),
        "address": _address(network),
        "form": form,
        "month": month,
        "current": current,
        "scales": scales_of(network),
        "today": today,
        "effects": effects,
        "stands": sum((effect.stands for effect in effects or ()), Decimal(0)),
        "would_be": sum((effect.would_be for effect in effects or ()), Decimal(0)),
    }
    return render(request, "ledger/scale.html", context, status=status)
