"""Calendars kept elsewhere: their addresses are never told back, since they may be secrets."""

from typing import Any

from rest_framework import serializers

from backend.agenda.domain.outside import NAME_LENGTH_MAX, URL_LENGTH_MAX
from backend.agenda.enums import OutsideKind
from backend.agenda.models import OutsideCalendar
from backend.api.serializers.fields import InstantField


class OutsideCalendarSerializer(serializers.Serializer[OutsideCalendar]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=OutsideKind.choices)
    name = serializers.CharField()
    refreshed_at = InstantField(allow_null=True, help_text="When it was last read well; null until then.")
    error = serializers.SerializerMethodField(help_text="Code of the last failure; null since the last success.")

    def get_error(self, calendar: OutsideCalendar) -> str | None:
        return calendar.error or None


class SentAddressSerializer(serializers.Serializer[Any]):
    """A calendar at an address, read again every hour."""

    url = serializers.CharField(max_length=URL_LENGTH_MAX, help_text="`https` or `webcal`.")
    name = serializers.CharField(max_length=NAME_LENGTH_MAX, allow_blank=True, default="")


class SentFileSerializer(serializers.Serializer[Any]):
    """A calendar's file, read once."""

    file = serializers.FileField(allow_empty_file=True, help_text="An .ics file, of a million octets at most.")
    name = serializers.CharField(max_length=NAME_LENGTH_MAX, allow_blank=True, default="")
