"""What every view of the API shares."""

from collections.abc import Iterable
from functools import partial
from typing import Any, cast

from django.utils.cache import patch_cache_control, patch_vary_headers
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import Person
from backend.api.authentication import SessionAuthentication, TokenAuthentication
from backend.api.idempotency import Handler, answer_once, read_key
from backend.api.throttling import AccountThrottle


class OneFormat(BaseContentNegotiation):
    """JSON, whatever is asked for: there is nothing to choose from."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class TandemView(APIView):
    """Answers GET and HEAD."""

    content_negotiation_class = OneFormat
    http_method_names = ["get", "head"]
    metadata_class = None


class ReadView(TandemView):
    """For somebody signed in."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    throttle_classes = [AccountThrottle]

    @property
    def person(self) -> Person:
        """Who asks; the permission of every view lets nobody else in."""
        return cast("Person", self.request.user)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Keep personal answers out of every cache between the person and us."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(answer, private=True, no_cache=True)
        patch_vary_headers(answer, ["Authorization", "Cookie"])
        return answer


class WriteView(ReadView):
    """For somebody signed in, who may also change something. A POST honours its ``Idempotency-Key``."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Once it is known who asks and that they may, let a POST with a key pass by its record."""
        super().initial(request, *args, **kwargs)
        act = getattr(self, "post", None)
        if request.method == "POST" and act and (key := read_key(request)):
            # REST framework looks the handler up on the view after this.
            self.__dict__["post"] = partial(self._post_once, act, key)

    def _post_once(self, act: Handler, key: str, request: Request, *args: Any, **kwargs: Any) -> Response:
        handler = partial(act, request, *args, **kwargs)
        return answer_once(request=request, person=self.person, key=key, handler=handler, refuse=self.handle_exception)


class OpenView(TandemView):
    """For anybody; not part of the description."""

    authentication_classes = []
    permission_classes = [AllowAny]
    schema = None


class UnknownAddressView(OpenView):
    """Any other address under ``/api/v1/``: a 404 in the shape of every refusal, not a page."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whatever the method."""
        super().initial(request, *args, **kwargs)
        raise NotFound
