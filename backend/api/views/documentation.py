"""The description of the API, for programs and for people; open to all."""

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from rest_framework.request import Request

from backend.api.reading import list_operations, list_shapes
from backend.api.schema import describe_api
from backend.api.views.base import OpenView


class SchemaView(OpenView):
    """OpenAPI 3, in JSON."""

    def get(self, request: Request) -> HttpResponse:
        text = json.dumps(describe_api(), ensure_ascii=False)
        return HttpResponse(text, content_type="application/vnd.oai.openapi+json; charset=utf-8")


class DocsView(OpenView):
    """One page for people, made from the description: no script, nothing from elsewhere."""

    def get(self, request: Request) -> HttpResponse:
        description = describe_api()
        content: dict[str, Any] = {
            "info": description["info"],
            "operations": list_operations(description),
            "shapes": list_shapes(description),
        }
        # The header of the page asks Django's own request who is signed in.
        return render(request._request, "api/docs.html", content)  # noqa: SLF001
