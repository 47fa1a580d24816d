"""Who I am, and the networks I belong to."""

from typing import Any

from rest_framework import serializers

from backend.api.serializers.fields import OptionalSlugField, PointsField
from backend.networks.enums import Role, SiteKind
from backend.networks.models import Membership, Network, Site

ROLES_HELP = "Roles the caller holds there."


def role_names(membership: Membership) -> list[Role]:
    """Roles of a membership, in the order of ``Role``."""
    held = {given.role for given in membership.roles.all()}
    return [role for role in Role if role in held]


class SiteSerializer(serializers.ModelSerializer[Site]):
    kind = serializers.ChoiceField(choices=SiteKind.choices)

    class Meta:
        model = Site
        fields = ["id", "name", "kind", "address"]
        read_only_fields = fields


class MyNetworkSerializer(serializers.Serializer[Membership]):
    """A network, as `me` tells it."""

    slug = serializers.SlugField(source="network.slug")
    name = serializers.CharField(source="network.name")
    timezone = serializers.CharField(source="network.timezone", help_text="IANA name of its time zone.")
    roles = serializers.SerializerMethodField(help_text=ROLES_HELP)

    def get_roles(self, membership: Membership) -> list[Role]:
        return role_names(membership)


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()
    networks = MyNetworkSerializer(many=True)
    calendar_url = serializers.URLField(
        allow_null=True, help_text="Secret address of the calendar feed; null for a person who has none."
    )
    points = serializers.DictField(child=PointsField(), help_text="Points by slug of network.")
    unread = serializers.IntegerField(min_value=0, help_text="Messages not read yet, over all conversations.")


class NetworkSerializer(serializers.ModelSerializer[Network]):
    """A network of the caller, whose membership was fetched as ``mine``."""

    territory = OptionalSlugField(source="territory.slug")
    roles = serializers.SerializerMethodField(help_text=ROLES_HELP)
    sites = SiteSerializer(many=True)

    class Meta:
        model = Network
        fields = ["slug", "name", "timezone", "territory", "roles", "target_level", "answer_days", "sites"]
        read_only_fields = fields

    def get_roles(self, network: Network) -> list[Role]:
        return role_names(network.mine[0])  # type: ignore[attr-defined]  # the view fetched it
