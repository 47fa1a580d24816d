"""Support pages: campaigns and their runs. What a run was given and gave are long files: they are not shown."""

from django.contrib import admin

from backend.campaigns.models import Campaign, CampaignTransition, Run
from backend.common.admin import ReadOnly, ReadOnlyInline


class CampaignTransitionInline(ReadOnlyInline):
    model = CampaignTransition


@admin.register(Campaign)
class CampaignAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["title", "network", "first_day", "weeks", "preset", "state"]
    list_filter = ["state", "preset", "network"]
    list_select_related = ["network"]
    search_fields = ["title"]
    inlines = [CampaignTransitionInline]


@admin.register(Run)
class RunAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["pk", "campaign", "state", "status", "served", "objective", "bound", "seconds", "published_at"]
    list_filter = ["state", "status"]
    list_select_related = ["campaign"]
    search_fields = ["campaign__title", "=instance_hash"]
    exclude = ["instance", "solution"]
