"""Publishing a run, and repairing what was undone since."""

from typing import Any

from rest_framework import serializers

from backend.api.serializers.fields import InstantField, PersonSerializer
from backend.campaigns.enums import RepairState
from backend.campaigns.models import Repair, RepairMove
from backend.tutoring.enums import Modality

KEY_MAX = 2**63 - 1


class SentPublicationSerializer(serializers.Serializer[Any]):
    run = serializers.IntegerField(min_value=1, max_value=KEY_MAX, help_text="Id of the run to publish.")


class PublicationSerializer(serializers.Serializer[Any]):
    """What a publication made."""

    campaign = serializers.IntegerField(help_text="Id of the campaign.")
    sessions = serializers.ListField(child=serializers.IntegerField(), help_text="Ids of the sessions proposed.")
    left_out = serializers.ListField(
        child=serializers.IntegerField(), help_text="Ids of the requests whose session no longer fitted: repair."
    )
    mails_at = InstantField(help_text="When mails leave: until then it may be taken back on its page.")


class SentRepairSerializer(serializers.Serializer[Any]):
    apply = serializers.BooleanField(default=False, help_text="Whether to do at once what is found.")


class RepairMoveSerializer(serializers.Serializer[RepairMove]):
    request = serializers.IntegerField(source="request_id", help_text="Id of the request.")
    tutor = PersonSerializer()
    starts_at = InstantField()
    modality = serializers.ChoiceField(choices=Modality.choices)
    site = serializers.IntegerField(source="site_id", allow_null=True)
    instead_of = serializers.IntegerField(
        source="before_id", allow_null=True, help_text="Id of the session that it leaves."
    )


class RepairSerializer(serializers.Serializer[Repair]):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RepairState.choices)
    kept = serializers.IntegerField(help_text="How many sessions to come stay as they are.")
    waiting = serializers.IntegerField(help_text="How many requests still have no proposal.")
    moves = RepairMoveSerializer(many=True, source="moves.all")
