"""Secrets with which a program signs in for a person; ``Authorization: Token …`` in the API, and the socket."""

import datetime as dt
import hashlib
import secrets

from django.db import transaction

from backend.accounts.models import ApiToken, Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError

SECRET_BEGINNING = "tandem_"  # noqa: S105 (lets scanners of published code recognise what leaked)
SECRET_BYTES = 32
PREFIX_LENGTH = len(SECRET_BEGINNING) + 6
TOKENS_MAX = 10
LABEL_LENGTH_MAX = 80
# A busy program reads a hundred times a minute: « used today » needs no write each time.
USE_NOTED_EVERY = dt.timedelta(minutes=10)


@transaction.atomic
def create_token(*, person: Person, label: str) -> tuple[ApiToken, str]:
    """Make a token and give its secret, which nobody can read again: only its hash is stored."""
    name = _check_label(label)
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.api_tokens.count() >= TOKENS_MAX:
        raise ConflictError(
            f"Vous avez déjà {TOKENS_MAX} clés. Supprimez celles qui ne servent plus.", code="too_many_tokens"
        )
    secret = SECRET_BEGINNING + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(person=person, label=name, prefix=secret[:PREFIX_LENGTH], hash=hash_secret(secret))
    return token, secret


@transaction.atomic
def revoke_token(*, person: Person, token_id: int) -> None:
    """Delete one of the person's tokens: what uses it is signed out at once. ``NotFoundError`` for another's."""
    deleted, _ = ApiToken.objects.filter(person=person, pk=token_id).delete()
    if not deleted:
        raise NotFoundError


def person_of_token(*, secret: str) -> Person | None:
    """The person a secret stands for, if their account is open."""
    token = ApiToken.objects.filter(hash=hash_secret(secret), person__is_active=True).select_related("person").first()
    if token is None:
        return None
    _note_use(token)
    return token.person


def hash_secret(secret: str) -> str:
    """SHA-256 is enough here: the secret is 256 bits drawn at random, nothing can be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _check_label(label: str) -> str:
    name = label.strip()
    if not 0 < len(name) <= LABEL_LENGTH_MAX:
        message = f"Donnez à cette clé un nom de {LABEL_LENGTH_MAX} caractères au plus."
        raise DomainError(message, code="label_invalid", fields={"label": [message]})
    return name


def _note_use(token: ApiToken) -> None:
    instant = now()
    if token.last_used_at is None or token.last_used_at < instant - USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=instant)
