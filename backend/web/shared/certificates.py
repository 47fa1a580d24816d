"""One's own attestations: established from the ledger whenever one wants, and their files."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.common.errors import DomainError
from backend.common.pdf import PDF_TYPE
from backend.credits.domain.certificates import access_certificate_for, earning_networks_of, issue_certificate
from backend.credits.domain.scales import today_of
from backend.credits.enums import CertificateRole
from backend.credits.models import Certificate
from backend.networks.models import Network
from backend.tutoring.domain.certificate_pages import print_certificate
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, reading, refuse
from backend.web.shared.availability_forms import DayField
from backend.web.shared.files import download


class CertificateForm(forms.Form):
    """Which hours to certify."""

    network = forms.ChoiceField(label="Réseau")
    role = forms.ChoiceField(
        label="Au titre de",
        choices=[(CertificateRole.TUTOR, "L’aide que j’ai donnée"), (CertificateRole.LEARNER, "L’aide que j’ai reçue")],
        widget=forms.RadioSelect,
    )
    period_start = DayField(label="Du")
    period_end = DayField(label="Au")

    def __init__(self, networks: list[Network], data: Any = None, **options: Any) -> None:
        super().__init__(data, use_required_attribute=False, **options)
        self.networks = {network.slug: network for network in networks}
        self.fields["network"].choices = [(slug, network.name) for slug, network in self.networks.items()]  # type: ignore[attr-defined]  # a choice field


@acting
def show_my_certificates(request: PersonRequest) -> HttpResponse:
    networks = list(earning_networks_of(request.user))
    if not networks or request.method != "POST":
        return _draw(request, networks, None)
    form, status = CertificateForm(networks, request.POST), UNPROCESSABLE
    if form.is_valid():
        data = form.cleaned_data
        try:
            certificate = issue_certificate(
                network=form.networks[data["network"]],
                person=request.user,
                role=CertificateRole(data["role"]),
                period_start=data["period_start"],
                period_end=data["period_end"],
            )
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, f"Attestation établie, numéro {certificate.number}.")
            return redirect("my_certificates")
    return _draw(request, networks, form, status=status)


def _draw(
    request: PersonRequest, networks: list[Network], form: CertificateForm | None, *, status: int = 200
) -> HttpResponse:
    if form is None and networks:
        today = today_of(networks[0])
        initial = {"period_start": today.replace(month=1, day=1), "period_end": today, "role": CertificateRole.TUTOR}
        form = CertificateForm(networks, initial=initial)
    mine = Certificate.objects.filter(account__person=request.user).select_related("network")
    context = {"form": form, "certificates": mine.order_by("-issued_at", "-pk")}
    return render(request, "certificates/mine.html", context, status=status)


@reading
def download_certificate(request: PersonRequest, number: str) -> HttpResponse:
    """The file of one's own, or of somebody in a network one coordinates."""
    certificate = access_certificate_for(request.user, number)
    return download(print_certificate(certificate), f"attestation-{certificate.number}.pdf", PDF_TYPE)
