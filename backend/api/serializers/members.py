"""Members of networks, as a coordinator reads them, and everybody themselves."""

from typing import Any

from rest_framework import serializers

from backend.api.serializers.fields import InstantField, OptionalSlugField, PersonSerializer
from backend.api.serializers.people import role_names
from backend.networks.domain.membership import REASON_LENGTH_MAX
from backend.networks.enums import Attachment, MemberState, Role
from backend.networks.models import Membership
from backend.networks.rules import member_state


class MemberSerializer(serializers.Serializer[Membership]):
    id = serializers.IntegerField(help_text="Id of the membership: one person in one network.")
    network = serializers.SlugField(source="network.slug", help_text="Slug of the network.")
    person = PersonSerializer()
    email = serializers.EmailField(source="person.email")
    profession = OptionalSlugField(source="person.profession.slug")
    roles = serializers.SerializerMethodField(help_text="Roles held there.")
    attachment = serializers.ChoiceField(choices=Attachment.choices)
    site = serializers.IntegerField(source="site_id", allow_null=True, help_text="Id of the site, or null.")
    state = serializers.SerializerMethodField()
    joined_at = InstantField()

    def get_roles(self, membership: Membership) -> list[Role]:
        return role_names(membership)

    def get_state(self, membership: Membership) -> MemberState:
        return member_state(membership)


class SuspensionSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=REASON_LENGTH_MAX,
        help_text="Read by the member.",
    )
