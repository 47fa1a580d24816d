"""The description of the API: complete, typed, and legible by people under the strict content policy."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from backend.api.reading import Kind, list_operations, name_kind
from backend.api.schema import describe_api
from backend.api.urls import urlpatterns
from tests.api.conftest import SignIn
from tests.support.factories import PersonFactory

# Two addresses describe the others, and one stands for all that are unknown.
OPEN = {"schema", "docs", "unknown"}


def test_the_description_is_valid_and_without_warning(tmp_path: Any) -> None:
    file = tmp_path / "schema.json"
    call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json", file=str(file))
    assert file.stat().st_size > 0


def test_anybody_reads_the_description(client: Client) -> None:
    answer = client.get("/api/v1/schema/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/vnd.oai.openapi+json; charset=utf-8")
    paths = {re.sub(r"\{\w+\}", "{}", path) for path in answer.json()["paths"]}
    assert paths == {
        "/api/v1/" + re.sub(r"<[^>]+>", "{}", str(route.pattern)) for route in urlpatterns if route.name not in OPEN
    }


def test_every_operation_says_how_it_refuses() -> None:
    for operation in list_operations(describe_api()):
        statuses = {answer.status for answer in operation.answers}
        assert {"401", "429"} < statuses, operation.path
        assert statuses & {"200", "201", "204"}, operation.path
        assert operation.summary, operation.path
        assert all(answer.kind.shape == "Error" for answer in operation.answers if not answer.status.startswith("2"))
        if operation.method == "POST":
            assert {"400", "403", "409"} <= statuses, operation.path


def test_an_answer_without_content_and_what_is_sent_are_told() -> None:
    operations = {(operation.method, operation.path): operation for operation in list_operations(describe_api())}
    window = "/api/v1/availabilities/windows/{id}/"
    removed = operations["DELETE", window]
    assert (removed.answers[0].status, removed.answers[0].kind, removed.sent) == ("204", Kind("nothing"), None)
    assert operations["PUT", window].sent == Kind("", "SentWindow")


def test_no_property_is_of_an_unknown_type() -> None:
    for name, shape in describe_api()["components"]["schemas"].items():
        for key, value in shape.get("properties", {}).items():
            assert name_kind(value).words != "anything", f"{name}.{key}"


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "integer", "nullable": True}, Kind("integer or null")),
        ({"type": "string", "format": "date-time"}, Kind("string (date-time)")),
        ({"enum": ["a", "b"], "type": "string"}, Kind("one of a, b")),
        ({"$ref": "#/components/schemas/Session"}, Kind("", "Session")),
        ({"allOf": [{"$ref": "#/components/schemas/Offer"}], "nullable": True}, Kind("", "Offer", " or null")),
        (
            {"oneOf": [{"$ref": "#/components/schemas/Offer"}, {"$ref": "#/components/schemas/NullEnum"}]},
            Kind("", "Offer", " or null"),
        ),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Session"}}, Kind("list of ", "Session")),
        ({"type": "object", "additionalProperties": {"type": "string"}}, Kind("object whose values are string")),
        ({}, Kind("anything")),
    ],
)
def test_types_are_named_in_words(schema: dict[str, Any], kind: Kind) -> None:
    assert name_kind(schema) == kind


@pytest.mark.parametrize("signed_in", [False, True])
def test_people_read_every_address_on_one_page(client: Client, sign_in: SignIn, signed_in: bool, db: None) -> None:  # noqa: FBT001
    reader = sign_in(PersonFactory.create()) if signed_in else client
    answer = reader.get("/api/v1/docs/")
    page = answer.content.decode()
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    for operation in list_operations(describe_api()):
        assert f"<code>{operation.method} {operation.path}</code>" in page
    for shape in describe_api()["components"]["schemas"]:
        assert f'id="shape-{shape}"' in page
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors
    assert not re.search(
        r"<style|style=|<script(?![^>]*src=\"/static/)|=\"(https?:)?//(?!testserver)", page.split("<main")[1]
    )
    assert "`" not in page.split("<main")[1]
    assert "script-src 'self'" in answer["Content-Security-Policy"]
