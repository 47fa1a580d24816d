"""Who may ask: a session, a token, nobody else."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from backend.accounts.domain.tokens import create_token, revoke_token
from backend.api.urls import urlpatterns
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import PASSWORD, PersonFactory

METHODS = ("get", "post", "put", "delete")
OPEN = {"schema", "docs", "unknown"}
NOT_SIGNED_IN = {"code": "not_authenticated", "message": "Connectez-vous pour continuer.", "fields": {}}
WRONG_TOKEN = {
    "code": "authentication_failed",
    "message": "Cette clé n’est pas valable, ou ne l’est plus.",
    "fields": {},
}
ME = "/api/v1/me/"


def address_of(route: URLPattern, cast: Cast) -> str:
    """The address of a route, for rows that exist where a stranger would otherwise see a 404."""
    examples = {"int": str(cast.here.session.pk), "slug": cast.here.session.notion.slug}
    return "/api/v1/" + re.sub(r"<(\w+):\w+>", lambda match: examples[match[1]], str(route.pattern))


def closed_addresses(cast: Cast) -> list[str]:
    return [address_of(route, cast) for route in urlpatterns if route.name not in OPEN]


def test_nobody_signed_in_is_a_401_at_every_address(cast: Cast, client: Client) -> None:
    addresses = closed_addresses(cast)
    assert len(addresses) == len(urlpatterns) - len(OPEN)
    for address in addresses:
        for method in METHODS:
            answer = getattr(client, method)(address)
            assert (answer.status_code, answer.json()) == (401, NOT_SIGNED_IN), (method, address)
            assert answer["WWW-Authenticate"] == 'Token realm="Tandem"'


def test_an_account_that_is_closed_is_signed_out(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.learner)
    cast.here.learner.is_active = False
    cast.here.learner.save(update_fields=["is_active"])
    assert client.get(ME).status_code == 401


def test_who_signs_in_by_the_page_reads_the_api(cast: Cast, client: Client) -> None:
    client.post("/compte/login/", {"login": cast.here.learner.email, "password": PASSWORD})
    assert client.get(ME).json()["id"] == cast.here.learner.pk


@pytest.mark.parametrize("keyword", ["Token", "token"])
def test_a_token_signs_in_without_a_session(cast: Cast, client: Client, keyword: str) -> None:
    _, secret = create_token(person=cast.here.tutor, label="Agenda")
    answer = client.get(ME, headers={"Authorization": f"{keyword} {secret}"})
    assert (answer.status_code, answer.json()["id"]) == (200, cast.here.tutor.pk)


@pytest.mark.parametrize("header", ["Token", "Token ", "Token tandem_wrong", "Token a b", "Token \xe9"])
def test_a_wrong_token_is_a_401_even_beside_a_session(cast: Cast, sign_in: SignIn, header: str) -> None:
    create_token(person=cast.here.tutor, label="Agenda")
    answer = sign_in(cast.here.learner).get(ME, headers={"Authorization": header})
    assert (answer.status_code, answer.json()) == (401, WRONG_TOKEN)
    assert answer["WWW-Authenticate"] == 'Token realm="Tandem"'


def test_a_revoked_token_is_a_401(cast: Cast, client: Client) -> None:
    token, secret = create_token(person=cast.here.tutor, label="Agenda")
    headers = {"Authorization": f"Token {secret}"}
    assert client.get(ME, headers=headers).status_code == 200
    revoke_token(person=cast.here.tutor, token_id=token.pk)
    assert client.get(ME, headers=headers).json() == WRONG_TOKEN


def test_another_scheme_signs_nobody_in(cast: Cast, client: Client) -> None:
    _, secret = create_token(person=cast.here.tutor, label="Agenda")
    assert client.get(ME, headers={"Authorization": f"Bearer {secret}"}).json() == NOT_SIGNED_IN


def test_a_write_by_session_without_its_proof_is_a_403(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.here.learner)
    answer = client.post(ME, {}, content_type="application/json")
    assert (answer.status_code, answer.json()) == (
        403,
        {
            "code": "csrf_failed",
            "message": "Cette demande ne vient pas d’une page de Tandem. Rechargez la page et recommencez.",
            "fields": {},
        },
    )


def test_a_write_by_token_needs_no_such_proof(cast: Cast) -> None:
    _, secret = create_token(person=cast.here.learner, label="Agenda")
    client = Client(enforce_csrf_checks=True)
    answer = client.post(ME, {}, content_type="application/json", headers={"Authorization": f"Token {secret}"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_personal_answers_stay_out_of_caches(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.here.learner).get(ME)
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"authorization", "cookie"} <= {word.strip().lower() for word in answer["Vary"].split(",")}


def test_one_account_that_asks_too_fast_waits_and_the_others_do_not(
    cast: Cast, sign_in: SignIn, monkeypatch: Any
) -> None:
    monkeypatch.setattr("backend.api.throttling.AccountThrottle.rate", "3/min")
    client = sign_in(cast.here.learner)
    assert [client.get(ME).status_code for _ in range(3)] == [200, 200, 200]
    answer = client.get("/api/v1/notions/")
    assert (answer.status_code, answer.json()) == (
        429,
        {"code": "throttled", "message": "Vous demandez trop vite. Réessayez dans un moment.", "fields": {}},
    )
    assert 1 <= int(answer["Retry-After"]) <= 61
    assert sign_in(cast.here.tutor).get(ME).status_code == 200
    assert sign_in(PersonFactory.create()).get(ME).status_code == 200
