"""Support pages: when people are free, and what takes their time."""

from django.contrib import admin

from backend.agenda.models import AvailabilityException, Occupancy, WeeklyWindow
from backend.common.admin import ReadOnly
from backend.common.clock import cell_start


@admin.register(WeeklyWindow)
class WeeklyWindowAdmin(admin.ModelAdmin):
    list_display = ["person", "weekday", "starts", "ends", "timezone"]
    list_filter = ["weekday", "timezone"]
    list_select_related = ["person"]
    search_fields = ["person__email", "person__last_name"]
    autocomplete_fields = ["person"]


@admin.register(AvailabilityException)
class AvailabilityExceptionAdmin(admin.ModelAdmin):
    list_display = ["person", "starts_at", "ends_at", "is_free"]
    list_filter = ["is_free"]
    list_select_related = ["person"]
    search_fields = ["person__email", "person__last_name"]
    autocomplete_fields = ["person"]


@admin.register(Occupancy)
class OccupancyAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["person", "begins", "source"]
    list_select_related = ["person"]
    search_fields = ["person__email", "person__last_name", "=source"]
    show_full_result_count = False

    @admin.display(ordering="cell", description="begins (UTC)")
    def begins(self, row: Occupancy) -> str:
        return f"{cell_start(row.cell):%Y-%m-%d %H:%M}"
