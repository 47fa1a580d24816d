"""Secrets with which programs sign in."""

import datetime as dt

import pytest

from backend.accounts.domain.tokens import TOKENS_MAX, create_token, hash_secret, person_of_token, revoke_token
from backend.accounts.models import ApiToken
from backend.common.clock import now, told_at
from backend.common.errors import ConflictError, DomainError, NotFoundError
from tests.support.factories import PersonFactory

pytestmark = pytest.mark.django_db


def test_the_secret_is_given_once_and_stored_hashed() -> None:
    person = PersonFactory.create()
    token, secret = create_token(person=person, label=" Agenda du cabinet ")
    stored = ApiToken.objects.values().get()
    assert secret.startswith("tandem_")
    assert len(secret) == len("tandem_") + 43
    assert secret not in str(stored)
    assert stored["hash"] == hash_secret(secret)
    assert (stored["label"], stored["prefix"]) == ("Agenda du cabinet", secret[:13])
    assert person_of_token(secret=secret) == person
    assert str(token) == f"Agenda du cabinet ({secret[:13]}…)"


def test_a_wrong_secret_stands_for_nobody() -> None:
    _, secret = create_token(person=PersonFactory.create(), label="Agenda")
    for wrong in ("", secret[:-1], secret + "x", hash_secret(secret), "\ud800"):
        assert person_of_token(secret=wrong) is None


def test_the_secret_of_a_closed_account_stands_for_nobody() -> None:
    person = PersonFactory.create()
    _, secret = create_token(person=person, label="Agenda")
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert person_of_token(secret=secret) is None


def test_a_revoked_token_stops_at_once_and_the_others_go_on() -> None:
    person = PersonFactory.create()
    token, secret = create_token(person=person, label="Agenda")
    _, other = create_token(person=person, label="Tableur")
    revoke_token(person=person, token_id=token.pk)
    assert person_of_token(secret=secret) is None
    assert person_of_token(secret=other) == person


def test_nobody_revokes_the_token_of_another() -> None:
    person = PersonFactory.create()
    token, secret = create_token(person=person, label="Agenda")
    with pytest.raises(NotFoundError):
        revoke_token(person=PersonFactory.create(), token_id=token.pk)
    assert person_of_token(secret=secret) == person


@pytest.mark.parametrize("label", ["", "  ", "x" * 81])
def test_a_token_needs_a_name_that_fits(label: str) -> None:
    with pytest.raises(DomainError) as refusal:
        create_token(person=PersonFactory.create(), label=label)
    assert refusal.value.code == "label_invalid"
    assert refusal.value.fields == {"label": ["Donnez à cette clé un nom de 80 caractères au plus."]}
    assert not ApiToken.objects.exists()


def test_a_person_has_a_bounded_number_of_tokens() -> None:
    person = PersonFactory.create()
    for number in range(TOKENS_MAX):
        create_token(person=person, label=f"Programme {number}")
    with pytest.raises(ConflictError) as refusal:
        create_token(person=person, label="Un de trop")
    assert refusal.value.code == "too_many_tokens"
    create_token(person=PersonFactory.create(), label="Quelqu’un d’autre")
    assert person.api_tokens.count() == TOKENS_MAX


def test_the_last_use_is_noted_without_a_write_each_time() -> None:
    person = PersonFactory.create()
    token, secret = create_token(person=person, label="Agenda")
    first = now()
    for minutes, noted in ((0, 0), (9, 0), (11, 11)):
        with told_at(first + dt.timedelta(minutes=minutes)):
            person_of_token(secret=secret)
        token.refresh_from_db()
        assert token.last_used_at == first + dt.timedelta(minutes=noted)
