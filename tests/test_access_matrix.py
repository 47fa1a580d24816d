"""Every route and method answers each kind of person as ``access_matrix`` says; a route without a line fails."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.shortcuts import resolve_url
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import Settings

from tests.access_matrix import MATRIX, PARAMETERS, ROLES
from tests.support.cast import Cast
from tests.support.clients import CommittingClient

# Who could do harm with a method that nobody thought of.
MIGHTY = ("tutor", "coordinator", "admin")
type Row = dict[str, str]


@dataclass(frozen=True)
class Route:
    name: str
    parameters: tuple[str, ...]

    def address(self, cast: Cast) -> str:
        values = {name: self.value(name, cast) for name in self.parameters}
        return reverse(self.name, kwargs=values)

    def value(self, parameter: str, cast: Cast) -> object:
        of_route = PARAMETERS.get(f"{self.name} {parameter}") or PARAMETERS.get(parameter)
        assert of_route, f"access_matrix.PARAMETERS has neither “{self.name} {parameter}” nor “{parameter}”"
        return of_route(cast)


def walk(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[Route]:
    """Every route of the URL configuration; the admin's are one rule of their own."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            if inner != "admin:":
                yield from walk(pattern.url_patterns, inner)
        else:
            assert pattern.name, f"{pattern.pattern} has no name"
            yield Route(namespace + pattern.name, tuple(pattern.pattern.regex.groupindex))


def read_matrix() -> dict[str, dict[str, Row]]:
    """``{route: {method: {role: expectation}}}``."""
    head, *lines = (line.split() for line in MATRIX.strip().splitlines() if line.strip() and line[0] != "#")
    assert head == ["route", "method", *ROLES]
    matrix: dict[str, dict[str, Row]] = {}
    for name, method, *expectations in lines:
        rows = matrix.setdefault(name, {})
        assert method not in rows, f"{name} {method} is stated twice"
        rows[method] = dict(zip(ROLES, expectations, strict=True))
    return matrix


@pytest.fixture(autouse=True)
def _embedded(settings: Settings) -> None:
    """The mode with the most pages, on whichever database the tests run."""
    settings.LOCAL = True


ROUTES = {route.name: route for route in walk(get_resolver().url_patterns)}
EXPECTED = read_matrix()


def sign_everybody_in(cast: Cast) -> dict[str, str]:
    """The cookie of each role; empty for nobody."""
    cookies = {}
    for role in ROLES:
        client = CommittingClient()
        if person := cast.play(role):
            client.force_login(person)
        cookies[role] = client.cookies.output(header="", sep=";")
    return cookies


def ask(cookie: str, request: str, address: str) -> str:
    """The answer in the words of the matrix; whatever the request changed is undone."""
    client = CommittingClient(raise_request_exception=False)
    client.cookies.load(cookie)
    # Limits count addresses too, and everybody here has the same.
    cache.clear()
    method, _, data = request.partition(":")
    with transaction.atomic():
        response = client.generic(method, address, data, content_type=content_type(address))
        transaction.set_rollback(True)
    return describe(response)


def content_type(address: str) -> str:
    return "application/json" if address.startswith("/api/") else "application/x-www-form-urlencoded"


def describe(response: Any) -> str:
    to_sign_in = response.status_code == 302 and response["Location"].startswith(resolve_url(settings.LOGIN_URL))
    return "login" if to_sign_in else str(response.status_code)


def test_every_route_has_a_line_and_every_line_a_route() -> None:
    assert sorted(ROUTES.keys() - EXPECTED.keys()) == [], "routes without an expectation"
    assert sorted(EXPECTED.keys() - ROUTES.keys()) == [], "expectations without a route"


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_route_answers_as_stated(name: str, cast: Cast) -> None:
    """What has a line answers so; a method without one is refused to those who may do most."""
    address, cookies = ROUTES[name].address(cast), sign_everybody_in(cast)
    stated = EXPECTED.get(name, {})
    answers: dict[str, Row] = {
        request: {role: ask(cookies[role], request, address) for role in ROLES} for request in stated
    }
    for request in methods_to_refuse(name):
        row = {role: ask(cookies[role], request, address) for role in MIGHTY}
        if not is_refused(name, row):
            answers[request] = row
    assert answers == stated, "\n".join(
        f"{name:36} {request:22} {' '.join(row.values())}" for request, row in answers.items()
    )


def methods_to_refuse(name: str) -> list[str]:
    """Those without a line. allauth answers GET and POST only by its own tests: the rest is not ours to watch."""
    asked = ("GET", "POST") if name.startswith("account_") else ("GET", "POST", "PUT", "PATCH", "DELETE")
    return [method for method in asked if method not in EXPECTED.get(name, {})]


def is_refused(name: str, row: Row) -> bool:
    """4xx, or sent to sign in; allauth sends the signed-in away from its forms, whatever the method."""
    refusals = "login|302|4.." if name.startswith("account_") else "login|4.."
    return all(re.fullmatch(refusals, answer) for answer in row.values())


@pytest.mark.parametrize("rows", EXPECTED.items(), ids=EXPECTED)
def test_lines_keep_the_rules(rows: tuple[str, dict[str, Row]]) -> None:
    """Nobody signed in is a 401 in the API, and never meets the 403 that says « another role »."""
    name, by_method = rows
    for row in by_method.values():
        assert row["anonymous"] in (
            {"200", "304", "401", "404"} if name.startswith("api:") else {"200", "302", "login", "404", "422"}
        )


def test_admin_is_for_administrators(cast: Cast) -> None:
    """Support's tables: an administrator enters, anybody else is sent to a sign-in page."""
    addresses, cookies = [reverse(f"admin:{name}") for name in admin_lists()], sign_everybody_in(cast)
    assert len(addresses) > 1
    for address in addresses:
        answers = {role: ask(cookie, "GET", address) for role, cookie in cookies.items()}
        assert answers == dict.fromkeys(ROLES, "302") | {"admin": "200"}, address


def admin_lists() -> Iterator[str]:
    """The front page of the admin, then the table of each model."""
    resolver = next(p for p in get_resolver().url_patterns if isinstance(p, URLResolver) and p.namespace == "admin")
    yield "index"
    for pattern in resolver.url_patterns:
        for inner in pattern.url_patterns if isinstance(pattern, URLResolver) else ():
            if isinstance(inner, URLPattern) and str(inner.name).endswith("_changelist"):
                yield str(inner.name)
