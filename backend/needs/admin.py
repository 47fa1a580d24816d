"""Support pages: what people ask for and offer. What a request says in the person's own words is not shown."""

from django.contrib import admin

from backend.common.admin import NoDeletion, ReadOnly, ReadOnlyInline
from backend.needs.models import HelpRequest, HelpRequestTransition, TutorOffer


class HelpRequestTransitionInline(ReadOnlyInline):
    model = HelpRequestTransition


@admin.register(HelpRequest)
class HelpRequestAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["person", "notion", "urgency", "state", "network", "created_at"]
    list_filter = ["state", "urgency", "network"]
    list_select_related = ["person", "notion", "network"]
    search_fields = ["person__email", "person__last_name", "notion__title"]
    fields = ["network", "person", "notion", "urgency", "remote", "sites", "group_ok", "state", "created_at"]
    inlines = [HelpRequestTransitionInline]


@admin.register(TutorOffer)
class TutorOfferAdmin(NoDeletion, admin.ModelAdmin):
    list_display = ["person", "network", "hours_per_month", "remote"]
    list_filter = ["remote", "network"]
    list_select_related = ["person", "network"]
    search_fields = ["person__email", "person__last_name"]
    autocomplete_fields = ["person", "network", "sites"]
