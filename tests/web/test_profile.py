"""« Mon compte »: who one is, and keys for programs, shown once."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.domain.tokens import create_token, person_of_token
from backend.accounts.models import ApiToken
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import choices, links, words

PAGE = "/profil/"


def test_the_page_says_who_one_is_and_where(client: Client, cast: Cast) -> None:
    cast.here.tutor.profession = factories.ProfessionFactory.create(label="Sage-femme")
    cast.here.tutor.save()
    client.force_login(cast.here.tutor)
    response = client.get(PAGE)
    text = words(response)
    for told in (cast.here.tutor.name, cast.here.tutor.email, "Sage-femme", "CPTS ici Tutorat"):
        assert told in text
    assert "CPTS ailleurs" not in text
    assert {"/mes-competences/", "/compte/password/change/"} <= set(links(response))


def test_a_key_is_shown_once_and_works(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.tutor)
    created = client.post(PAGE, {"action": "create", "label": "Agenda du cabinet"})
    secret = re.findall(r"tandem_[\w-]{30,}", created.content.decode())[0]
    assert person_of_token(secret=secret) == cast.here.tutor
    assert "no-store" in created["Cache-Control"]
    listed = client.get(PAGE)
    assert secret not in listed.content.decode()
    assert "Agenda du cabinet" in words(listed)


def test_a_key_is_deleted_by_its_owner_alone(client: Client, cast: Cast) -> None:
    token, secret = create_token(person=cast.here.tutor, label="Agenda")
    client.force_login(cast.elsewhere.tutor)
    assert "Agenda" not in words(client.get(PAGE))
    assert client.post(PAGE, {"action": "revoke", "token": token.pk}).status_code == 404
    assert person_of_token(secret=secret) == cast.here.tutor
    client.force_login(cast.here.tutor)
    assert client.post(PAGE, {"action": "revoke", "token": token.pk})["Location"] == PAGE
    assert person_of_token(secret=secret) is None
    assert client.post(PAGE, {"action": "revoke", "token": token.pk}).status_code == 404


def test_a_key_without_a_name_is_refused(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.tutor)
    response = client.post(PAGE, {"action": "create", "label": "  "})
    assert (response.status_code, "Donnez un nom à cette clé." in words(response)) == (422, True)
    assert not ApiToken.objects.exists()


def test_too_many_keys_are_refused_and_the_name_is_kept(client: Client, cast: Cast) -> None:
    for number in range(10):
        create_token(person=cast.here.tutor, label=f"Clé {number}")
    client.force_login(cast.here.tutor)
    response = client.post(PAGE, {"action": "create", "label": "Une de trop"})
    assert (response.status_code, choices(response, "label")) == (409, ["Une de trop"])
    assert "Vous avez déjà 10 clés." in words(response)


@pytest.mark.parametrize("data", [{}, {"action": "revoke"}, {"action": "revoke", "token": "x"}, {"action": "?"}])
def test_an_odd_form_is_refused(client: Client, cast: Cast, data: dict[str, str]) -> None:
    client.force_login(cast.here.tutor)
    assert client.post(PAGE, data).status_code == 400


@pytest.mark.parametrize("keys", [1, 3])
def test_the_page_asks_as_much_for_three_keys_as_for_one(
    client: Client, cast: Cast, keys: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(keys):
        create_token(person=cast.here.tutor, label=f"Clé {number}")
    client.force_login(cast.here.tutor)
    with django_assert_num_queries(9):
        client.get(PAGE)
