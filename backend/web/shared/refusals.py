"""What a page answers when the domain refuses."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError

ANSWERS: tuple[tuple[type[DomainError], int, str], ...] = (
    (NotFoundError, 404, "404.html"),
    (RoleRequiredError, 403, "403.html"),
    (ConflictError, 409, "409.html"),
    (DomainError, 400, "409.html"),
)


class RefusalMiddleware:
    """Turn a ``DomainError`` that a page let through into the page that explains it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        for kind, status, template in ANSWERS:
            if isinstance(exception, kind):
                return render(request, template, {"message": exception.message}, status=status)
        return None
