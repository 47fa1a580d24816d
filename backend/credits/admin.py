"""Support pages: points. The ledger is read here and written nowhere but in the domain."""

from django.contrib import admin

from backend.common.admin import ReadOnly
from backend.credits.models import Account, Certificate, Entry, LedgerHead, Scale


@admin.register(Scale)
class ScaleAdmin(admin.ModelAdmin):
    list_display = ["network", "valid_from", "points_per_hour", "points_per_extra_learner"]
    list_filter = ["network"]
    list_select_related = ["network"]
    autocomplete_fields = ["network"]


@admin.register(Account)
class AccountAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["number", "person"]
    list_select_related = ["person"]
    search_fields = ["person__email", "person__last_name"]


@admin.register(LedgerHead)
class LedgerHeadAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["network", "sequence", "hash"]
    list_select_related = ["network"]


@admin.register(Entry)
class EntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["network", "sequence", "account", "kind", "area", "points", "minutes", "source", "created_at"]
    list_filter = ["kind", "area", "network"]
    list_select_related = ["network", "account"]
    search_fields = ["=source", "account__person__email", "account__person__last_name"]


@admin.register(Certificate)
class CertificateAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["number", "account", "network", "role", "period_start", "period_end", "minutes", "points", "state"]
    list_filter = ["state", "role", "network"]
    list_select_related = ["network", "account"]
    search_fields = ["number", "account__person__email", "account__person__last_name"]
