"""/api/v1/availabilities/ and what is under it."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from backend.accounts.models import Person
from backend.agenda.models import AvailabilityException, WeeklyWindow
from backend.common.clock import now
from backend.needs.models import TutorOffer
from backend.networks.enums import Role
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.clients import CommittingClient
from tests.support.factories import (
    AvailabilityExceptionFactory,
    MembershipFactory,
    NetworkFactory,
    SiteFactory,
    TutorOfferFactory,
    WeeklyWindowFactory,
)

ADDRESS = "/api/v1/availabilities/"
NOON = {"weekday": 0, "starts": "12:00", "ends": "13:00", "timezone": "Europe/Paris"}


def send(client: CommittingClient, method: str, path: str, data: Any = None, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    body = "" if data is None else json.dumps(data)
    return client.generic(method, f"{ADDRESS}{path}", body, "application/json", headers=headers)


def told(person: Person) -> list[tuple[int, str]]:
    rows = WeeklyWindow.objects.filter(person=person).order_by("weekday", "starts")
    return [(row.weekday, f"{row.starts:%H:%M}–{row.ends:%H:%M}") for row in rows]


def in_days(days: int, hour: int = 12) -> str:
    day = now().date() + dt.timedelta(days=days)
    return f"{day}T{hour:02}:00:00Z"


def test_i_read_my_week_its_exceptions_and_my_offers(cast: Cast, sign_in: SignIn) -> None:
    tutor, site = cast.here.tutor, cast.here.site
    TutorOffer.objects.get(person=tutor).sites.add(site)
    exception = cast.here.exception
    past = now() - dt.timedelta(days=2)
    AvailabilityExceptionFactory.create(person=tutor, starts_at=past, ends_at=past + dt.timedelta(hours=1))
    assert sign_in(tutor).get(ADDRESS).json() == {
        "windows": [
            {"weekday": 3, "starts": "12:00", "ends": "14:00", "timezone": "Europe/Paris", "id": cast.here.window.pk}
        ],
        "exceptions": [
            {
                "id": exception.pk,
                "starts_at": exception.starts_at.isoformat().replace("+00:00", "Z"),
                "ends_at": exception.ends_at.isoformat().replace("+00:00", "Z"),
                "is_free": False,
            }
        ],
        "offers": [
            {
                "network": "ici",
                "hours_per_month": "2.0",
                "remote": True,
                "sites": [site.pk],
                "room_link": "https://visio.exemple.example/salle",
                "telephone": "",
            }
        ],
    }


@pytest.mark.parametrize("role", ["learner", "coordinator", "auditor", "stranger", "admin"])
def test_nobody_reads_anothers(role: str, cast: Cast, sign_in: SignIn) -> None:
    person = cast.play(role)
    assert person is not None
    assert sign_in(person).get(ADDRESS).json() == {"windows": [], "exceptions": [], "offers": []}


def test_a_window_joins_those_it_touches(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.learner)
    first = send(client, "POST", "windows/", NOON)
    assert (first.status_code, first.json()) == (201, {**NOON, "id": WeeklyWindow.objects.latest("pk").pk})
    longer = send(client, "POST", "windows/", {**NOON, "starts": "13:00", "ends": "14:15"})
    assert longer.json() == {**NOON, "ends": "14:15", "id": WeeklyWindow.objects.latest("pk").pk}
    again = send(client, "POST", "windows/", NOON)
    assert (again.status_code, again.json()) == (201, longer.json())
    assert told(cast.here.learner) == [(0, "12:00–14:15")]


def test_the_same_key_gives_the_first_answer(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.learner)
    first = send(client, "POST", "windows/", NOON, key="une-fois")
    send(client, "DELETE", f"windows/{first.json()['id']}/")
    assert send(client, "POST", "windows/", NOON, key="une-fois").json() == first.json()
    assert told(cast.here.learner) == []
    exception = {"starts_at": in_days(3), "ends_at": in_days(3, 14), "is_free": True}
    one, two = (send(client, "POST", "exceptions/", exception, key="une-exception") for _ in range(2))
    assert (one.status_code, one.json()) == (two.status_code, two.json())
    assert AvailabilityException.objects.filter(person=cast.here.learner).count() == 1


def test_a_week_is_said_whole(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.tutor)
    windows = [NOON, {**NOON, "starts": "12:30", "ends": "14:00"}, {**NOON, "weekday": 6}]
    answers = [send(client, "PUT", "", {"windows": windows}).json()["windows"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert told(cast.here.tutor) == [(0, "12:00–14:00"), (6, "12:00–13:00")]
    assert send(client, "PUT", "", {"windows": []}).json()["windows"] == []
    assert told(cast.elsewhere.tutor) == [(3, "12:00–14:00")]


def test_a_window_is_changed_and_taken_back(cast: Cast, sign_in: SignIn) -> None:
    client, path = sign_in(cast.here.tutor), f"windows/{cast.here.window.pk}/"
    changed = send(client, "PUT", path, {**NOON, "weekday": 4})
    assert (changed.status_code, told(cast.here.tutor)) == (200, [(4, "12:00–13:00")])
    path = f"windows/{changed.json()['id']}/"
    assert [send(client, "DELETE", path).status_code for _ in range(2)] == [204, 404]
    assert told(cast.here.tutor) == []


@pytest.mark.parametrize("role", ["learner", "coordinator", "stranger", "admin"])
def test_nobody_changes_anothers(role: str, cast: Cast, sign_in: SignIn) -> None:
    person = cast.play(role)
    assert person is not None
    MembershipFactory.create(network=NetworkFactory.create(), person=person)
    client, path = sign_in(person), f"windows/{cast.here.window.pk}/"
    exception = f"exceptions/{cast.here.exception.pk}/"
    answers = [send(client, "PUT", path, NOON), send(client, "DELETE", path), send(client, "DELETE", exception)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert told(cast.here.tutor) == [(3, "12:00–14:00")]
    assert AvailabilityException.objects.filter(person=cast.here.tutor).count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekday": 7}, "weekday"),
        ({"starts": "12:05"}, "starts"),
        ({"ends": "12:00"}, "ends"),
        ({"ends": "?"}, "ends"),
        ({"timezone": "Asia/Tokyo"}, "timezone"),
        ({"timezone": "Indian/Reunion"}, "timezone"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(
    changes: dict[str, Any], field: str, cast: Cast, sign_in: SignIn
) -> None:
    answer = send(sign_in(cast.here.learner), "POST", "windows/", NOON | changes)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert told(cast.here.learner) == []


def test_an_exception_is_added_once_and_taken_back(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.learner)
    exception = {"starts_at": in_days(3), "ends_at": in_days(4), "is_free": False}
    one, two = (send(client, "POST", "exceptions/", exception) for _ in range(2))
    assert one.json() == two.json() == {**exception, "id": one.json()["id"]}
    path = f"exceptions/{one.json()['id']}/"
    assert [send(client, "DELETE", path).status_code for _ in range(2)] == [204, 404]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": "2026-12-03T12:00"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
        ({"ends_at": in_days(2)}, "ends_at"),
        ({"ends_at": "2999-01-01T00:00:00Z"}, "ends_at"),
        ({"starts_at": in_days(-9), "ends_at": in_days(-8)}, "ends_at"),
        ({"starts_at": in_days(3).replace(":00:00Z", ":05:00Z")}, "starts_at"),
        ({"is_free": None}, "is_free"),
    ],
)
def test_an_exception_that_makes_no_sense_is_refused(
    changes: dict[str, Any], field: str, cast: Cast, sign_in: SignIn
) -> None:
    exception = {"starts_at": in_days(3), "ends_at": in_days(3, 14), "is_free": True}
    answer = send(sign_in(cast.here.learner), "POST", "exceptions/", exception | changes)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not AvailabilityException.objects.filter(person=cast.here.learner).exists()


OFFER = {"hours_per_month": "3.5", "remote": False, "room_link": "", "telephone": ""}


def test_a_tutor_says_what_they_give(cast: Cast, sign_in: SignIn) -> None:
    client, site = sign_in(cast.here.tutor), cast.here.site
    answer = send(client, "PUT", "offers/ici/", {**OFFER, "sites": [site.pk]})
    assert answer.json() == {**OFFER, "network": "ici", "sites": [site.pk]}
    assert TutorOffer.objects.get(person=cast.here.tutor).hours_per_month == Decimal("3.5")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hours_per_month": "3.3"}, "hours_per_month"),
        ({"hours_per_month": "41"}, "hours_per_month"),
        ({"remote": True}, "room_link"),
        ({"remote": True, "room_link": "http://visio.exemple.example/salle"}, "room_link"),
        ({"telephone": "1 84 12 76 451 089 46"}, "telephone"),
        ({"sites": [10**30]}, "sites"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused(
    changes: dict[str, Any], field: str, cast: Cast, sign_in: SignIn
) -> None:
    data = {**OFFER, "sites": [cast.here.site.pk], **changes}
    answer = send(sign_in(cast.here.tutor), "PUT", "offers/ici/", data)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert TutorOffer.objects.get(person=cast.here.tutor).hours_per_month == Decimal(2)


def test_offers_are_for_tutors_of_the_network_on_its_own_sites(cast: Cast, sign_in: SignIn) -> None:
    data = {**OFFER, "sites": [cast.elsewhere.site.pk]}
    assert send(sign_in(cast.here.tutor), "PUT", "offers/ici/", data).status_code == 400
    assert send(sign_in(cast.here.tutor), "PUT", "offers/ailleurs/", data).status_code == 404
    own = {**OFFER, "sites": [cast.here.site.pk]}
    assert send(sign_in(cast.here.learner), "PUT", "offers/ici/", own).status_code == 403
    assert set(TutorOffer.objects.values_list("person", flat=True)) == {cast.here.tutor.pk, cast.elsewhere.tutor.pk}


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    count: int, cast: Cast, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    person = cast.here.learner
    for rank in range(count):
        WeeklyWindowFactory.create(person=person, weekday=rank)
        AvailabilityExceptionFactory.create(person=person, starts_at=now() + dt.timedelta(days=rank + 1))
        network = NetworkFactory.create()
        MembershipFactory.create(network=network, person=person).roles.create(role=Role.TUTOR)
        TutorOfferFactory.create(network=network, person=person).sites.add(SiteFactory.create(network=network))
    client = sign_in(person)
    with django_assert_num_queries(6):
        answer = client.get(ADDRESS).json()
    assert [len(answer[part]) for part in ("windows", "exceptions", "offers")] == [count] * 3
