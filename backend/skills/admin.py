"""Support pages: what tutors hold. Where a learner stands belongs to the learner: it is shown nowhere here."""

from django.contrib import admin

from backend.common.admin import NoAddition, NoDeletion, ReadOnlyInline
from backend.skills.models import Claim, ClaimTransition, Credential


class ClaimTransitionInline(ReadOnlyInline):
    model = ClaimTransition


@admin.register(Credential)
class CredentialAdmin(admin.ModelAdmin):
    list_display = ["title", "person", "kind", "obtained_on"]
    list_filter = ["kind"]
    list_select_related = ["person"]
    search_fields = ["title", "person__email", "person__last_name"]
    autocomplete_fields = ["person"]


@admin.register(Claim)
class ClaimAdmin(NoAddition, NoDeletion, admin.ModelAdmin):
    """Coordinators decide: only the day it expires can be put right here."""

    list_display = ["person", "notion", "level", "state", "network", "expires_on", "created_at"]
    list_filter = ["state", "level", "network"]
    list_select_related = ["person", "notion", "network"]
    search_fields = ["person__email", "person__last_name", "notion__title"]
    readonly_fields = ["person", "network", "notion", "level", "credential", "state", "created_at"]
    inlines = [ClaimTransitionInline]
