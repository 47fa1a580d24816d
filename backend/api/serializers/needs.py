"""Where the caller stands, and requests for help."""

from typing import Any

from rest_framework import serializers

from backend.api.serializers.availabilities import SITES_MAX
from backend.api.serializers.fields import InstantField, PersonSerializer
from backend.needs.enums import RequestState, Urgency
from backend.needs.models import HelpRequest
from backend.skills.enums import Level, PositioningLevel
from backend.skills.models import Positioning

CONTEXT_MAX = 1000
KEY_MAX = 80
KEY_PATTERN = "^[a-z0-9-]+:[0-9.]+$"


class KeyField(serializers.RegexField):
    """Key of a capacity, such as ``as-ap:2.1.4``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(KEY_PATTERN, max_length=KEY_MAX, **options)


class PositioningSerializer(serializers.Serializer[Positioning]):
    """One dated answer; the newest on a capacity is where the person stands."""

    id = serializers.IntegerField()
    framework = serializers.SlugField(
        source="capacity.competency.domain.framework.slug", help_text="Slug of the référentiel."
    )
    capacity = serializers.CharField(source="capacity.key", help_text="Key of the capacity.")
    level = serializers.ChoiceField(choices=PositioningLevel.choices)
    answered_at = InstantField()


class SentPositioningSerializer(serializers.Serializer[Any]):
    """An answer on one capacity."""

    capacity = KeyField(help_text="Key of the capacity, in any référentiel that has some.")
    level = serializers.ChoiceField(choices=PositioningLevel.choices)


class RequestSerializer(serializers.Serializer[HelpRequest]):
    id = serializers.IntegerField()
    network = serializers.SlugField(source="network.slug", help_text="Slug of the network.")
    person = PersonSerializer(help_text="Who needs help.")
    capacity = serializers.CharField(source="capacity.key", help_text="Key of the capacity.")
    notion = serializers.SlugField(source="notion.slug", help_text="Slug of its notion.")
    state = serializers.ChoiceField(choices=RequestState.choices)
    level_wanted = serializers.ChoiceField(choices=Level.choices)
    level_start = serializers.IntegerField(
        min_value=0, max_value=2, allow_null=True, help_text="Where the person starts from, if they said so."
    )
    urgency = serializers.ChoiceField(choices=Urgency.choices)
    remote = serializers.BooleanField()
    sites = serializers.ListField(
        child=serializers.IntegerField(), source="site_ids", help_text="Ids of the sites where meeting is possible."
    )
    group_ok = serializers.BooleanField()
    on_working_time = serializers.BooleanField()
    context = serializers.CharField()  # type: ignore[assignment]  # a name of REST framework's that we do not use
    created_at = InstantField()

    def to_representation(self, instance: HelpRequest) -> dict[str, Any]:
        instance.site_ids = sorted(site.pk for site in instance.sites.all())  # type: ignore[attr-defined]
        return super().to_representation(instance)


class SentRequestSerializer(serializers.Serializer[Any]):
    """Help that the caller asks for themselves."""

    network = serializers.SlugField(max_length=60, help_text="Slug of a network where the caller may be helped.")
    capacity = KeyField(help_text="Key of the capacity.")
    level_wanted = serializers.ChoiceField(choices=Level.choices)
    level_start = serializers.IntegerField(
        min_value=0, max_value=2, allow_null=True, default=None, help_text="Lower than `level_wanted`."
    )
    urgency = serializers.ChoiceField(choices=Urgency.choices, default=Urgency.WHENEVER)
    remote = serializers.BooleanField(default=True)
    sites = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=SITES_MAX, default=list, help_text="Ids of its sites."
    )
    group_ok = serializers.BooleanField(default=False)
    on_working_time = serializers.BooleanField(default=False)
    context = serializers.CharField(  # type: ignore[assignment]  # as above
        max_length=CONTEXT_MAX, allow_blank=True, default="", help_text="Never anything about a patient."
    )
