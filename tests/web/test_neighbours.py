"""« Voisins » and « Aider une CPTS voisine »: forms, answers, and what the other network does not see."""

import pytest
from django.test import Client

from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign, Loan
from backend.networks.domain.agreements import accept_agreement
from backend.networks.enums import AccordState, Role
from backend.networks.models import Agreement, SharedCoordination
from backend.networks.rules import roles_in
from tests.support.cast import Cast
from tests.web.reading import links, words

PAGE, LOANS = "/reseau/voisins/", "/mon-offre/voisins/"
PROPOSAL = {"action": "proposer", "neighbour": "ailleurs", "direction": "emprunter", "hours_per_month": "7,5"}


def propose(client: Client, cast: Cast) -> Agreement:
    client.force_login(cast.here.coordinator)
    assert client.post(PAGE, PROPOSAL)["Location"] == f"{PAGE}?reseau=ici"
    return Agreement.objects.get()


def answer(client: Client, agreement: Agreement, act: str) -> int:
    return client.post(PAGE, {"action": "accord", "key": agreement.pk, "act": act}).status_code


def test_an_agreement_from_proposal_to_its_end(client: Client, cast: Cast) -> None:
    agreement = propose(client, cast)
    text = words(client.get(PAGE))
    assert "CPTS ailleurs prête à CPTS ici à accepter 7,5 h par mois au plus, tous les sujets" in text
    assert "Retirer la proposition" in text
    assert answer(client, agreement, "accepter") == 409
    client.force_login(cast.elsewhere.coordinator)
    assert "Accepter : CPTS ailleurs prête à CPTS ici" in words(client.get(PAGE))
    assert answer(client, agreement, "accepter") == 302
    assert answer(client, agreement, "accepter") == 409
    assert "en vigueur" in words(client.get(PAGE))
    assert answer(client, agreement, "terminer") == 302
    assert "terminé" in words(client.get(PAGE))


def test_some_subjects_only(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.coordinator)
    notion = cast.here.session.notion
    client.post(PAGE, {**PROPOSAL, "direction": "preter", "notions": [notion.slug]})
    agreement = Agreement.objects.get()
    assert (agreement.lender, list(agreement.notions.all())) == (cast.here.network, [notion])
    assert f"CPTS ici prête à CPTS ailleurs à accepter 7,5 h par mois au plus, {notion.title}" in words(
        client.get(PAGE)
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"neighbour": ""}, "CPTS voisine"),
        ({"neighbour": "ici"}, "CPTS voisine"),
        ({"hours_per_month": "beaucoup"}, "Donnez un nombre, par exemple 7,5."),
        ({"hours_per_month": "7,3"}, "Comptez par demi-heures"),
        ({"direction": "donner"}, "Sens de l’accord"),
    ],
)
def test_what_is_wrong_is_told_and_kept(client: Client, cast: Cast, change: dict[str, str], told: str) -> None:
    client.force_login(cast.here.coordinator)
    response = client.post(PAGE, PROPOSAL | change)
    assert response.status_code == 422
    assert told in words(response)
    assert not Agreement.objects.exists()


@pytest.mark.parametrize("key", ["", "abc", "9" * 30])
def test_nonsense_is_a_bad_request(client: Client, cast: Cast, key: str) -> None:
    client.force_login(cast.here.coordinator)
    assert client.post(PAGE, {"action": "accord", "key": key, "act": "terminer"}).status_code == 400
    assert client.post(PAGE, {"action": "accord", "key": "1", "act": "voler"}).status_code == 400
    assert client.post(PAGE, {"action": "accord", "key": "999999", "act": "terminer"}).status_code == 404


def test_a_coordination_is_shared_and_given_back(client: Client, cast: Cast) -> None:
    helper = cast.elsewhere.coordinator
    client.force_login(cast.here.coordinator)
    key = helper.memberships.get().pk
    assert client.post(PAGE, {"action": "demander", "coordinator": key}).status_code == 302
    shared = SharedCoordination.objects.get()
    act = {"action": "coordination", "key": shared.pk}
    assert client.post(PAGE, {**act, "act": "accepter"}).status_code == 404
    client.force_login(helper)
    assert client.post(PAGE, {**act, "act": "accepter"}).status_code == 302
    assert client.get("/membres/?reseau=ici").status_code == 200
    assert f"{PAGE}?reseau=ici" in links(client.get("/accueil/"))
    assert client.post(f"{PAGE}?reseau=ici", {**act, "act": "terminer"})["Location"] == "/accueil/"
    assert roles_in(helper, cast.here.network) == set()
    assert client.get(f"/membres/{cast.here.learner.memberships.get().pk}/").status_code == 404


# Lending


def lend(client: Client, campaign: Campaign, hours: str = "1,5", action: str = "preter") -> int:
    return client.post(LOANS, {"action": action, "campaign": campaign.pk, "hours_per_month": hours}).status_code


@pytest.fixture
def agreed(client: Client, cast: Cast) -> Cast:
    """« ailleurs » lends to « ici », which collects; everybody may be called."""
    agreement = propose(client, cast)
    accept_agreement(agreement=agreement, author=cast.elsewhere.coordinator)
    Campaign.objects.filter(pk=cast.here.campaign.pk).update(state=CampaignState.COLLECTING)
    cast.elsewhere.tutor.tutor_offers.update(room_link="https://visio.exemple.example/salle")
    client.force_login(cast.elsewhere.tutor)
    return cast


def test_a_tutor_says_yes_changes_and_takes_back(client: Client, agreed: Cast) -> None:
    campaign = agreed.here.campaign
    text = words(client.get(LOANS))
    assert f"CPTS ici : {campaign.title}" in text
    assert lend(client, campaign) == lend(client, campaign, "2") == 302
    assert "vous aidez 2 h par mois" in words(client.get(LOANS))
    assert lend(client, campaign, action="reprendre") == 302
    assert "vous aidez" not in words(client.get(LOANS)).split("campagne.", 1)[1]
    assert lend(client, campaign, action="reprendre") == 409


@pytest.mark.parametrize("hours", ["", "40", "1,3", "des heures"])
def test_hours_that_make_no_sense(client: Client, agreed: Cast, hours: str) -> None:
    assert lend(client, agreed.here.campaign, hours) == 422
    assert not Loan.objects.exists()


def test_only_neighbours_with_an_agreement_are_helped(client: Client, agreed: Cast) -> None:
    assert lend(client, agreed.elsewhere.campaign) == 404
    client.force_login(agreed.here.tutor)
    assert "Aucune CPTS voisine ne cherche d’aide en ce moment." in words(client.get(LOANS))
    assert lend(client, agreed.here.campaign) == 404
    Agreement.objects.update(state=AccordState.ENDED)
    client.force_login(agreed.elsewhere.tutor)
    assert lend(client, agreed.here.campaign) == 404


def test_the_borrower_sees_nothing_else_of_a_tutor_lent(client: Client, agreed: Cast) -> None:
    """Nor of the lender's members, requests, sessions and claims; nor does the lender of the borrower's."""
    lend(client, agreed.here.campaign)
    there, here = agreed.elsewhere, agreed.here
    for reader, other in ((here.coordinator, there), (there.coordinator, here)):
        client.force_login(reader)
        for address in (
            f"/membres/{other.tutor.memberships.get().pk}/",
            f"/validations/{other.claim.pk}/",
            f"/mes-demandes/{other.request.pk}/",
            f"/seances/{other.session.pk}/",
            f"/campagnes/{other.campaign.pk}/",
            f"/bilans/?reseau={other.network.slug}",
            f"/couverture/?reseau={other.network.slug}",
            f"/api/v1/members/{other.tutor.memberships.get().pk}/",
        ):
            assert client.get(address).status_code == 404, address
        assert roles_in(reader, other.network) == set()
    client.force_login(there.tutor)
    assert client.get(f"/mes-demandes/{here.request.pk}/").status_code == 404
    assert Role.TUTOR not in roles_in(there.tutor, here.network)
