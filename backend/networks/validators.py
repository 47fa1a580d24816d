import zoneinfo

from django.core.exceptions import ValidationError


def validate_timezone(value: str) -> None:
    """Accept the name of an IANA time zone."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError("Ce fuseau horaire est inconnu.", code="timezone")
