"""Pages of a list by keyset: each page says where the next begins, so that none repeats or skips a row."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from backend.api.errors import InvalidCursor

PAGE_SIZE = 50
PAGE_SIZE_MAX = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row to start after, or before when going ``back``: its values in the fields of the order."""

    back: bool
    position: list[str | int]


class CursorPagination(BasePagination):
    """``?cursor=`` and ``?page_size=``. The view names a total order in ``ordering``.

    Cursors are signed, for one list each: what arrives is what we gave, or refused.
    """

    def paginate_queryset(  # type: ignore[override]  # a list in memory has no keyset
        self, queryset: QuerySet[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.ordering: tuple[str, ...] = view.ordering  # type: ignore[union-attr]  # every list view has one
        self.signer = signing.Signer(salt=f"api.cursor:{queryset.model._meta.label}:{self.ordering}")  # noqa: SLF001 (public in Django's documentation)
        self.address = request.build_absolute_uri()
        self.cursor = self._read_cursor(request)
        size = _read_page_size(request)
        back = self.cursor is not None and self.cursor.back
        rows = list(self._from_cursor(queryset, back=back)[: size + 1])
        self.has_more = len(rows) > size
        self.page = rows[:size][::-1] if back else rows[:size]
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        back = self.cursor is not None and self.cursor.back
        has_next = back or self.has_more
        has_previous = self.has_more if back else self.cursor is not None
        return Response(
            {
                "results": data,
                "next": self._link(self.page[-1], back=False) if self.page and has_next else None,
                "previous": self._link(self.page[0], back=True) if self.page and has_previous else None,
            }
        )

    def _from_cursor(self, queryset: QuerySet[Any], *, back: bool) -> QuerySet[Any]:
        order = [_reverse(name) for name in self.ordering] if back else list(self.ordering)
        if self.cursor is not None:
            queryset = queryset.filter(_beyond(order, self.cursor.position))
        return queryset.order_by(*order)

    def _read_cursor(self, request: Request) -> Cursor | None:
        text = request.query_params.get("cursor")
        if text is None:
            return None
        try:
            return Cursor(**self.signer.unsign_object(text))
        except signing.BadSignature:
            raise InvalidCursor from None

    def _link(self, row: Model, *, back: bool) -> str:
        values = (getattr(row, name.removeprefix("-")) for name in self.ordering)
        position = [value if isinstance(value, int) else str(value) for value in values]
        text = self.signer.sign_object({"back": back, "position": position})
        return replace_query_param(self.address, "cursor", text)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": link | {"description": "Address of the next page, null on the last."},
                "previous": link | {"description": "Address of the page before, null on the first."},
            },
            "additionalProperties": False,
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "Where to start: follow `next` and `previous` instead of writing it.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "description": "Results a page.",
                "schema": {"type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": PAGE_SIZE},
            },
        ]


def _read_page_size(request: Request) -> int:
    text = request.query_params.get("page_size", str(PAGE_SIZE))
    if text.isascii() and text.isdecimal() and len(text) <= len(str(PAGE_SIZE_MAX)) and 1 <= int(text) <= PAGE_SIZE_MAX:
        return int(text)
    raise ValidationError({"page_size": [f"Choisissez un nombre de 1 à {PAGE_SIZE_MAX}."]})


def _reverse(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Iterable[str], position: Iterable[str | int]) -> Q:
    """Rows after ``position``: larger in the first field, or equal there and larger in the second, and so on."""
    beyond, equal = Q(), Q()
    for name, value in zip(order, position, strict=True):
        field = name.removeprefix("-")
        beyond |= equal & Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{field: value})
    return beyond
