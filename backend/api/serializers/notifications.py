"""What people are told."""

from rest_framework import serializers

from backend.api.serializers.fields import InstantField
from backend.notifications.enums import Kind
from backend.notifications.models import Notification


class NotificationSerializer(serializers.Serializer[Notification]):
    number = serializers.IntegerField(help_text="1, 2, 3 … for each person, without holes.")
    kind = serializers.ChoiceField(choices=Kind.choices)
    title = serializers.CharField()
    url = serializers.CharField(help_text="Path of the page it leads to.")
    created_at = InstantField()
    read_at = InstantField(allow_null=True)


class ReadSerializer(serializers.Serializer[None]):
    number = serializers.IntegerField(min_value=1, help_text="The last one seen: it and all before are read.")


class UnreadSerializer(serializers.Serializer[None]):
    unread = serializers.IntegerField()
