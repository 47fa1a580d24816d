"""What the support pages of all rooms share: rows that the domain alone writes are shown and never touched."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from backend.common.patient_numbers import validate_no_patient_number


class NoAddition:
    """Rows come to be through the domain only."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NoDeletion:
    """Rows that others rest on are not taken away."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class GuardedWords:
    """Whatever words are typed here, a patient's number is none of them."""

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]  # a mixin of ``ModelAdmin``
        if isinstance(field, forms.CharField):
            field.validators.append(validate_no_patient_number)
        return field


class ReadOnly(NoAddition, NoDeletion):
    """Looked at, never written."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Rows of the row shown, such as the moves of its state."""

    extra = 0
    can_delete = False
