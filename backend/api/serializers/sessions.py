"""Sessions and those who take part in them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.accounts.models import Person
from backend.api.serializers.fields import InstantField, PersonSerializer
from backend.tutoring.enums import Attendance, JoinKind, Modality, SessionState
from backend.tutoring.models import Participation, Session
from backend.tutoring.rules import Action, allowed_actions


class LearnerSerializer(serializers.Serializer[Participation]):
    id = serializers.IntegerField(source="person_id")
    name = serializers.CharField(source="person.name")
    request = serializers.IntegerField(source="request_id", help_text="Id of the request that the session answers.")
    attendance = serializers.ChoiceField(
        choices=Attendance.choices, help_text="Where attendance stands, from what both sides said."
    )


class JoinSerializer(serializers.Serializer[Session]):
    """How to meet."""

    kind = serializers.ChoiceField(choices=JoinKind.choices, source="join_kind")
    value = serializers.CharField(source="join_value", help_text="The link, the telephone number or the place.")


class TimeOfferSerializer(serializers.Serializer[Any]):
    """Another time that somebody proposes."""

    starts_at = InstantField()
    by = serializers.IntegerField(help_text="Id of the person who proposes it.")
    accepted_by = serializers.ListField(child=serializers.IntegerField(), help_text="Ids of those who accepted it.")


class SessionSerializer(serializers.Serializer[Session]):
    id = serializers.IntegerField()
    network = serializers.SlugField(source="network.slug", help_text="Slug of the network.")
    state = serializers.ChoiceField(choices=SessionState.choices)
    starts_at = InstantField()
    ends_at = InstantField(help_text="The session ends just before.")
    tutor = PersonSerializer()
    learners = LearnerSerializer(many=True, source="participations.all")
    notion = serializers.SlugField(source="notion.slug", help_text="Slug of the notion it is about.")
    modality = serializers.ChoiceField(choices=Modality.choices)
    site = serializers.IntegerField(
        source="site_id", allow_null=True, help_text="Id of the site, among those of the network; null at a distance."
    )
    join = JoinSerializer(source="*")
    time_offer = serializers.SerializerMethodField(help_text="Another time, once somebody proposes one.")
    conversation = serializers.IntegerField(source="conversation_id", help_text="Id of the session’s conversation.")
    allowed_actions = serializers.SerializerMethodField(help_text="What the caller may do with it now.")

    @extend_schema_field(TimeOfferSerializer(allow_null=True))
    def get_time_offer(self, session: Session) -> None:
        """Nothing in the domain makes one."""
        return

    def get_allowed_actions(self, session: Session) -> list[Action]:
        person: Person = self.context["request"].user
        # Annotated by the view, so that a list asks once for all its sessions.
        return allowed_actions(session, person, coordinates=session.coordinates)  # type: ignore[attr-defined]
