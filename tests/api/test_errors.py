"""Every refusal has one shape, whatever refused."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client, RequestFactory
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.errors import handle_exception
from backend.api.views.base import OpenView
from backend.common.errors import (
    ConflictError,
    DomainError,
    ForbiddenMoveError,
    NotFoundError,
    RoleRequiredError,
)
from tests.api.conftest import SignIn
from tests.support.factories import PersonFactory

NOT_FOUND = {
    "code": "not_found",
    "message": "Cette adresse n’existe pas, ou ne vous concerne pas.",
    "fields": {},
}


@pytest.mark.parametrize("address", ["", "nothing", "nothing/", "me", "me/more/", "sessions/abc/", "schema/x", "%00/"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_is_a_404_in_json(client: Client, address: str, method: str) -> None:
    answer = getattr(client, method)(f"/api/v1/{address}")
    assert (answer.status_code, answer["Content-Type"], answer.json()) == (404, "application/json", NOT_FOUND)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("address", ["me/", "sessions/", "schema/", "docs/"])
def test_another_method_is_a_405(sign_in: SignIn, method: str, address: str, db: None) -> None:
    answer = getattr(sign_in(PersonFactory.create()), method)(f"/api/v1/{address}")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert answer.json() == {
        "code": "method_not_allowed",
        "message": "Cette adresse ne connaît pas cette action.",
        "fields": {},
    }


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*;q=0.1"])
def test_json_is_what_there_is_whatever_is_asked_for(sign_in: SignIn, accept: str, db: None) -> None:
    answer = sign_in(PersonFactory.create()).get("/api/v1/me/?format=xml", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


class RefusingView(OpenView):
    """Raises what it was made with."""

    refusal: Exception = Exception()

    def get(self, _request: Request) -> Response:
        raise self.refusal


def answer_to(refusal: Exception) -> Any:
    response = RefusingView.as_view(refusal=refusal)(RequestFactory().get("/api/v1/refusing/"))
    response.render()
    return response


@pytest.mark.parametrize(
    ("refusal", "status", "content"),
    [
        (
            DomainError("Trop tard.", code="too_late", fields={"reason": ["Requis."]}),
            400,
            {"code": "too_late", "message": "Trop tard.", "fields": {"reason": ["Requis."]}},
        ),
        (NotFoundError(), 404, {"code": "not_found", "message": NotFoundError.message, "fields": {}}),
        (ConflictError(), 409, {"code": "conflict", "message": ConflictError.message, "fields": {}}),
        (
            ForbiddenMoveError(code="not_from_held"),
            409,
            {"code": "not_from_held", "message": ConflictError.message, "fields": {}},
        ),
        (RoleRequiredError(), 403, {"code": "role_required", "message": RoleRequiredError.message, "fields": {}}),
        (Http404(), 404, NOT_FOUND),
        (
            PermissionDenied(),
            403,
            {"code": "permission_denied", "message": RoleRequiredError.message, "fields": {}},
        ),
        (
            exceptions.ParseError(),
            400,
            {"code": "parse_error", "message": "Ce contenu n’est pas du JSON valable.", "fields": {}},
        ),
        (
            exceptions.ValidationError({"starts_at": ["Requis."], "people": [{"id": ["Inconnu."]}, {}]}),
            400,
            {
                "code": "invalid",
                "message": "Une valeur n’est pas valable.",
                "fields": {"starts_at": ["Requis."], "people.0.id": ["Inconnu."]},
            },
        ),
        (
            exceptions.ValidationError({"non_field_errors": ["Ensemble, non."]}),
            400,
            {"code": "invalid", "message": "Une valeur n’est pas valable.", "fields": {"": ["Ensemble, non."]}},
        ),
        (
            exceptions.APIException(),
            500,
            {"code": "error", "message": "Cette demande n’a pas pu aboutir.", "fields": {}},
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_every_refusal_is_mapped_once(refusal: Exception, status: int, content: dict[str, Any]) -> None:
    response = answer_to(refusal)
    assert (response.status_code, response.data) == (status, content)


def test_what_nobody_foresaw_is_logged_and_a_500_that_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    response = answer_to(ZeroDivisionError("secret of the house"))
    assert response.status_code == 500
    assert response.data == {
        "code": "server_error",
        "message": "Une erreur s’est produite chez nous. Elle est notée : réessayez dans un moment.",
        "fields": {},
    }
    logged = [record for record in caplog.records if record.name == "backend.api"]
    assert [record.getMessage() for record in logged] == ["GET /api/v1/refusing/ failed"]
    assert logged[0].exc_info is not None


def test_the_handler_is_the_one_of_the_settings(settings: Any) -> None:
    name = settings.REST_FRAMEWORK["EXCEPTION_HANDLER"]
    assert name == f"{handle_exception.__module__}.{handle_exception.__name__}"
