"""Claims: the coordinator's queue and decisions, the tutor's own list."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.networks.enums import Role
from backend.skills.enums import ClaimState, Level
from backend.skills.models import Claim
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import choices, links, words

NIR = "185057800608491"


def page(claim: Claim) -> str:
    return f"/validations/{claim.pk}/"


def folder(claim: Claim) -> str:
    return f"/validations/certificats/{claim.credential_id}/"


def decide(client: Client, claim: Claim, target: str, **data: object) -> Any:
    return client.post(page(claim), {"target": target, "level": claim.level, "reason": "", **data})


def state_of(claim: Claim) -> str:
    claim.refresh_from_db()
    return claim.state


def test_the_queue_holds_the_claims_of_the_networks_one_coordinates(client: Client, cast: Cast) -> None:
    done = factories.ClaimFactory.create(network=cast.here.network, state=ClaimState.REFUSED)
    more = factories.ClaimFactory.create(network=cast.here.network, state=ClaimState.MORE_ASKED)
    factories.ClaimFactory.create(network=cast.here.network, person=cast.here.coordinator)
    client.force_login(cast.here.coordinator)
    shown = {
        wanted: [link for link in links(client.get(f"/validations/?etat={wanted}")) if re.search(r"\d", link)]
        for wanted in ("a-relire", "complement", "relues")
    }
    assert shown == {"a-relire": [folder(cast.here.claim)], "complement": [folder(more)], "relues": [page(done)]}


@pytest.mark.parametrize("claims", [1, 3])
def test_the_queue_asks_as_much_for_three_claims_as_for_one(
    client: Client, cast: Cast, claims: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.ClaimFactory.create_batch(claims - 1, network=cast.here.network)
    client.force_login(cast.here.coordinator)
    with django_assert_num_queries(10):
        client.get("/validations/")


def test_an_empty_queue_says_so(client: Client, cast: Cast) -> None:
    Claim.objects.update(state=ClaimState.ACCEPTED)
    client.force_login(cast.here.coordinator)
    assert "Tout est relu." in words(client.get("/validations/"))


def test_who_may_open_the_queue_and_a_claim(client: Client, cast: Cast) -> None:
    answers = {}
    for role in ("learner", "tutor", "coordinator", "auditor", "stranger", "admin"):
        client.force_login(cast.play(role))  # type: ignore[arg-type]  # all of them are people
        answers[role] = (client.get("/validations/").status_code, client.get(page(cast.here.claim)).status_code)
    assert answers == {
        "learner": (403, 403),
        "tutor": (403, 200),
        "coordinator": (200, 200),
        "auditor": (403, 403),
        "stranger": (200, 404),
        "admin": (403, 404),
    }


def test_the_claimant_reads_their_claim_and_decides_nothing(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.tutor)
    response = client.get(page(cast.here.claim))
    assert "Votre coordination relit cette demande." in words(response)
    assert choices(response, "target") == []
    assert decide(client, cast.here.claim, "accepted").status_code == 400
    assert state_of(cast.here.claim) == ClaimState.AWAITING


def test_a_coordinator_accepts_at_another_level(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.coordinator)
    assert choices(client.get(page(cast.here.claim)), "target") == ["accepted", "more_asked", "refused"]
    decide(client, cast.here.claim, "accepted", level=Level.INTERMEDIATE)
    assert (state_of(cast.here.claim), cast.here.claim.level) == (ClaimState.ACCEPTED, Level.INTERMEDIATE)
    response = client.get(page(cast.here.claim))
    assert f"Validée par {cast.here.coordinator.name}" in words(response)
    assert choices(response, "target") == ["revoked"]


@pytest.mark.parametrize("target", ["refused", "more_asked"])
def test_saying_no_needs_a_reason_that_the_person_reads(client: Client, cast: Cast, target: str) -> None:
    client.force_login(cast.here.coordinator)
    refused = decide(client, cast.here.claim, target)
    assert (refused.status_code, "Dites pourquoi, en une phrase." in words(refused)) == (422, True)
    assert f'value="{target}"' in refused.content.decode().split("checked")[0].rsplit("<input", 1)[1]
    assert decide(client, cast.here.claim, target, reason=f"Voir {NIR}").status_code == 422
    assert state_of(cast.here.claim) == ClaimState.AWAITING
    decide(client, cast.here.claim, target, reason="Certificat illisible")
    client.force_login(cast.here.tutor)
    assert "« Certificat illisible »" in words(client.get(page(cast.here.claim)))


def test_a_second_coordinator_is_told_that_the_first_was_faster(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.coordinator)
    decide(client, cast.here.claim, "refused", reason="Non")
    late = decide(client, cast.here.claim, "accepted")
    assert late.status_code == 409
    assert state_of(cast.here.claim) == ClaimState.REFUSED
    assert "Cette décision n’est plus possible : la situation a changé entre-temps." in words(late)


@pytest.mark.parametrize("data", [{}, {"target": "cancelled"}, {"target": "accepted", "level": "9"}])
def test_an_incomplete_decision_changes_nothing(client: Client, cast: Cast, data: dict[str, str]) -> None:
    client.force_login(cast.here.coordinator)
    assert client.post(page(cast.here.claim), data).status_code == 422
    assert state_of(cast.here.claim) == ClaimState.AWAITING


@pytest.mark.parametrize("claims", [1, 3])
def test_my_list_holds_mine_and_asks_as_much_for_three_as_for_one(
    client: Client, cast: Cast, claims: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.ClaimFactory.create_batch(claims - 1, network=cast.here.network, person=cast.here.tutor)
    factories.ClaimFactory.create(network=cast.here.network)
    client.force_login(cast.here.tutor)
    with django_assert_num_queries(11):
        response = client.get("/mes-competences/")
    assert len([link for link in links(response) if link.startswith("/validations/")]) == claims


def test_no_competency_yet_says_what_to_do(client: Client, cast: Cast) -> None:
    client.force_login(factories.make_member(cast.here.network, Role.TUTOR))
    response = client.get("/mes-competences/")
    assert "Aucune compétence à votre nom." in words(response)
    assert links(response) == ["/mes-competences/ajouter/", "/en-45-minutes/"]
    client.force_login(cast.here.learner)
    assert links(client.get("/mes-competences/")) == ["/referentiels/", "/en-45-minutes/"]
