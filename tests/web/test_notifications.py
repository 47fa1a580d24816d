"""« Nouvelles »: one's own, newest first; which kinds also come by mail."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.notifications.domain.notify import News, muted_kinds_of, notifications_for, notify
from backend.notifications.enums import Kind
from tests.support.cast import Cast
from tests.web.reading import words

ADDRESS = "/nouvelles/"

pytestmark = pytest.mark.django_db


def tell(person: Person, *keys: str, kind: Kind = Kind.SESSION) -> None:
    for key in keys:
        notify(person=person, news=News(key=key, kind=kind, title=f"Titre {key}", url="/seances/"))


def test_each_person_reads_their_own(cast: Cast, client: Client) -> None:
    tell(cast.here.learner, "a", "b")
    tell(cast.here.tutor, "secret")
    client.force_login(cast.here.learner)
    page = words(client.get(ADDRESS))
    assert page.index("Titre b") < page.index("Titre a")
    assert "secret" not in page
    assert "2 nouvelles non lues" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_nothing_yet_says_so(cast: Cast, client: Client) -> None:
    client.force_login(cast.here.learner)
    assert "Aucune nouvelle pour l’instant." in words(client.get(ADDRESS))


def test_reading_marks_only_what_was_on_the_page(cast: Cast, client: Client) -> None:
    tell(cast.here.learner, "a", "b")
    tell(cast.here.tutor, "c")
    client.force_login(cast.here.learner)
    newest = client.get(ADDRESS).context["newest"]
    tell(cast.here.learner, "came-meanwhile")
    answer = client.post(ADDRESS, {"action": "read", "up_to": newest})
    assert (answer.status_code, answer.headers["Location"]) == (302, ADDRESS)
    unread = notifications_for(cast.here.learner).filter(read_at=None)
    assert [row.title for row in unread] == ["Titre came-meanwhile"]
    assert notifications_for(cast.here.tutor).filter(read_at=None).count() == 1


def test_mails_are_chosen_by_kind(cast: Cast, client: Client) -> None:
    client.force_login(cast.here.learner)
    client.post(ADDRESS, {"action": "mails", "kinds": [Kind.SESSION, Kind.CLAIM]})
    assert set(muted_kinds_of(cast.here.learner)) == set(Kind.values) - {Kind.SESSION, Kind.CLAIM}
    answer = client.post(ADDRESS, {"action": "mails", "kinds": ["everything"]})
    assert answer.status_code == 422
    assert "Ce choix n’existe pas." in words(answer)


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_as_much_of_the_database_whatever_there_is_to_read(
    cast: Cast, client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tell(cast.here.learner, *(f"key{rank}" for rank in range(count)))
    client.force_login(cast.here.learner)
    with django_assert_num_queries(9):
        client.get(ADDRESS)
