"""The address of a feed is a key: nobody guesses it, the database does not give it away, and the old one is dead."""

import base64

import pytest
from django.core import signing

from backend.agenda.domain.feeds import access_feed, choose_titles, feed_of, renew_feed, secret_of
from backend.common.errors import NotFoundError
from tests.support.factories import PersonFactory

pytestmark = pytest.mark.django_db


def test_a_secret_opens_the_feed_of_its_person() -> None:
    alix, nina = PersonFactory.create_batch(2)
    assert access_feed(secret_of(feed_of(alix))).person == alix
    assert secret_of(feed_of(alix)) == secret_of(feed_of(alix))
    assert secret_of(feed_of(alix)) != secret_of(feed_of(nina))


def test_a_secret_has_enough_of_chance_and_no_row_tells_it() -> None:
    feed = feed_of(PersonFactory.create())
    seed, _, signature = secret_of(feed).partition(".")
    assert len(base64.urlsafe_b64decode(f"{seed}==")) == 16
    assert len(base64.urlsafe_b64decode(f"{signature}=")) == 32
    assert signature not in str(vars(feed))
    with pytest.raises(NotFoundError):
        access_feed(feed.seed)


def test_whoever_has_the_rows_without_the_key_has_nothing() -> None:
    feed = feed_of(PersonFactory.create())
    forged = signing.Signer(key="another", sep=".", salt="calendar-feed", algorithm="sha256").sign(feed.seed)
    with pytest.raises(NotFoundError):
        access_feed(forged)


def test_renewing_kills_the_old_address_at_once() -> None:
    person = PersonFactory.create()
    old = secret_of(feed_of(person))
    choose_titles(person=person, full=True)
    new = secret_of(renew_feed(person=person))
    with pytest.raises(NotFoundError):
        access_feed(old)
    assert access_feed(new).full_titles, "choices stay"


def test_a_closed_account_has_no_feed() -> None:
    person = PersonFactory.create()
    secret = secret_of(feed_of(person))
    person.is_active = False
    person.save()
    with pytest.raises(NotFoundError):
        access_feed(secret)


@pytest.mark.parametrize("forged", ["", ".", "a.b", "x" * 5000, "é.ü", "\x00", "a:b"])
def test_no_other_text_opens_anything(forged: str) -> None:
    with pytest.raises(NotFoundError):
        access_feed(forged)
