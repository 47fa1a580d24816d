"""How views describe themselves, and the whole description: made once, since only code changes it."""

import functools
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.serializers import BaseSerializer

from backend.api.authentication import SessionAuthentication, TokenAuthentication
from backend.api.idempotency import HEADER, KEY_LENGTH_MAX, KEY_PATTERN
from backend.api.serializers.fields import ErrorSerializer

REFUSALS = {
    400: "A parameter makes no sense.",
    401: "Nobody is signed in.",
    403: "The role that this asks for is missing.",
    404: "Absent, or not yours.",
    409: "The state of things forbids it: `code` says why.",
    429: "Too many requests: wait for `Retry-After` seconds.",
}
EVERYWHERE = (401, 429)
# What a write may always answer, by its method: without content nor key nothing can make no sense.
OF_METHOD = {"post": (400, 409), "delete": ()}
IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX, "pattern": KEY_PATTERN},
    OpenApiParameter.HEADER,
    description="Drawn by you, a new one for each thing to do: the same again, within a day, gets the first answer.",
)


def describe[V: type](
    summary: str, answer: type[BaseSerializer[Any]] | BaseSerializer[Any], *refusals: int, details: str = ""
) -> Callable[[V], V]:
    """Say what GET on a view answers, and which refusals it knows besides those of every view."""
    responses: dict[int, Any] = {200: answer}
    for status in sorted((*EVERYWHERE, *refusals)):
        responses[status] = OpenApiResponse(ErrorSerializer, REFUSALS[status])
    operation = extend_schema(summary=summary, description=details, responses=responses)
    return cast("Callable[[V], V]", extend_schema_view(get=operation))


def describe_action[V: type](
    summary: str,
    answer: type[BaseSerializer[Any]] | BaseSerializer[Any] | None,
    *refusals: int,
    sent: type[BaseSerializer[Any]] | None = None,
    status: int = 200,
    method: str = "post",
    details: str = "",
) -> Callable[[V], V]:
    """Say what a write on a view takes and answers.

    A POST also bears the key that makes a retry harmless, and so may always answer 409: the key did something else.
    """
    responses: dict[int, Any] = {status: answer}
    for refused in sorted({*EVERYWHERE, *refusals, 403, *OF_METHOD.get(method, (400,))}):
        responses[refused] = OpenApiResponse(ErrorSerializer, REFUSALS[refused])
    operation = extend_schema(
        summary=summary,
        description=details,
        request=sent,
        responses=responses,
        parameters=[IDEMPOTENCY_KEY] if method == "post" else [],
    )
    return cast("Callable[[V], V]", extend_schema_view(**{method: operation}))


@functools.cache
def describe_api() -> dict[str, Any]:
    """The OpenAPI description of every address under ``/api/v1/``."""
    generator = SchemaGenerator(api_version="v1")  # type: ignore[no-untyped-call]
    return cast("dict[str, Any]", generator.get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names the session."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "Set by the sign-in page.",
        }


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names the token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token ` and the secret made on the profile page.",
        }
