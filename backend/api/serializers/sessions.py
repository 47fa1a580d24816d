"""Sessions and those who take part in them."""

from typing import Any

from rest_framework import serializers

from backend.accounts.models import Person
from backend.api.serializers.availabilities import WrittenInstantField
from backend.api.serializers.fields import InstantField, PersonSerializer
from backend.tutoring.enums import Attendance, JoinKind, Modality, SessionState
from backend.tutoring.models import Participation, Session, TimeOffer
from backend.tutoring.rules import Action, allowed_actions

REASON_MAX = 500
PEOPLE_MAX = 100
KEY_MAX = 2**63 - 1


class PeopleField(serializers.ListField):
    """Ids of people."""

    def __init__(self, **options: Any) -> None:
        key = serializers.IntegerField(min_value=1, max_value=KEY_MAX)
        super().__init__(child=key, max_length=PEOPLE_MAX, **options)


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


class TimeOfferSerializer(serializers.Serializer[TimeOffer]):
    """Another time that somebody proposes."""

    starts_at = InstantField()
    by = serializers.IntegerField(source="author_id", help_text="Id of the person who proposes it.")
    accepted_by = serializers.SerializerMethodField(help_text="Ids of those who accepted it.")

    def get_accepted_by(self, offer: TimeOffer) -> list[int]:
        return sorted(person.pk for person in offer.accepted_by.all())


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
    time_offer = TimeOfferSerializer(
        source="open_offer", allow_null=True, help_text="Another time under discussion: the session has not moved."
    )
    conversation = serializers.IntegerField(source="conversation_id", help_text="Id of the session’s conversation.")
    allowed_actions = serializers.SerializerMethodField(help_text="What the caller may do with it now.")

    def get_allowed_actions(self, session: Session) -> list[Action]:
        person: Person = self.context["request"].user
        # Annotated by the view, so that a list asks once for all its sessions.
        return allowed_actions(session, person, coordinates=session.coordinates)  # type: ignore[attr-defined]


class SessionReasonSerializer(serializers.Serializer[Any]):
    """Some words that the others of the session will read."""

    reason = serializers.CharField(max_length=REASON_MAX)


class SentTimeSerializer(serializers.Serializer[Any]):
    starts_at = WrittenInstantField(help_text="On a quarter of an hour; everybody of the session is free then.")


class AttendanceSerializer(serializers.Serializer[Any]):
    """Every learner, in one list or the other."""

    present = PeopleField(default=list, help_text="Ids of the learners who were there.")
    absent = PeopleField(default=list, help_text="Ids of those who were not.")


class PresenceSerializer(serializers.Serializer[Any]):
    present = serializers.BooleanField(help_text="Whether I was there.")
