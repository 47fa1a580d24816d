"""Paper passes: a secret in a QR code that signs somebody in once. Who may print one is for ``networks`` to say."""

import datetime as dt
import secrets

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.domain.tokens import hash_secret
from backend.accounts.models import Person, SignInPass
from backend.common.clock import now
from backend.common.errors import ConflictError, NotFoundError

PASS_LIFE = dt.timedelta(days=7)
SECRET_BYTES = 24


@transaction.atomic
def create_pass(*, person: Person, author: Person) -> tuple[SignInPass, str]:
    """A new pass and its secret, which nobody can read again; the person's earlier ones end."""
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    revoke_passes(person=person)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    made = SignInPass.objects.create(
        person=person, author=author, hash=hash_secret(secret), expires_at=now() + PASS_LIFE
    )
    return made, secret


def revoke_passes(*, person: Person) -> int:
    """End every pass of the person that could still be used; how many there were."""
    return SignInPass.objects.filter(person=person, used_at=None, revoked_at=None).update(revoked_at=now())


def usable_passes(person: Person) -> QuerySet[SignInPass]:
    return _usable().filter(person=person)


def find_pass(*, secret: str) -> SignInPass:
    """The pass of a secret, if it can be used now; ``NotFoundError`` otherwise, whatever the reason."""
    usable = _usable().filter(hash=hash_secret(secret)).select_related("person").first()
    if usable is None:
        raise NotFoundError
    return usable


@transaction.atomic
def use_pass(*, secret: str) -> Person:
    """The person to sign in. Once: of two at the same time, one gets a ``ConflictError``."""
    found = find_pass(secret=secret)
    # Without a join, which would hide the condition in a subquery that a second caller evaluates too early.
    if not SignInPass.objects.filter(pk=found.pk, used_at=None, revoked_at=None).update(used_at=now()):
        raise ConflictError("Cette feuille vient de servir.", code="pass_used")
    return found.person


def _usable() -> QuerySet[SignInPass]:
    """Passes that sign in now: not used, not withdrawn, not too old, of an account that is open."""
    return SignInPass.objects.filter(used_at=None, revoked_at=None, expires_at__gt=now(), person__is_active=True)
