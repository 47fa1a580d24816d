"""« Attestations »: those of a network, in bulk, revoked and made again."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.files.storage import default_storage
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.common.errors import DomainError, NotFoundError
from backend.credits.domain.batches import access_batch_for, batches_of, order_batch
from backend.credits.domain.certificates import reissue_certificate, revoke_certificate
from backend.credits.domain.scales import today_of
from backend.credits.enums import BatchState
from backend.credits.models import Certificate
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.web.coordinator.ledger import network_asked_for, network_tabs
from backend.web.coordinator.ledger_forms import BatchForm, RevokeForm
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse
from backend.web.shared.files import download

BATCHES_SHOWN = 10


@acting
def show_certificates(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    network = network_asked_for(request, networks)
    if request.method != "POST":
        return _draw(request, networks, network)
    match request.POST.get("action"):
        case "order":
            return _order(request, networks, network)
        case "revoke" | "reissue":
            return _revoke(request, networks, network)
    raise BadRequest


def _order(request: PersonRequest, networks: list[Network], network: Network) -> HttpResponse:
    form, status = BatchForm(request.POST, use_required_attribute=False), UNPROCESSABLE
    if form.is_valid():
        data = form.cleaned_data
        try:
            order_batch(
                network=network,
                author=request.user,
                role=form.side,
                period_start=data["first"],
                period_end=data["last"],
            )
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, "C’est demandé : le fichier se prépare.")
            return redirect(_address(network))
    return _draw(request, networks, network, batch_form=form, status=status)


def _revoke(request: PersonRequest, networks: list[Network], network: Network) -> HttpResponse:
    form, status = RevokeForm(request.POST), UNPROCESSABLE
    if form.is_valid():
        found = Certificate.objects.filter(network=network, number=form.cleaned_data["number"]).first()
        if found is None:
            raise NotFoundError
        again = request.POST["action"] == "reissue"
        do = reissue_certificate if again else revoke_certificate
        try:
            do(certificate_id=found.pk, author=request.user, reason=form.cleaned_data["reason"])
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, "Révoquée et refaite d’après le registre." if again else "Attestation révoquée.")
            return redirect(_address(network))
    return _draw(request, networks, network, form=form, status=status)


@reading
def download_batch(request: PersonRequest, batch_id: int) -> HttpResponse:
    batch = access_batch_for(request.user, batch_id)
    if batch.state != BatchState.DONE:
        raise NotFoundError
    name = f"attestations-{batch.period_start}-{batch.period_end}.zip"
    with default_storage.open(batch.file) as file:
        return download(file.read(), name, "application/zip")


def _address(network: Network) -> str:
    return f"{reverse('network_certificates')}?reseau={network.slug}"


def _draw(
    request: PersonRequest,
    networks: list[Network],
    network: Network,
    *,
    batch_form: BatchForm | None = None,
    form: RevokeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = today_of(network)
    certificates = Certificate.objects.filter(network=network).select_related("account__person")
    page = page_of(request, certificates.order_by("-issued_at", "-pk"))
    year = {"first": today.replace(month=1, day=1), "last": today}
    context: dict[str, Any] = {
        **network_tabs(networks, network),
        "address": _address(network),
        "page": page,
        "certificates": page.object_list,
        "batches": batches_of(network).annotate(issued=Count("certificates"))[:BATCHES_SHOWN],
        "batch_form": batch_form or BatchForm(initial=year, use_required_attribute=False),
        "form": form or batch_form,
        "wanted": form["number"].value() if form else "",
    }
    return render(request, "ledger/certificates.html", context, status=status)
