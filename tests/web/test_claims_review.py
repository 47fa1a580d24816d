"""The review of a certificate: its claims decided in one go, Pix+ tied to capacities, what was seen validated."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.networks.enums import Role
from backend.referentials.models import Notion
from backend.skills.enums import ClaimState, CredentialKind
from backend.skills.models import Claim, Credential
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import choices, links, words

NIR = "185057800608491"
OBSERVE = "/validations/observer/"
TOMORROW = timezone.now().date() + dt.timedelta(days=2)


@pytest.fixture
def credential(cast: Cast) -> Credential:
    """The certificate of the tutor, with two claims more than its first."""
    made: Credential = cast.here.claim.credential
    factories.ClaimFactory.create_batch(2, person=made.person, network=made.network, credential=made, level=2)
    return made


@pytest.fixture
def pix(cast: Cast) -> Credential:
    made: Credential = factories.CredentialFactory.create(
        person=cast.here.tutor, network=cast.here.network, kind=CredentialKind.PIX, state=ClaimState.AWAITING
    )
    return made


@pytest.fixture
def notion() -> Notion:
    made: Notion = factories.NotionFactory.create(slug="mots-de-passe")
    factories.CapacityFactory.create(notion=made, text="Choisir ses mots de passe")
    return made


def page(credential: Credential) -> str:
    return f"/validations/certificats/{credential.pk}/"


def decide(client: Client, credential: Credential, target: str, **data: Any) -> Any:
    return client.post(page(credential), {"target": target, "reason": "", "expires_on": "", **data})


def standing(credential: Credential) -> list[tuple[str, int]]:
    return list(credential.claims.order_by("pk").values_list("state", "level"))


def test_all_is_ticked_and_decided_at_once(client: Client, cast: Cast, credential: Credential) -> None:
    client.force_login(cast.here.coordinator)
    first, second, third = (str(claim.pk) for claim in credential.claims.order_by("pk"))
    shown = client.get(page(credential))
    assert sorted(choices(shown, "claims")) == sorted([first, second, third])
    assert shown.content.decode().count(" checked") == 3
    assert choices(shown, "target") == ["accepted", "more_asked", "refused"]
    decide(client, credential, "accepted", claims=[first, second], **{f"level_{second}": "1"}, expires_on=str(TOMORROW))
    assert standing(credential) == [("accepted", 3), ("accepted", 1), ("awaiting", 2)]
    assert set(credential.claims.values_list("state", "expires_on")) == {("accepted", TOMORROW), ("awaiting", None)}
    assert choices(client.get(page(credential)), "claims") == [third]


def test_a_decision_goes_on_to_the_next_certificate(client: Client, cast: Cast, credential: Credential) -> None:
    following = factories.ClaimFactory.create(network=cast.here.network).credential
    factories.ClaimFactory.create()
    client.force_login(cast.here.coordinator)
    assert page(following) in links(client.get(page(credential)))
    keys = [str(claim.pk) for claim in credential.claims.all()]
    assert decide(client, credential, "accepted", claims=keys)["Location"] == page(following)
    claim = str(following.claims.get().pk)
    assert decide(client, following, "refused", claims=[claim], reason="Non")["Location"] == "/validations/"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"target": "more_asked", "reason": NIR}, "numéro de sécurité sociale"),
        ({"target": ""}, "Choisissez une décision."),
        ({"target": "revoked", "reason": "Non"}, "Choisissez une décision."),
        ({"target": "accepted", "expires_on": "2020-01-01"}, "Choisissez un jour à venir."),
        ({"target": "accepted", "expires_on": "jamais"}, "Donnez une date, par exemple 30/06/2019."),
        ({"target": "accepted", "claims": []}, "Choisissez au moins une compétence."),
    ],
)
def test_what_is_missing_is_said_and_the_rest_kept(
    client: Client, cast: Cast, credential: Credential, data: dict[str, Any], said: str
) -> None:
    client.force_login(cast.here.coordinator)
    key = str(credential.claims.order_by("pk")[1].pk)
    answer = client.post(page(credential), {"reason": "Mes mots", "claims": [key], f"level_{key}": "1", **data})
    text = answer.content.decode()
    assert (answer.status_code, said in words(answer)) == (422, True)
    assert ("Mes mots</textarea>" in text) == ("reason" not in data)
    assert text.count(" checked") == (0 if "claims" in data else 1)
    assert standing(credential) == [("awaiting", 3), ("awaiting", 2), ("awaiting", 2)]


def test_a_refusal_needs_a_reason(client: Client, cast: Cast, credential: Credential) -> None:
    client.force_login(cast.here.coordinator)
    keys = [str(claim.pk) for claim in credential.claims.all()]
    answer = decide(client, credential, "refused", claims=keys)
    assert (answer.status_code, "Dites pourquoi, en une phrase." in words(answer)) == (422, True)
    assert 'href="#id_reason"' in answer.content.decode()
    assert [state for state, _ in standing(credential)] == ["awaiting"] * 3


def test_the_second_coordinator_is_told(client: Client, cast: Cast, credential: Credential) -> None:
    second = factories.make_member(cast.here.network, Role.COORDINATOR)
    keys = [str(claim.pk) for claim in credential.claims.order_by("pk")]
    client.force_login(cast.here.coordinator)
    decide(client, credential, "refused", claims=keys[:1], reason="Illisible")
    client.force_login(second)
    late = decide(client, credential, "accepted", claims=keys)
    assert (late.status_code, "la situation a changé entre-temps" in words(late)) == (409, True)
    assert [state for state, _ in standing(credential)] == ["refused", "awaiting", "awaiting"]
    decide(client, credential, "accepted", claims=keys[1:])
    last = decide(client, credential, "accepted", claims=keys[1:])
    assert last.status_code == 409


def test_the_timeline_says_each_press_once(client: Client, cast: Cast, credential: Credential) -> None:
    client.force_login(cast.here.coordinator)
    keys = [str(claim.pk) for claim in credential.claims.all()]
    decide(client, credential, "more_asked", claims=keys, reason="La date manque")
    text = words(client.get(page(credential)))
    assert text.count("« La date manque »") == 1
    assert f"Complément demandé par {cast.here.coordinator.name} (3 compétences)" in text


def test_the_owner_is_led_to_their_own_page(client: Client, cast: Cast, credential: Credential) -> None:
    own = f"/mes-competences/certificats/{credential.pk}/"
    client.force_login(cast.here.tutor)
    assert client.get(page(credential))["Location"] == own
    client.force_login(cast.here.coordinator)
    assert client.get(own)["Location"] == page(credential)


def test_pix_is_tied_to_capacities(client: Client, cast: Cast, pix: Credential, notion: Notion) -> None:
    client.force_login(cast.here.coordinator)
    found = links(client.get(f"{page(pix)}?q=mots+de+passe"))
    assert "?choix=mots-de-passe&q=mots%20de%20passe" in found
    chosen = f"{page(pix)}?choix=mots-de-passe"
    assert choices(client.get(chosen), "levels") == ["mots-de-passe"]
    nothing = client.post(page(pix), {"target": "accepted"})
    assert (nothing.status_code, "Choisissez au moins une compétence." in words(nothing)) == (422, True)
    data = {"target": "accepted", "levels": ["mots-de-passe"], "level_mots-de-passe": "3"}
    client.post(chosen, data)
    claim = Claim.objects.get(credential=pix)
    assert (claim.notion, claim.level, claim.state) == (notion, 3, ClaimState.ACCEPTED)
    assert client.post(chosen, data).status_code in {409, 422}
    assert Claim.objects.filter(credential=pix).count() == 1


def test_pix_may_be_asked_more_of(client: Client, cast: Cast, pix: Credential) -> None:
    client.force_login(cast.here.coordinator)
    client.post(page(pix), {"target": "more_asked", "reason": "Il manque la seconde page"})
    pix.refresh_from_db()
    assert pix.state == ClaimState.MORE_ASKED
    assert choices(client.get(page(pix)), "target") == ["refused"]
    assert page(pix) in links(client.get("/validations/?etat=complement"))
    client.force_login(cast.here.tutor)
    assert "« Il manque la seconde page »" in words(client.get(f"/mes-competences/certificats/{pix.pk}/"))


def test_what_was_seen_is_validated(client: Client, cast: Cast, notion: Notion) -> None:
    client.force_login(cast.here.coordinator)
    assert f"?capacite={notion.slug}" in links(client.get(f"{OBSERVE}?q=mots"))
    address = f"{OBSERVE}?capacite={notion.slug}"
    member = cast.here.network.memberships.get(person=cast.here.tutor)
    elsewhere = cast.elsewhere.network.memberships.get(person=cast.elsewhere.tutor)
    given = {"person": member.pk, "level": "2", "sentence": "A formé deux collègues devant moi", "expires_on": ""}
    for changes in ({"sentence": " "}, {"sentence": NIR}, {"person": elsewhere.pk}, {"person": ""}, {"level": "7"}):
        assert client.post(address, {**given, **changes}).status_code == 422
    assert not Claim.objects.filter(notion=notion).exists()
    client.post(address, given)
    claim = Claim.objects.get(notion=notion)
    assert (claim.person, claim.state, claim.credential.kind) == (cast.here.tutor, "accepted", "observation")
    again = client.post(address, given)
    assert (again.status_code, "déjà demandée ou validée" in words(again)) == (409, True)


@pytest.mark.parametrize("count", [1, 3])
def test_a_review_asks_as_much_for_many(
    client: Client, cast: Cast, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    credential = cast.here.claim.credential
    factories.ClaimFactory.create_batch(
        count - 1, person=credential.person, network=credential.network, credential=credential
    )
    client.force_login(cast.here.coordinator)
    with django_assert_num_queries(13):
        assert len(choices(client.get(page(credential)), "claims")) == count


def test_the_queue_stays_quick_with_three_hundred(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    factories.ClaimFactory.create_batch(300, network=cast.here.network)
    client.force_login(cast.here.coordinator)
    with django_assert_max_num_queries(15):
        shown = client.get("/validations/?page=2")
    assert len([link for link in links(shown) if link.startswith("/validations/certificats/")]) == 20
