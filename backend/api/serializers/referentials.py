"""Référentiels and lists."""

from typing import Any

from rest_framework import serializers

from backend.api.serializers.fields import OptionalSlugField
from backend.referentials.enums import Area
from backend.referentials.models import (
    Capacity,
    Competency,
    Domain,
    Framework,
    Notion,
    Profession,
    Specialty,
    Territory,
    TransverseCategory,
)


class NoteSerializer(serializers.Serializer[Any]):
    """What a reviewer noted about the printed source."""

    id = serializers.CharField()
    text = serializers.CharField()


class NotionSerializer(serializers.ModelSerializer[Notion]):
    area = serializers.ChoiceField(choices=Area.choices, help_text="Domain of the socle.")

    class Meta:
        model = Notion
        fields = ["slug", "title", "area", "since_year", "note"]
        read_only_fields = fields


class CapacitySerializer(serializers.ModelSerializer[Capacity]):
    notion = serializers.SlugField(source="notion.slug", help_text="Slug of its notion.")
    notion_title = serializers.CharField(source="notion.title")
    printed = serializers.CharField(help_text="As printed, where the text was corrected; empty otherwise.")
    notes = NoteSerializer(many=True)

    class Meta:
        model = Capacity
        fields = ["key", "text", "printed", "notion", "notion_title", "notes"]
        read_only_fields = fields


class CompetencySerializer(serializers.ModelSerializer[Competency]):
    # With `many`, the class makes another.
    notions: serializers.ManyRelatedField = serializers.SlugRelatedField(  # type: ignore[assignment]
        slug_field="slug", many=True, read_only=True, help_text="Notions that holding it proves."
    )
    notes = NoteSerializer(many=True)
    capacities = CapacitySerializer(many=True)

    class Meta:
        model = Competency
        fields = [
            "key",
            "number",
            "suggested_number",
            "code",
            "level",
            "title",
            "printed_title",
            "introduction",
            "hours",
            "notions",
            "notes",
            "capacities",
        ]
        read_only_fields = fields


class DomainSerializer(serializers.ModelSerializer[Domain]):
    notes = NoteSerializer(many=True)
    competencies = CompetencySerializer(many=True)

    class Meta:
        model = Domain
        fields = [
            "key",
            "number",
            "suggested_number",
            "title",
            "printed_title",
            "hours",
            "face_to_face",
            "notes",
            "competencies",
        ]
        read_only_fields = fields


class FrameworkSerializer(serializers.ModelSerializer[Framework]):
    """A référentiel without its tree."""

    supersedes = OptionalSlugField(source="supersedes.slug", help_text="The edition that it replaces.")
    superseded_by = OptionalSlugField(source="superseded_by.slug", help_text="The edition that replaces it.")

    class Meta:
        model = Framework
        fields = [
            "slug",
            "title",
            "printed_title",
            "version",
            "date",
            "audience",
            "attribution",
            "supersedes",
            "superseded_by",
            "hours",
            "ects",
        ]
        read_only_fields = fields


class FrameworkTreeSerializer(FrameworkSerializer):
    """A référentiel down to its capacities."""

    notes = NoteSerializer(many=True)
    domains = DomainSerializer(many=True)

    class Meta(FrameworkSerializer.Meta):
        fields = [*FrameworkSerializer.Meta.fields, "notes", "domains"]
        read_only_fields = fields


class ProfessionSerializer(serializers.ModelSerializer[Profession]):
    framework = OptionalSlugField(source="framework.slug", help_text="The référentiel it is positioned on.")

    class Meta:
        model = Profession
        fields = ["slug", "label", "ans_code", "group", "framework", "has_rpps", "has_order"]
        read_only_fields = fields


class TransverseCategorySerializer(serializers.ModelSerializer[TransverseCategory]):
    class Meta:
        model = TransverseCategory
        fields = ["slug", "label"]
        read_only_fields = fields


class SpecialtySerializer(serializers.ModelSerializer[Specialty]):
    categories = TransverseCategorySerializer(many=True)

    class Meta:
        model = Specialty
        fields = ["slug", "label", "formation", "categories"]
        read_only_fields = fields


class TerritorySerializer(serializers.ModelSerializer[Territory]):
    class Meta:
        model = Territory
        fields = ["slug", "label"]
        read_only_fields = fields
