"""Campaigns and their computations."""

from typing import Any

from rest_framework import serializers

from backend.api.serializers.fields import InstantField
from backend.campaigns.domain.runs import SECONDS_TO_SOLVE
from backend.campaigns.enums import Audience, CampaignState, Preset, RunState
from backend.campaigns.models import SESSION_MINUTES, Campaign, Run
from backend.common.patient_numbers import validate_no_patient_number

PRESETS = [(preset.value, preset.label) for preset in Preset if preset != Preset.OWN]
MINUTES = [(minutes, f"{minutes} min") for minutes in SESSION_MINUTES]
SEED_MAX = 2**31 - 1


class CampaignSerializer(serializers.Serializer[Campaign]):
    id = serializers.IntegerField()
    network = serializers.SlugField(source="network.slug", help_text="Slug of the network.")
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=CampaignState.choices)
    first_day = serializers.DateField(help_text="A Monday, in the network’s own time.")
    weeks = serializers.IntegerField()
    session_minutes = serializers.IntegerField()
    group_size_max = serializers.IntegerField(help_text="Learners in one session, at most.")
    preset = serializers.ChoiceField(choices=Preset.choices)
    collect_until = serializers.DateField(
        allow_null=True, help_text="Last day to ask and to offer, as people were told."
    )
    lent_tutors = serializers.BooleanField(help_text="Whether tutors lent by neighbours enter its runs.")
    created_at = InstantField()


class SentCampaignSerializer(serializers.Serializer[Any]):
    network = serializers.SlugField(max_length=60, help_text="Slug of a network that the caller coordinates.")
    title = serializers.CharField(max_length=120, validators=[validate_no_patient_number])
    first_day = serializers.DateField(help_text="A Monday.")
    weeks = serializers.IntegerField(min_value=1, max_value=12, default=3)
    session_minutes = serializers.ChoiceField(choices=MINUTES, default=45)
    group_size_max = serializers.IntegerField(min_value=1, max_value=12, default=1)
    preset = serializers.ChoiceField(choices=PRESETS, default=Preset.BALANCED)
    collect_until = serializers.DateField(required=False, allow_null=True, default=None)
    lent_tutors = serializers.BooleanField(default=False)
    audience = serializers.ChoiceField(
        choices=Audience.choices, default=Audience.NOBODY, help_text="Who is told, at once, that the campaign is open."
    )


class RunSerializer(serializers.Serializer[Run]):
    """A computation; what came out is null until it is `done`."""

    id = serializers.IntegerField()
    campaign = serializers.IntegerField(source="campaign_id")
    state = serializers.ChoiceField(choices=RunState.choices)
    session_minutes = serializers.IntegerField()
    group_size_max = serializers.IntegerField()
    preset = serializers.ChoiceField(choices=Preset.choices)
    lent_tutors = serializers.BooleanField()
    previous = serializers.IntegerField(
        source="previous_id", allow_null=True, help_text="Id of the run of which it keeps what it can."
    )
    seed = serializers.IntegerField()
    time_limit = serializers.FloatField(allow_null=True, help_text="Seconds.")
    instance_hash = serializers.CharField(help_text="SHA-256 of the frozen inputs.")
    requests = serializers.IntegerField(help_text="How many it was given.")
    attempts = serializers.IntegerField()
    status = serializers.CharField(help_text="`optimal`, `feasible` or `infeasible`; empty until it is done.")
    engine = serializers.CharField()
    version = serializers.CharField()
    objective = serializers.IntegerField(allow_null=True)
    bound = serializers.IntegerField(allow_null=True, help_text="No answer is worth more: proven.")
    gap = serializers.FloatField(allow_null=True)
    served = serializers.IntegerField(allow_null=True, help_text="Requests with a proposal.")
    seconds = serializers.FloatField(allow_null=True)
    created_at = InstantField()
    started_at = InstantField(allow_null=True)
    finished_at = InstantField(allow_null=True)
    published_at = InstantField(allow_null=True)


class SentRunSerializer(serializers.Serializer[Any]):
    """What is not said is as the campaign says."""

    session_minutes = serializers.ChoiceField(choices=MINUTES, required=False)
    group_size_max = serializers.IntegerField(min_value=1, max_value=12, required=False)
    preset = serializers.ChoiceField(choices=PRESETS, required=False)
    lent_tutors = serializers.BooleanField(required=False)
    previous = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="Id of a run of which to keep what one can."
    )
    seed = serializers.IntegerField(min_value=0, max_value=SEED_MAX, default=0)
    time_limit = serializers.FloatField(min_value=1, max_value=60, default=SECONDS_TO_SOLVE)
