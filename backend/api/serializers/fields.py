"""Fields that several shapes share."""

import datetime as dt
from typing import Any

from rest_framework import serializers


class InstantField(serializers.DateTimeField):
    """An instant in UTC, ISO 8601 with its ``Z``, whatever zone is active."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=dt.UTC, read_only=True, **options)


class PointsField(serializers.DecimalField):
    """Points as text with two decimals: ``"12.00"``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=9, decimal_places=2, **options)


class OptionalSlugField(serializers.SlugField):
    """The slug at the end of a relation that may be empty, such as ``source="territory.slug"``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, default=None, **options)


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody, as others see them."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ErrorSerializer(serializers.Serializer[Any]):
    """Every refusal."""

    code = serializers.CharField(help_text="Stable, for programs.")
    message = serializers.CharField(help_text="A French sentence, for a person.")
    fields = serializers.DictField(  # type: ignore[assignment]  # the contract's own word, which hides nothing we use
        child=serializers.ListField(child=serializers.CharField()), help_text="What is wrong, by parameter or field."
    )
