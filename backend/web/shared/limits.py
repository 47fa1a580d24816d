"""A ceiling on how often one address may ask, far above what a hospital behind one address does."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.common.clock import now

MINUTE = 60
TOO_MANY = 429


def refuse_flood(request: HttpRequest, *, action: str, per_minute: int) -> HttpResponse | None:
    """Count this request against its address; an answer once there were too many in this minute."""
    minute, second = divmod(int(now().timestamp()), MINUTE)
    key = f"limit:{action}:{minute}:{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, timeout=2 * MINUTE)
    if cache.incr(key) <= per_minute:
        return None
    answer = render(request, "429.html", status=TOO_MANY)
    answer["Retry-After"] = str(MINUTE - second)
    return answer
