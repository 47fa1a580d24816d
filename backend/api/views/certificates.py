"""Certificates: everybody’s own, and those of the networks the caller coordinates; the file goes to nobody else."""

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts.models import Person
from backend.api.filters import CertificateFilter
from backend.api.schema import describe, describe_action, describe_file
from backend.api.serializers.certificates import CertificateSerializer, SentCertificateSerializer
from backend.api.views.availabilities import sent
from backend.api.views.base import WriteView
from backend.common.pdf import PDF_TYPE
from backend.credits.domain.certificates import (
    earning_networks_of,
    issue_certificate,
    visible_certificates_for,
)
from backend.credits.enums import CertificateRole
from backend.credits.models import Certificate
from backend.networks.models import Network
from backend.networks.rules import access_network_for
from backend.tutoring.domain.certificate_pages import print_certificate


class CertificateView(GenericAPIView[Certificate], WriteView):
    http_method_names = ["get", "head"]
    queryset = Certificate.objects.none()
    serializer_class = CertificateSerializer

    def get_queryset(self) -> QuerySet[Certificate]:
        return visible_certificates_for(self.person)


@describe(
    "My certificates, and those of networks I coordinate, newest first", CertificateSerializer(many=True), 400, 404
)
@describe_action(
    "Have my own certificate made for a period",
    CertificateSerializer,
    404,
    sent=SentCertificateSerializer,
    status=201,
    details="From what the ledger holds then; 400 `nothing_to_certify` for a period without hours.",
)
class CertificateListView(CertificateView, ListAPIView[Certificate]):
    filterset_class = CertificateFilter
    http_method_names = ["get", "head", "post"]
    ordering = ("-issued_at", "-pk")

    def post(self, request: Request) -> Response:
        data = sent(SentCertificateSerializer, request)
        made = issue_certificate(
            network=_earning_network_for(self.person, data["network"]),
            person=self.person,
            role=CertificateRole(data["role"]),
            period_start=data["period"]["first"],
            period_end=data["period"]["last"],
        )
        return Response(self.get_serializer(self.get_queryset().get(pk=made.pk)).data, status=201)


def _earning_network_for(person: Person, slug: str) -> Network:
    """Hours outlive the membership: who has left still has them certified."""
    return earning_networks_of(person).filter(slug=slug).first() or access_network_for(person, slug)


@describe("One certificate", CertificateSerializer, 404)
class CertificateDetailView(CertificateView, RetrieveAPIView[Certificate]):
    filter_backends = []


@describe_file(
    "The file of a certificate",
    PDF_TYPE,
    404,
    details="For its holder and the network’s coordinators; absent once its holder’s account is erased.",
)
class CertificateFileView(CertificateView):
    filter_backends = []

    def get(self, request: Request, pk: int) -> HttpResponse:
        certificate = self.get_object()
        answer = HttpResponse(print_certificate(certificate), content_type=PDF_TYPE)
        answer["Content-Disposition"] = f'attachment; filename="attestation-{certificate.number}.pdf"'
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
