"""One shape for every refusal: ``{"code", "message", "fields"}``; the message is a French sentence for a person."""

import logging
import math
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError

logger = logging.getLogger("backend.api")

DOMAIN_STATUSES: tuple[tuple[type[DomainError], int], ...] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (RoleRequiredError, 403),
    (DomainError, 400),
)
MESSAGES = {
    "authentication_failed": "Cette clé n’est pas valable, ou ne l’est plus.",
    "csrf_failed": "Cette demande ne vient pas d’une page de Tandem. Rechargez la page et recommencez.",
    "error": "Cette demande n’a pas pu aboutir.",
    "invalid": "Une valeur n’est pas valable.",
    "invalid_cursor": "Ce repère de page n’est pas valable. Reprenez à la première page.",
    "method_not_allowed": "Cette adresse ne connaît pas cette action.",
    "not_authenticated": "Connectez-vous pour continuer.",
    "not_found": "Cette adresse n’existe pas, ou ne vous concerne pas.",
    "parse_error": "Ce contenu n’est pas du JSON valable.",
    "permission_denied": "Cette partie est réservée à un autre rôle.",
    "server_error": "Une erreur s’est produite chez nous. Elle est notée : réessayez dans un moment.",
    "throttled": "Vous demandez trop vite. Réessayez dans un moment.",
    "unsupported_media_type": "Tandem ne sait pas lire ce format. Envoyez du JSON.",
}
FORM_FIELDS = {"__all__", "non_field_errors"}


class InvalidCursor(exceptions.APIException):
    status_code = 400
    default_code = "invalid_cursor"


def handle_exception(exception: Exception, context: dict[str, Any]) -> Response:
    """Answer whatever a view raised; what nobody foresaw is logged and is a 500, in the same shape."""
    set_rollback()
    if isinstance(exception, DomainError):
        return _answer(_status_of(exception), exception.code, exception.message, exception.fields)
    if isinstance(exception, Http404):
        return _answer_refusal(exceptions.NotFound())
    if isinstance(exception, PermissionDenied):
        return _answer_refusal(exceptions.PermissionDenied())
    if isinstance(exception, exceptions.APIException):
        return _answer_refusal(exception)
    return _answer_crash(exception, context)


def _status_of(refusal: DomainError) -> int:
    return next(status for kind, status in DOMAIN_STATUSES if isinstance(refusal, kind))


def _answer_refusal(refusal: exceptions.APIException) -> Response:
    code = refusal.default_code
    fields = dict(_fields_of(refusal.detail)) if isinstance(refusal, exceptions.ValidationError) else {}
    response = _answer(refusal.status_code, code, MESSAGES.get(code, MESSAGES["error"]), fields)
    if header := getattr(refusal, "auth_header", None):
        response["WWW-Authenticate"] = header
    if (wait := getattr(refusal, "wait", None)) is not None:
        response["Retry-After"] = str(math.ceil(wait))
    return response


def _fields_of(detail: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Messages by field, nested ones under ``outer.inner``; those of no field under the empty name."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name in FORM_FIELDS else str(name)
            yield from _fields_of(inner, ".".join(filter(None, (path, step))))
    elif any(isinstance(item, dict | list) for item in detail):
        for rank, inner in enumerate(detail):
            yield from _fields_of(inner, ".".join(filter(None, (path, str(rank)))))
    else:
        yield path, [str(message) for message in detail]


def _answer_crash(exception: Exception, context: dict[str, Any]) -> Response:
    request = context["request"]._request  # noqa: SLF001 (Django's signal carries Django's request)
    logger.error("%s %s failed", request.method, request.path, exc_info=exception)
    got_request_exception.send(sender=None, request=request)
    return _answer(500, "server_error", MESSAGES["server_error"], {})


def _answer(status: int, code: str, message: str, fields: dict[str, list[str]]) -> Response:
    return Response({"code": code, "message": message, "fields": fields}, status=status)
