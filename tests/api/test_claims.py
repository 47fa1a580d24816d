"""/api/v1/claims/: claiming, deciding, answering, taking back."""

from typing import Any

import pytest
from django.utils import timezone

from backend.skills.enums import ClaimState
from backend.skills.models import Claim, Credential
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.clients import CommittingClient
from tests.support.factories import ClaimFactory, NotionFactory

ADDRESS = "/api/v1/claims/"
PATIENT = "Vu pour 1 85 05 75 999 084 64"


def post(client: CommittingClient, address: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(address, data or {}, content_type="application/json", headers=headers)


def act(client: CommittingClient, claim: Claim, action: str, **data: Any) -> Any:
    return post(client, f"{ADDRESS}{claim.pk}/{action}/", data)


def wish(cast: Cast, **changes: Any) -> dict[str, Any]:
    NotionFactory.create(slug="mots-de-passe", since_year=2020)
    given = {"network": "ici", "notion": "mots-de-passe", "level": 2, "kind": "diploma", "title": "Diplôme inventé"}
    return given | changes


def read_ids(client: CommittingClient, query: str = "") -> list[int]:
    return [claim["id"] for claim in client.get(f"{ADDRESS}{query}").json()["results"]]


def test_a_tutor_claims_and_reads_it_back(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.tutor)
    answer = post(client, ADDRESS, wish(cast, obtained_on="2024-06-30"))
    claim = Claim.objects.get(notion__slug="mots-de-passe")
    expected = {
        "id": claim.pk,
        "network": "ici",
        "person": {"id": cast.here.tutor.pk, "name": "Tutor Ici"},
        "notion": "mots-de-passe",
        "level": 2,
        "state": "awaiting",
        "expires_on": None,
        "credential": {
            "id": claim.credential_id,
            "kind": "diploma",
            "title": "Diplôme inventé",
            "obtained_on": "2024-06-30",
        },
        "created_at": claim.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert (answer.status_code, answer.json()) == (201, expected)
    assert client.get(f"{ADDRESS}{claim.pk}/").json() == expected
    assert read_ids(client) == [claim.pk, cast.here.claim.pk]


def test_a_retry_claims_once(cast: Cast, sign_in: SignIn) -> None:
    client, data = sign_in(cast.here.tutor), wish(cast)
    answers = [post(client, ADDRESS, data, **{"Idempotency-Key": "une-fois"}) for _ in range(2)]
    assert [answer.json() for answer in answers] == [answers[0].json()] * 2
    assert Credential.objects.filter(person=cast.here.tutor, kind="diploma").count() == 1
    again = post(client, ADDRESS, data)
    assert (again.status_code, again.json()["code"]) == (409, "already_claimed")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"network": "ailleurs"}, 404, "not_found"),
        ({"notion": "absente"}, 400, "unknown_notion"),
        ({"level": 4}, 400, "invalid"),
        ({"kind": "pix"}, 400, "invalid"),
        ({"title": ""}, 400, "title_required"),
        ({"title": PATIENT}, 400, "patient_number"),
        ({"note": PATIENT}, 400, "patient_number"),
        ({"obtained_on": "2019-01-01"}, 400, "credential_too_old"),
        ({"obtained_on": "9999-01-01"}, 400, "obtained_on"),
    ],
)
def test_what_makes_no_sense_is_refused(
    cast: Cast, sign_in: SignIn, changes: dict[str, Any], status: int, code: str
) -> None:
    before = Credential.objects.count()
    answer = post(sign_in(cast.here.tutor), ADDRESS, wish(cast, **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Credential.objects.count() == before


@pytest.mark.parametrize(("role", "status"), [("learner", 403), ("coordinator", 403), ("stranger", 404)])
def test_only_tutors_claim(cast: Cast, sign_in: SignIn, role: str, status: int) -> None:
    person = cast.play(role)
    assert person is not None
    assert post(sign_in(person), ADDRESS, wish(cast)).status_code == status


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("learner", []),
        ("tutor", ["here"]),
        ("coordinator", ["here", "other"]),
        ("auditor", []),
        ("stranger", ["there"]),
    ],
)
def test_who_reads_which(cast: Cast, sign_in: SignIn, role: str, seen: list[str]) -> None:
    claims = {
        "here": cast.here.claim,
        "other": ClaimFactory.create(network=cast.here.network),
        "there": cast.elsewhere.claim,
    }
    person = cast.play(role)
    assert person is not None
    client = sign_in(person)
    assert sorted(read_ids(client)) == sorted(claims[name].pk for name in seen)
    for name, claim in claims.items():
        assert client.get(f"{ADDRESS}{claim.pk}/").status_code == (200 if name in seen else 404)


def test_claims_are_filtered(cast: Cast, sign_in: SignIn) -> None:
    done = ClaimFactory.create(network=cast.here.network, state=ClaimState.ACCEPTED)
    client = sign_in(cast.here.coordinator)
    assert read_ids(client, "?state=accepted") == [done.pk]
    assert sorted(read_ids(client, "?network=ici")) == sorted([cast.here.claim.pk, done.pk])
    assert [client.get(f"{ADDRESS}?{query}").status_code for query in ("network=ailleurs", "state=lost")] == [404, 400]


def test_a_coordinator_decides_step_by_step(cast: Cast, sign_in: SignIn) -> None:
    claim = cast.here.claim
    tutor, coordinator = sign_in(cast.here.tutor), sign_in(cast.here.coordinator)
    day = str(timezone.now().date().replace(year=timezone.now().year + 2, day=1))
    answers = [
        act(coordinator, claim, "ask-more", reason="La date manque"),
        act(tutor, claim, "answer", reason="Juin 2019"),
        act(coordinator, claim, "accept", level=1, expires_on=day),
        act(coordinator, claim, "revoke", reason="Pratique ancienne"),
    ]
    assert [(a.status_code, a.json()["state"], a.json()["level"], a.json()["expires_on"]) for a in answers] == [
        (200, "more_asked", 3, None),
        (200, "awaiting", 3, None),
        (200, "accepted", 1, day),
        (200, "revoked", 1, day),
    ]
    late = act(coordinator, claim, "refuse", reason="Trop tard")
    assert (late.status_code, late.json()["code"]) == (409, "not_from_revoked")
    assert [row.reason for row in claim.transitions.all()] == ["La date manque", "Juin 2019", "", "Pratique ancienne"]


def test_a_tutor_takes_back_and_decides_nothing(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.tutor)
    assert act(client, cast.here.claim, "accept").status_code == 403
    assert act(client, cast.here.claim, "withdraw").json()["state"] == "cancelled"
    assert act(client, cast.here.claim, "withdraw").status_code == 409


@pytest.mark.parametrize("action", ["refuse", "ask-more", "revoke"])
def test_a_no_needs_a_reason_without_patient(cast: Cast, sign_in: SignIn, action: str) -> None:
    client = sign_in(cast.here.coordinator)
    for data in ({}, {"reason": ""}, {"reason": PATIENT}):
        answer = act(client, cast.here.claim, action, **data)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])
    assert Claim.objects.get(pk=cast.here.claim.pk).state == ClaimState.AWAITING


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    count: int, cast: Cast, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    ClaimFactory.create_batch(count - 1, network=cast.here.network)
    client = sign_in(cast.here.coordinator)
    with django_assert_num_queries(3):
        assert len(read_ids(client)) == count
