"""Support pages: networks, made with their first coordinator, their places, and who belongs to them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from backend.common.admin import NoDeletion, ReadOnly, ReadOnlyInline
from backend.networks.domain.creation import appoint_first_coordinator
from backend.networks.models import Membership, MembershipRole, Network, Site

NETWORK_FIELDS = ["slug", "name", "timezone", "territory", "target_level", "answer_days", "holiday_calendar"]


class NewNetworkForm(forms.ModelForm):
    """A network never begins without somebody to coordinate it."""

    coordinator_email = forms.EmailField(help_text="Who coordinates first: joins at once, or gets an invitation.")

    class Meta:
        model = Network
        fields: ClassVar[list[str]] = NETWORK_FIELDS


@admin.register(Network)
class NetworkAdmin(NoDeletion, admin.ModelAdmin):
    list_display = ["name", "slug", "timezone", "territory", "target_level", "answer_days"]
    list_filter = ["timezone"]
    list_select_related = ["territory"]
    search_fields = ["name", "slug"]
    raw_id_fields = ["territory"]
    readonly_fields = ["created_at"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002 (Django's)
        if obj is None:
            options["form"] = NewNetworkForm
        return super().get_form(request, obj, change, **options)

    def save_model(self, request: HttpRequest, obj: Network, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        super().save_model(request, obj, form, change)
        if not change:
            appoint_first_coordinator(network=obj, email=form.cleaned_data["coordinator_email"])


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin):
    list_display = ["name", "network", "kind", "short_of_means"]
    list_filter = ["kind", "short_of_means", "network"]
    list_select_related = ["network"]
    search_fields = ["name", "address"]
    autocomplete_fields = ["network"]


class RoleInline(ReadOnlyInline):
    model = MembershipRole


@admin.register(Membership)
class MembershipAdmin(ReadOnly, admin.ModelAdmin):
    """Read only: the domain keeps each network a coordinator, and a row of every change."""

    list_display = ["person", "network", "attachment", "site", "joined_at", "suspended_at", "left_at"]
    list_filter = ["attachment", "roles__role", "network"]
    list_select_related = ["person", "network", "site"]
    search_fields = ["person__email", "person__first_name", "person__last_name"]
    inlines = [RoleInline]
