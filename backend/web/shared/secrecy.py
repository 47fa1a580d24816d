"""Pages whose address is itself a key."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

type View = Callable[..., HttpResponse]


def keep_address_secret(view: View) -> View:
    """Let no other page or server learn the address: only the origin goes out, never the path.

    « no-referrer » would say even less, but makes browsers send ``Origin: null``, which the CSRF check refuses.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return guarded
