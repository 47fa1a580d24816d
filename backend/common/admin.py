"""What the support pages of all rooms share: rows that the domain alone writes are shown and never touched."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class NoAddition:
    """Rows come to be through the domain only."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NoDeletion:
    """Rows that others rest on are not taken away."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(NoAddition, NoDeletion):
    """Looked at, never written."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Rows of the row shown, such as the moves of its state."""

    extra = 0
    can_delete = False
