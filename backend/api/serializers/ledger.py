"""Lines of the ledger."""

from rest_framework import serializers

from backend.api.serializers.fields import InstantField, PointsField
from backend.credits.enums import EntryKind
from backend.credits.models import Entry


class EntrySerializer(serializers.Serializer[Entry]):
    id = serializers.IntegerField()
    network = serializers.SlugField(source="network.slug", help_text="Slug of the network.")
    person = serializers.IntegerField(
        source="account.person_id", allow_null=True, help_text="Id of the person; null once their account is erased."
    )
    points = PointsField(help_text="Negative in a correction that takes back.")
    minutes = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=EntryKind.choices)
    source = serializers.CharField(help_text="What it comes from: `session:<id>`, `correction:<entry id>`.")  # type: ignore[assignment]  # the contract's own word, which hides nothing we use
    created_at = InstantField()
    hash = serializers.CharField(help_text="SHA-256 that chains it to the entry before in its network.")
