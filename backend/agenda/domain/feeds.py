"""The secret address under which a calendar program reads somebody's sessions."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from backend.accounts.models import Person
from backend.agenda.models import CalendarFeed
from backend.common.clock import now
from backend.common.errors import NotFoundError

SEED_BYTES = 16
# HMAC-SHA256 with the secret key: the address is 128 random bits that we keep, and 256 that only the key can make.
SIGNER = signing.Signer(sep=".", salt="calendar-feed", algorithm="sha256")


def feed_of(person: Person) -> CalendarFeed:
    """The person's feed, made the first time somebody asks for it."""
    return CalendarFeed.objects.get_or_create(person=person, defaults={"seed": _draw_seed()})[0]


def secret_of(feed: CalendarFeed) -> str:
    return SIGNER.sign(feed.seed)


def feed_address(person: Person, absolute: Callable[[str], str]) -> str:
    """Where programs find the person's feed; ``absolute`` completes a path where the installation has no name yet."""
    path = reverse("feed", args=[secret_of(feed_of(person))])
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else absolute(path)


def access_feed(secret: str) -> CalendarFeed:
    """The feed that a secret opens; ``NotFoundError`` for any other text, and once the account is closed. One query."""
    try:
        seed = SIGNER.unsign(secret)
    except signing.BadSignature as error:
        raise NotFoundError from error
    feed = CalendarFeed.objects.filter(seed=seed, person__is_active=True).select_related("person").first()
    if feed is None:
        raise NotFoundError
    return feed


@transaction.atomic
def renew_feed(*, person: Person) -> CalendarFeed:
    """Give the feed another address; the old one is dead at once."""
    feed, _ = CalendarFeed.objects.update_or_create(person=person, defaults={"seed": _draw_seed(), "renewed_at": now()})
    return feed


@transaction.atomic
def choose_titles(*, person: Person, full: bool) -> CalendarFeed:
    """Say whether the person's calendars name the subject of their sessions."""
    feed, _ = CalendarFeed.objects.update_or_create(
        person=person, defaults={"full_titles": full}, create_defaults={"full_titles": full, "seed": _draw_seed()}
    )
    return feed


def _draw_seed() -> str:
    return secrets.token_urlsafe(SEED_BYTES)
