"""Support pages: sessions, who takes part, and every move of their state. Nothing is written here."""

from django.contrib import admin

from backend.common.admin import ReadOnly, ReadOnlyInline
from backend.tutoring.models import Participation, Session, SessionTransition


class ParticipationInline(ReadOnlyInline):
    model = Participation
    fields = ["person", "agreed_at", "by_tutor", "by_learner", "decided"]


class SessionTransitionInline(ReadOnlyInline):
    model = SessionTransition


@admin.register(Session)
class SessionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["starts_at", "tutor", "notion", "modality", "state", "network"]
    list_filter = ["state", "modality", "network"]
    list_select_related = ["tutor", "notion", "network"]
    search_fields = ["tutor__email", "tutor__last_name", "participations__person__last_name", "notion__title"]
    date_hierarchy = "starts_at"
    inlines = [ParticipationInline, SessionTransitionInline]
