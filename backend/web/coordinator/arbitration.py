"""« Présences à trancher »: both statements side by side; those that nobody contests are accepted in one go."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.common.formats import format_count
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import access_network_for, networks_with_role
from backend.tutoring.domain.arbitration import accept_uncontested, read_docket
from backend.web.shared.access import PersonRequest, acting


@acting
def show_arbitration(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    if request.method == "POST":
        return _accept(request, access_network_for(request.user, request.POST.get("network", "")))
    dockets = [(network, read_docket(network)) for network in networks]
    return render(request, "arbitration/page.html", {"dockets": dockets, "several": len(networks) > 1})


def _accept(request: PersonRequest, network: Network) -> HttpResponse:
    keys = request.POST.getlist("participation")
    if not all(key.isdecimal() for key in keys):
        raise BadRequest
    chosen = [int(key) for key in keys]
    accepted = accept_uncontested(network=network, author=request.user, participation_ids=chosen)
    if accepted:
        messages.success(request, f"{format_count(accepted, 'présence acceptée', 'présences acceptées')}.")
    else:
        messages.warning(request, "Rien n’a été accepté : cochez au moins une présence qui attend encore.")
    return redirect("arbitration")
