"""Competencies that tutors claim, and what coordinators decide about them."""

from typing import Any

from rest_framework import serializers

from backend.api.serializers.fields import InstantField, PersonSerializer
from backend.skills.enums import ClaimState, CredentialKind, Level
from backend.skills.models import Claim, Credential

REASON_MAX = 500
TITLE_MAX = 160
# Pix+ goes without claims: coordinators choose them on its page.
KINDS_SENT = [choice for choice in CredentialKind.choices if choice[0] != CredentialKind.PIX]


class CredentialSerializer(serializers.Serializer[Credential]):
    """What a claim rests on; its files are on the pages alone."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=CredentialKind.choices)
    title = serializers.CharField()
    obtained_on = serializers.DateField(allow_null=True)


class ClaimSerializer(serializers.Serializer[Claim]):
    id = serializers.IntegerField()
    network = serializers.SlugField(source="network.slug", help_text="Slug of the network.")
    person = PersonSerializer()
    notion = serializers.SlugField(source="notion.slug", help_text="Slug of the notion.")
    level = serializers.ChoiceField(choices=Level.choices)
    state = serializers.ChoiceField(choices=ClaimState.choices)
    expires_on = serializers.DateField(allow_null=True, help_text="It counts until the day before.")
    credential = CredentialSerializer()
    created_at = InstantField()


class SentClaimSerializer(serializers.Serializer[Any]):
    """One competency, and what it rests on."""

    network = serializers.SlugField(max_length=60, help_text="Slug of a network where the caller tutors.")
    notion = serializers.SlugField(max_length=80, help_text="Slug of the notion.")
    level = serializers.ChoiceField(choices=Level.choices)
    kind = serializers.ChoiceField(choices=KINDS_SENT, default=CredentialKind.OBSERVATION)
    title = serializers.CharField(
        max_length=TITLE_MAX, allow_blank=True, default="", help_text="Name of the certificate, unless there is none."
    )
    obtained_on = serializers.DateField(allow_null=True, default=None)
    note = serializers.CharField(max_length=REASON_MAX, allow_blank=True, default="")


class AcceptanceSerializer(serializers.Serializer[Any]):
    level = serializers.ChoiceField(choices=Level.choices, allow_null=True, default=None, help_text="If another.")
    expires_on = serializers.DateField(allow_null=True, default=None, help_text="A day to come.")
    reason = serializers.CharField(max_length=REASON_MAX, allow_blank=True, default="")


class WhySerializer(serializers.Serializer[Any]):
    """Some words that the other side reads."""

    reason = serializers.CharField(max_length=REASON_MAX)
