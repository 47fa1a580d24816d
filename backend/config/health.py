"""Whether this process lives (``/healthz``) and whether it may be sent visitors (``/readyz``)."""

import logging
from collections.abc import Callable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


class NotReadyError(Exception):
    """A part answers, but not as it should."""


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, 503 otherwise; says which part, never why: that is for the log."""
    parts = {name: _answers(name, check) for name, check in CHECKS.items()}
    ready = all(parts.values())
    body = {"status": "ok" if ready else "unavailable", **{name: "ok" if up else "down" for name, up in parts.items()}}
    return JsonResponse(body, status=200 if ready else 503)


def _answers(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception:
        logger.exception("readyz: %s does not answer", name)
        return False
    return True


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReadyError("migrations are missing")


def _check_cache() -> None:
    cache.set("readyz", "ok", 10)
    if cache.get("readyz") != "ok":
        raise NotReadyError("the cache forgets")


def _check_layer() -> None:
    """A message to a group that nobody joins: it reaches the layer and stays nowhere."""
    async_to_sync(get_channel_layer().group_send)("readyz", {"type": "readyz"})


CHECKS: dict[str, Callable[[], None]] = {
    "database": _check_database,
    "migrations": _check_migrations,
    "cache": _check_cache,
    "layer": _check_layer,
}
