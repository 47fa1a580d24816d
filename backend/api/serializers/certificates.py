"""« Attestations d’entraide »."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from backend.api.filters import SLUG_LENGTH_MAX
from backend.credits.enums import CertificateRole, CertificateState
from backend.credits.models import Certificate


class PeriodSerializer(serializers.Serializer[Any]):
    """Two days, both included, in the network’s zone."""

    first = serializers.DateField()
    last = serializers.DateField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["last"] < attrs["first"]:
            raise serializers.ValidationError({"last": ["Le dernier jour vient après le premier."]})
        return attrs


class CertificatePeriodSerializer(serializers.Serializer[Certificate]):
    """Two days, both included, in the network’s zone."""

    first = serializers.DateField(source="period_start")
    last = serializers.DateField(source="period_end")


class CertificateSerializer(serializers.Serializer[Certificate]):
    id = serializers.IntegerField()
    number = serializers.CharField(help_text="Anybody may check it; it tells no name.")
    network = serializers.SlugField(source="network.slug", help_text="Slug of the network.")
    person = serializers.IntegerField(
        source="account.person_id", allow_null=True, help_text="Id of its holder; null once their account is erased."
    )
    role = serializers.ChoiceField(choices=CertificateRole.choices)
    period = CertificatePeriodSerializer(source="*")
    state = serializers.ChoiceField(choices=CertificateState.choices)
    pdf_url = serializers.SerializerMethodField(help_text="The file: for its holder and the network’s coordinators.")
    verify_url = serializers.SerializerMethodField(help_text="The page where anybody checks it.")

    def get_pdf_url(self, certificate: Certificate) -> str:
        return self._absolute(reverse("api:certificate_file", args=[certificate.pk]))

    def get_verify_url(self, certificate: Certificate) -> str:
        return self._absolute(reverse("certificate", args=[certificate.number]))

    def _absolute(self, path: str) -> str:
        if settings.PUBLIC_URL:
            return f"{settings.PUBLIC_URL}{path}"
        return str(self.context["request"].build_absolute_uri(path))


class SentCertificateSerializer(serializers.Serializer[Any]):
    network = serializers.SlugField(max_length=SLUG_LENGTH_MAX, help_text="Where the hours were given or received.")
    role = serializers.ChoiceField(choices=CertificateRole.choices, help_text="Hours given, or received.")
    period = PeriodSerializer()
