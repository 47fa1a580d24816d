"""When the caller is free, and what they give each network."""

import datetime as dt
from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.agenda.domain.exceptions import COUNT_MAX
from backend.agenda.domain.windows import QUARTERS_A_DAY, Span
from backend.agenda.models import AvailabilityException
from backend.api.serializers.fields import InstantField
from backend.needs.domain.offers import HOURS_MAX, LINK_MAX
from backend.needs.models import TutorOffer

# No week of windows that do not touch has more than this, in one zone and another.
WINDOWS_MAX = 7 * QUARTERS_A_DAY
SITES_MAX = 200
NOT_AN_INSTANT = "Écrivez un instant avec son décalage, tel que 2026-01-31T12:00:00Z."


@extend_schema_field({"type": "string", "format": "date-time"})
class WrittenInstantField(serializers.Field[dt.datetime, str, str, Any]):
    """An instant that somebody sends: ISO 8601 with its offset, since an hour alone would be a guess."""

    def to_internal_value(self, data: Any) -> dt.datetime:
        try:
            instant = parse_datetime(str(data))
            converted = instant.astimezone(dt.UTC) if instant and instant.tzinfo else None
        except (ValueError, OverflowError):
            converted = None
        if converted is None:
            raise serializers.ValidationError(NOT_AN_INSTANT)
        return converted


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):(00|15|30|45)$", "example": "12:30"})
class ClockField(serializers.TimeField):
    """A local time, by quarters of an hour."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", **options)


class WindowFields(serializers.Serializer[Any]):
    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday.")
    starts = ClockField(help_text="Local time, by quarters of an hour.")
    ends = ClockField(help_text="Local time, later than `starts`.")
    timezone = serializers.CharField(
        min_length=1, max_length=60, help_text="IANA name of the clocks that tell it: the zone of one of your networks."
    )


class SentWindowSerializer(WindowFields):
    """A window to be free in, every week."""

    @staticmethod
    def span_of(data: dict[str, Any]) -> Span:
        return Span(data["weekday"], data["starts"], data["ends"], data["timezone"])


class WindowSerializer(WindowFields):
    """« Every Thursday, 12:00 to 14:00 ». Windows never touch: what is added is joined to its neighbours."""

    id = serializers.IntegerField()


class SentExceptionSerializer(serializers.Serializer[Any]):
    """A dated change to the week."""

    starts_at = WrittenInstantField(help_text="On a quarter of an hour.")
    ends_at = WrittenInstantField(help_text="On a quarter of an hour, a year later at most.")
    is_free = serializers.BooleanField(help_text="True for free time added, false for time taken away.")


class ExceptionSerializer(serializers.Serializer[AvailabilityException]):
    """A dated change to the week. Time taken away beats everything; time added beats public holidays."""

    id = serializers.IntegerField()
    starts_at = InstantField()
    ends_at = InstantField()
    is_free = serializers.BooleanField()


class SentOfferSerializer(serializers.Serializer[Any]):
    """What a tutor gives a network each month."""

    hours_per_month = serializers.DecimalField(
        max_digits=3, decimal_places=1, min_value=0, max_value=HOURS_MAX, help_text="By half hours; 0 is a pause."
    )
    remote = serializers.BooleanField()
    sites = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=SITES_MAX, help_text="Ids of sites of the network."
    )
    room_link = serializers.CharField(max_length=LINK_MAX, allow_blank=True, help_text="An `https://` address.")
    telephone = serializers.CharField(max_length=30, allow_blank=True)


class OfferSerializer(serializers.Serializer[TutorOffer]):
    """What a tutor gives a network each month, and how people meet them."""

    network = serializers.SlugField(source="network.slug", help_text="Slug of the network.")
    hours_per_month = serializers.DecimalField(max_digits=3, decimal_places=1)
    remote = serializers.BooleanField()
    sites = serializers.SerializerMethodField(help_text="Ids of the sites where one may meet them.")
    room_link = serializers.CharField()
    telephone = serializers.CharField()

    def get_sites(self, offer: TutorOffer) -> list[int]:
        return sorted(site.pk for site in offer.sites.all())


class SentWeekSerializer(serializers.Serializer[Any]):
    """The whole week, in place of the one there was."""

    windows = SentWindowSerializer(many=True, max_length=WINDOWS_MAX)  # type: ignore[call-arg]  # the list's own


class WeekSerializer(serializers.Serializer[Any]):
    """When the caller is free: the week, its exceptions to come, and what they give as a tutor."""

    windows = WindowSerializer(many=True)
    exceptions = ExceptionSerializer(many=True, help_text=f"Those that are not over, {COUNT_MAX} at most.")
    offers = OfferSerializer(many=True, help_text="One for each network that a tutor said something to.")
