"""The référentiels as support sees them: to read, never to edit, as the data files are the only source."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from backend.referentials import models


class ReadOnlyAdmin(admin.ModelAdmin):
    """A table to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.Notion)
class NotionAdmin(ReadOnlyAdmin):
    list_display = ["slug", "title", "area", "since_year"]
    list_filter = ["area"]
    search_fields = ["slug", "title"]


@admin.register(models.Framework)
class FrameworkAdmin(ReadOnlyAdmin):
    list_display = ["slug", "title", "version", "attribution", "hours", "ects", "supersedes"]
    list_select_related = ["supersedes"]


@admin.register(models.Domain)
class DomainAdmin(ReadOnlyAdmin):
    list_display = ["key", "number", "title", "hours"]
    list_filter = ["framework"]
    search_fields = ["key", "title"]


@admin.register(models.Competency)
class CompetencyAdmin(ReadOnlyAdmin):
    list_display = ["key", "number", "title", "level", "hours"]
    list_filter = ["domain__framework"]
    search_fields = ["key", "title"]


@admin.register(models.Capacity)
class CapacityAdmin(ReadOnlyAdmin):
    list_display = ["key", "text", "notion"]
    list_filter = ["competency__domain__framework"]
    list_select_related = ["notion"]
    search_fields = ["key", "folded"]


@admin.register(models.Profession)
class ProfessionAdmin(ReadOnlyAdmin):
    list_display = ["label", "ans_code", "group", "framework", "has_rpps", "has_order"]
    list_filter = ["group"]
    list_select_related = ["framework"]
    search_fields = ["slug", "label"]


@admin.register(models.Formation)
class FormationAdmin(ReadOnlyAdmin):
    list_display = ["label", "type"]
    list_filter = ["type"]


@admin.register(models.Specialty)
class SpecialtyAdmin(ReadOnlyAdmin):
    list_display = ["label", "formation"]
    list_filter = ["formation", "categories"]
    search_fields = ["slug", "label"]


@admin.register(models.TransverseCategory, models.Territory)
class LabelAdmin(ReadOnlyAdmin):
    list_display = ["slug", "label"]


@admin.register(models.ReferenceList)
class ReferenceListAdmin(ReadOnlyAdmin):
    list_display = ["slug", "reviewed"]
