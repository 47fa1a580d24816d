"""Support pages: traces are read here, and written nowhere but in the domain."""

from django.contrib import admin

from backend.common.admin import ReadOnly
from backend.reports.models import NamedListExport, QuarterReport


@admin.register(NamedListExport)
class NamedListExportAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["at", "network", "kind", "author", "purpose"]
    list_filter = ["kind"]
    list_select_related = ["network", "author"]


@admin.register(QuarterReport)
class QuarterReportAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["network", "first_day", "fixed_at"]
    list_select_related = ["network"]
