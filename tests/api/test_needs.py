"""Positioning is the caller's alone; requests are their own, and their network's for coordinators."""

from typing import Any

import pytest

from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.skills.models import Positioning
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.clients import CommittingClient
from tests.support.factories import CapacityFactory, HelpRequestFactory, PositioningFactory, make_member

POSITIONING, REQUESTS = "/api/v1/positioning/", "/api/v1/requests/"
PATIENT = "Son numéro : 1 85 05 75 999 084 64"


def post(client: CommittingClient, address: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(address, data or {}, content_type="application/json", headers=headers)


def ask(cast: Cast, **changes: Any) -> dict[str, Any]:
    CapacityFactory.create(key="metier:1.1.1")
    return {"network": cast.here.network.slug, "capacity": "metier:1.1.1", "level_wanted": 2} | changes


def test_an_answer_is_kept_once_and_read_back(cast: Cast, sign_in: SignIn) -> None:
    capacity = CapacityFactory.create(key="metier:1.1.1")
    client = sign_in(cast.here.learner)
    answers = [post(client, POSITIONING, {"capacity": "metier:1.1.1", "level": level}) for level in (0, 0, 2)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert answers[0].json() == answers[1].json()
    framework = capacity.competency.domain.framework.slug
    results = client.get(f"{POSITIONING}?framework={framework}").json()["results"]
    assert [{key: row[key] for key in ("framework", "capacity", "level")} for row in results] == [
        {"framework": framework, "capacity": "metier:1.1.1", "level": level} for level in (2, 0)
    ]
    assert client.get(f"{POSITIONING}?framework=autre").json()["results"] == []
    assert client.get(f"{POSITIONING}?framework=métier").json()["fields"].keys() == {"framework"}


@pytest.mark.parametrize("role", ["tutor", "coordinator", "auditor", "stranger", "admin"])
def test_nobody_reads_the_answers_of_others(cast: Cast, sign_in: SignIn, role: str) -> None:
    PositioningFactory.create(person=cast.here.learner, capacity=cast.here.request.capacity)
    person = cast.play(role)
    assert person is not None
    assert sign_in(person).get(POSITIONING).json()["results"] == []
    assert len(sign_in(cast.here.learner).get(POSITIONING).json()["results"]) == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"capacity": "metier:1.1.1", "level": 4}, "level"),
        ({"capacity": "absente:1.1.1", "level": 1}, "capacity"),
        ({"capacity": "%00", "level": 1}, "capacity"),
        ({"capacity": "metier:1.1.1"}, "level"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(
    cast: Cast, sign_in: SignIn, data: dict[str, Any], field: str
) -> None:
    CapacityFactory.create(key="metier:1.1.1")
    answer = post(sign_in(cast.here.learner), POSITIONING, data)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not Positioning.objects.exists()


def test_a_request_is_made_read_and_taken_back(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.learner)
    sent = ask(cast, level_start=1, urgency=1, remote=False, sites=[cast.here.site.pk], context="Le jeudi")
    made = post(client, REQUESTS, sent)
    assert made.status_code == 201
    request = HelpRequest.objects.get(capacity__key="metier:1.1.1")
    assert made.json() == {
        "id": request.pk,
        "network": "ici",
        "person": {"id": cast.here.learner.pk, "name": cast.here.learner.name},
        "capacity": "metier:1.1.1",
        "notion": request.notion.slug,
        "state": "open",
        "level_wanted": 2,
        "level_start": 1,
        "urgency": 1,
        "remote": False,
        "sites": [cast.here.site.pk],
        "group_ok": False,
        "on_working_time": False,
        "context": "Le jeudi",
        "created_at": request.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert client.get(f"{REQUESTS}{request.pk}/").json() == made.json()
    for _ in range(2):
        answer = post(client, f"{REQUESTS}{request.pk}/withdraw/")
        assert (answer.status_code, answer.json()) == (200, made.json() | {"state": "withdrawn"})
    assert request.transitions.filter(target="withdrawn").count() == 1


def test_the_same_key_makes_one_request_and_another_is_told(cast: Cast, sign_in: SignIn) -> None:
    client, sent = sign_in(cast.here.learner), ask(cast)
    answers = [post(client, REQUESTS, sent, **{"Idempotency-Key": "une-fois"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    again = post(client, REQUESTS, sent)
    assert (again.status_code, again.json()["code"]) == (409, "already_asked")
    assert HelpRequest.objects.filter(capacity__key="metier:1.1.1").count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"network": "ailleurs"}, 404, "not_found"),
        ({"remote": False}, 400, "no_modality"),
        ({"level_start": 2}, 400, "levels"),
        ({"context": PATIENT}, 400, "patient_number"),
        ({"sites": [10**6]}, 400, "foreign_site"),
        ({"capacity": "absente:1.1.1"}, 400, "unknown_capacity"),
        ({"urgency": 7}, 400, "invalid"),
    ],
)
def test_what_cannot_be_asked(cast: Cast, sign_in: SignIn, changes: dict[str, Any], status: int, code: str) -> None:
    answer = post(sign_in(cast.here.learner), REQUESTS, ask(cast, **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not HelpRequest.objects.filter(capacity__key="metier:1.1.1").exists()


def test_coordinators_read_their_network_but_what_is_not_confirmed(cast: Cast, sign_in: SignIn) -> None:
    hidden = HelpRequestFactory.create(
        network=cast.here.network, state=RequestState.UNCONFIRMED, entered_by=cast.here.tutor
    )
    seen = {
        role: [row["id"] for row in sign_in(person).get(REQUESTS).json()["results"]]
        for role in ("learner", "tutor", "coordinator", "auditor", "stranger", "admin")
        if (person := cast.play(role))
    }
    here, elsewhere = cast.here.request.pk, cast.elsewhere.request.pk
    assert seen == {
        "learner": [here],
        "tutor": [hidden.pk],
        "coordinator": [here],
        "auditor": [],
        "stranger": [elsewhere],
        "admin": [],
    }


def test_only_ones_own_is_taken_back(cast: Cast, sign_in: SignIn) -> None:
    address = f"{REQUESTS}{cast.here.request.pk}/withdraw/"
    for person in (cast.here.coordinator, cast.here.tutor, cast.elsewhere.learner):
        assert post(sign_in(person), address).status_code == 404
    HelpRequest.objects.filter(pk=cast.here.request.pk).update(state=RequestState.PLANNED)
    answer = post(sign_in(cast.here.learner), address)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_from_planned")


def test_filters(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.learner)
    assert len(client.get(f"{REQUESTS}?network=ici&state=open").json()["results"]) == 1
    assert client.get(f"{REQUESTS}?state=met").json()["results"] == []
    assert client.get(f"{REQUESTS}?network=ailleurs").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    count: int, cast: Cast, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    person = make_member(cast.here.network, Role.LEARNER)
    for _ in range(count):
        request = HelpRequestFactory.create(network=cast.here.network, person=person)
        request.sites.add(cast.here.site)
        PositioningFactory.create(person=person)
    client = sign_in(person)
    with django_assert_num_queries(4):
        assert len(client.get(REQUESTS).json()["results"]) == count
    with django_assert_num_queries(3):
        assert len(client.get(POSITIONING).json()["results"]) == count
