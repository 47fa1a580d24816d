"""GET /api/v1/notifications/ and POST …/read/."""

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.notifications.domain.notify import News, notifications_for, notify
from backend.notifications.enums import Kind
from tests.api.conftest import SignIn
from tests.support.cast import Cast

ADDRESS = "/api/v1/notifications/"


def tell(person: Person, *keys: str) -> None:
    for key in keys:
        notify(person=person, news=News(key=key, kind=Kind.SESSION, title=f"Titre {key}", url="/seances/"))


def test_each_person_reads_their_own(cast: Cast, sign_in: SignIn) -> None:
    tell(cast.here.learner, "a", "b")
    tell(cast.elsewhere.coordinator, "secret")
    newest = notifications_for(cast.here.learner)[0]
    answer = sign_in(cast.here.learner).get(ADDRESS).json()
    assert [row["number"] for row in answer["results"]] == [2, 1]
    assert answer["results"][0] == {
        "number": 2,
        "kind": "session",
        "title": "Titre b",
        "url": "/seances/",
        "created_at": newest.created_at.isoformat().replace("+00:00", "Z"),
        "read_at": None,
    }


def test_reading_goes_up_to_a_number_and_is_ones_own(cast: Cast, sign_in: SignIn) -> None:
    tell(cast.here.learner, "a", "b", "c")
    tell(cast.here.tutor, "d")
    client = sign_in(cast.here.learner)
    assert client.post(f"{ADDRESS}read/", {"number": 2}, content_type="application/json").json() == {"unread": 1}
    assert notifications_for(cast.here.tutor).filter(read_at=None).count() == 1


def test_a_number_that_is_none_is_refused(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.here.learner).post(f"{ADDRESS}read/", {"number": 0}, content_type="application/json")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"number"})


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_as_much_of_the_database(
    cast: Cast, sign_in: SignIn, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tell(cast.here.learner, *(f"key{rank}" for rank in range(count)))
    client = sign_in(cast.here.learner)
    with django_assert_num_queries(3):
        client.get(ADDRESS)
