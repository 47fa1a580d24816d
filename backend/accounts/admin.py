"""Support pages: accounts."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from backend.accounts.models import Person
from backend.common.admin import NoDeletion


class PersonCreationForm(AdminUserCreationForm):
    class Meta:
        model = Person
        fields = ("email", "first_name", "last_name")


class PersonChangeForm(UserChangeForm):
    class Meta:
        model = Person
        fields = "__all__"


@admin.register(Person)
class PersonAdmin(NoDeletion, UserAdmin):
    """Nobody is deleted here: erasure has rules of its own."""

    form = PersonChangeForm
    add_form = PersonCreationForm
    list_display = ["name", "email", "profession", "practice_mode", "is_active", "is_staff"]
    list_filter = ["is_active", "is_staff", "practice_mode", "profession"]
    list_select_related = ["profession"]
    search_fields = ["email", "first_name", "last_name", "rpps"]
    ordering = ["last_name", "first_name"]
    autocomplete_fields = ["profession"]
    raw_id_fields = ["specialty"]
    readonly_fields = ["date_joined", "last_login"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "profession", "specialty", "practice_mode", "rpps"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser"]}),
        ("Dates", {"fields": ["date_joined", "last_login"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "first_name", "last_name", "usable_password", "password1", "password2"]})
    ]
