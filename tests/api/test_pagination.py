"""Pages follow each other without a row twice or a row lost."""

import datetime as dt
from typing import Any

import pytest

from backend.referentials.models import Notion
from backend.tutoring.models import Session
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.clients import CommittingClient
from tests.support.factories import NotionFactory, PersonFactory, SessionFactory

NOON = dt.datetime(2031, 3, 3, 12, tzinfo=dt.UTC)


def walk(client: Any, address: str, direction: str = "next") -> list[list[int]]:
    """Ids of each page, following ``direction`` to its end."""
    pages = []
    following: str | None = address
    while following:
        answer = client.get(following).json()
        pages.append([row["id"] for row in answer["results"]])
        following = answer[direction]
    return pages


def last_page(client: Any, address: str) -> str:
    """Address of the last page."""
    following: str | None = address
    while following:
        address, following = following, client.get(following).json()["next"]
    return address


@pytest.fixture
def coordinator(cast: Cast, sign_in: SignIn) -> CommittingClient:
    """Reads seven sessions, five of which begin at the same instant."""
    Session.objects.filter(pk=cast.here.session.pk).update(starts_at=NOON, ends_at=NOON + dt.timedelta(hours=1))
    for hours in (1, 0, 0, 0, 0, -1):
        SessionFactory.create(network=cast.here.network, starts_at=NOON + dt.timedelta(hours=hours))
    return sign_in(cast.here.coordinator)


def expected_ids() -> list[int]:
    mine = Session.objects.filter(network__slug="ici")
    return list(mine.order_by("starts_at", "pk").values_list("pk", flat=True))


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_pages_hold_every_row_once_in_both_directions(coordinator: CommittingClient, size: int) -> None:
    address = f"/api/v1/sessions/?page_size={size}"
    ids = expected_ids()
    forward = walk(coordinator, address)
    assert forward == [ids[start : start + size] for start in range(0, 7, size)]
    backward = walk(coordinator, last_page(coordinator, address), "previous")
    assert [key for page in reversed(backward) for key in page] == ids


def test_ends_have_no_further_page(coordinator: CommittingClient) -> None:
    first = coordinator.get("/api/v1/sessions/?page_size=4").json()
    second = coordinator.get(first["next"]).json()
    again = coordinator.get(second["previous"]).json()
    assert (first["previous"], second["next"], again["previous"]) == (None, None, None)
    assert (again["results"], again["next"]) == (first["results"], first["next"])


def test_a_row_that_comes_between_two_pages_moves_nothing(coordinator: CommittingClient, cast: Cast) -> None:
    first = coordinator.get("/api/v1/sessions/?page_size=3").json()
    rest = expected_ids()[3:]
    SessionFactory.create(network=cast.here.network, starts_at=NOON - dt.timedelta(days=1))
    assert [row["id"] for row in coordinator.get(first["next"]).json()["results"]] == rest[:3]


def test_a_page_whose_rows_are_gone_is_the_last(sign_in: SignIn, db: None) -> None:
    NotionFactory.create_batch(2)
    client = sign_in(PersonFactory.create())
    following = client.get("/api/v1/notions/?page_size=1").json()["next"]
    Notion.objects.all().delete()
    assert client.get(following).json() == {"results": [], "next": None, "previous": None}


def test_pages_keep_their_filters(coordinator: CommittingClient) -> None:
    address = "/api/v1/sessions/?page_size=2&from=2031-03-03T12:00:00Z&to=2031-03-03T12:00:01Z"
    assert [key for page in walk(coordinator, address) for key in page] == expected_ids()[1:6]


def test_a_page_holds_fifty_rows_unless_said_and_two_hundred_at_most(sign_in: SignIn, db: None) -> None:
    NotionFactory.create_batch(201)
    client = sign_in(PersonFactory.create())
    sizes = [len(client.get(f"/api/v1/notions/{query}").json()["results"]) for query in ("", "?page_size=200")]
    assert sizes == [50, 200]


@pytest.mark.parametrize("size", ["0", "-1", "201", "abc", "", "1.5", "٣", "9" * 5000])
def test_a_page_size_out_of_bounds_is_refused(sign_in: SignIn, size: str, db: None) -> None:
    answer = sign_in(PersonFactory.create()).get("/api/v1/notions/", {"page_size": size})
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "code": "invalid",
            "message": "Une valeur n’est pas valable.",
            "fields": {"page_size": ["Choisissez un nombre de 1 à 200."]},
        },
    )


@pytest.mark.parametrize("cursor", ["", "abc", "\x00", "é", "e30:abc", "a:b:c"])
def test_a_cursor_that_we_did_not_give_is_refused(sign_in: SignIn, cursor: str, db: None) -> None:
    answer = sign_in(PersonFactory.create()).get("/api/v1/notions/", {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def test_a_cursor_is_good_for_its_own_list_only(coordinator: CommittingClient) -> None:
    following = coordinator.get("/api/v1/sessions/?page_size=1").json()["next"]
    answer = coordinator.get(following.replace("/sessions/", "/notions/"))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
