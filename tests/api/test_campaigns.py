"""/api/v1/campaigns/: opening, computing (202), stopping."""

import datetime as dt
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoAssertNumQueries

from backend.campaigns.domain.jobs import execute_run
from backend.campaigns.models import Campaign, Run
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.clients import CommittingClient
from tests.support.factories import CampaignFactory, next_monday

ADDRESS = "/api/v1/campaigns/"


def post(client: CommittingClient, address: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(address, data or {}, content_type="application/json", headers=headers)


def wish(**changes: Any) -> dict[str, Any]:
    return {"network": "ici", "title": "Hiver", "first_day": next_monday().isoformat()} | changes


def test_opening_a_campaign_and_reading_it_back(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.coordinator)
    answer = post(client, ADDRESS, wish(weeks=2, preset="fairness"))
    campaign = Campaign.objects.latest("pk")
    assert answer.status_code == 201
    assert answer.json() == client.get(f"{ADDRESS}{campaign.pk}/").json()
    assert {**answer.json(), "created_at": None} == {
        "id": campaign.pk,
        "network": "ici",
        "title": "Hiver",
        "state": "collecting",
        "first_day": next_monday().isoformat(),
        "weeks": 2,
        "session_minutes": 45,
        "group_size_max": 1,
        "preset": "fairness",
        "collect_until": None,
        "lent_tutors": False,
        "created_at": None,
    }


def test_a_tuesday_is_refused_with_its_field(cast: Cast, sign_in: SignIn) -> None:
    tuesday = (next_monday() + dt.timedelta(days=1)).isoformat()
    answer = post(sign_in(cast.here.coordinator), ADDRESS, wish(first_day=tuesday))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("changes", [{"weeks": 13}, {"session_minutes": 50}, {"preset": "own"}, {"audience": "x"}])
def test_what_makes_no_sense_is_told_by_field(cast: Cast, sign_in: SignIn, changes: dict[str, Any]) -> None:
    answer = post(sign_in(cast.here.coordinator), ADDRESS, wish(**changes))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, list(changes))


def test_asking_for_a_run_answers_at_once_and_queues_it(cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.here.coordinator), f"{ADDRESS}{cast.here.campaign.pk}/runs/"
    answer = post(client, address, {"session_minutes": 30, "seed": 3})
    run = Run.objects.latest("pk")
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (202, run.pk, "queued")
    assert [row.args_kwargs["args"] for row in DBTaskResult.objects.all()] == [[run.pk]]
    again = post(client, address, {"session_minutes": 30, "seed": 3})
    assert (again.status_code, again.json()["code"]) == (409, "running")
    execute_run(run=run)
    read = client.get(f"{address}{run.pk}/").json()
    assert (read["state"], read["status"], read["seed"], read["session_minutes"]) == ("done", "optimal", 3, 30)
    after = post(client, address, {"previous": run.pk})
    assert after.json()["previous"] == run.pk
    assert post(client, address, {"previous": 10**9}).json()["code"] == "unknown_run"


def test_a_retry_asks_once(cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.here.coordinator), f"{ADDRESS}{cast.here.campaign.pk}/runs/"
    answers = [post(client, address, {"seed": 5}, **{"Idempotency-Key": "une-fois"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert Run.objects.filter(seed=5).count() == 1


def test_stopping_once_and_twice(cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.here.coordinator), f"{ADDRESS}{cast.here.campaign.pk}/runs/{cast.here.run.pk}/"
    assert post(client, f"{address}cancel/").json()["state"] == "cancelled"
    assert post(client, f"{address}cancel/").json()["code"] == "not_under_way"


def test_a_run_is_found_under_its_own_campaign_only(cast: Cast, sign_in: SignIn) -> None:
    client, other = sign_in(cast.here.coordinator), CampaignFactory.create(network=cast.here.network)
    assert client.get(f"{ADDRESS}{other.pk}/runs/{cast.here.run.pk}/").status_code == 404


def test_filters_and_the_neighbours(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.here.coordinator)
    assert [row["id"] for row in client.get(ADDRESS).json()["results"]] == [cast.here.campaign.pk]
    assert client.get(f"{ADDRESS}?state=closed").json()["results"] == []
    assert client.get(f"{ADDRESS}?network={cast.elsewhere.network.slug}").status_code == 404
    assert post(client, ADDRESS, wish(network=cast.elsewhere.network.slug)).status_code == 404


@pytest.mark.parametrize("campaigns", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(
    cast: Cast, sign_in: SignIn, campaigns: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    CampaignFactory.create_batch(campaigns - 1, network=cast.here.network)
    client = sign_in(cast.here.coordinator)
    with django_assert_num_queries(4):
        client.get(ADDRESS)
