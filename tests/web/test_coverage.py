"""« Couverture »: the tables, their words, whom to recruit, and who may read it."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.networks.enums import Role
from backend.networks.models import MembershipRole, Network
from backend.referentials.enums import Area
from backend.skills.enums import PositioningLevel
from tests.support import factories
from tests.support.campaign_scene import make_learner, make_requests, make_tutor
from tests.support.cast import Cast
from tests.web.reading import links, words

PAGE = "/couverture/"


@pytest.fixture
def network(client: Client, db: None) -> Network:
    """A network of its own, whose coordinator is signed in, beside another with its own rows."""
    found: Network = factories.NetworkFactory.create(slug="ici")
    elsewhere = factories.NetworkFactory.create(slug="ailleurs")
    hidden = factories.NotionFactory.create(title="Sujet des voisins")
    make_requests(elsewhere, [hidden])
    make_tutor(elsewhere, hidden)
    client.force_login(factories.make_member(found, Role.COORDINATOR))
    return found


def subjects(response: Any) -> list[str]:
    """Subjects of the table, in order."""
    return [link.split("/")[2] for link in links(response) if re.match(r"/couverture/[a-z]", link)]


def make_subject(network: Network, slug: str, requests: int, tutors: int, **fields: Any) -> None:
    notion = factories.NotionFactory.create(slug=slug, title=f"Sujet {slug}", **fields)
    make_requests(network, [notion] * requests)
    for _ in range(tutors):
        make_tutor(network, notion)


def test_subjects_without_a_tutor_come_first(client: Client, network: Network) -> None:
    make_subject(network, "couvert", 3, 2)
    make_subject(network, "demande", 2, 0)
    make_subject(network, "urgent", 4, 0)
    make_subject(network, "fragile", 1, 1)
    orders = {order: subjects(client.get(f"{PAGE}?tri={order}")) for order in ("", "demandes", "sujet", "folie")}
    by_lack = ["urgent", "demande", "couvert", "fragile"]
    assert orders == {
        "": by_lack,
        "demandes": ["urgent", "couvert", "demande", "fragile"],
        "sujet": ["couvert", "demande", "fragile", "urgent"],
        "folie": by_lack,
    }


def test_colour_never_says_it_alone(client: Client, network: Network) -> None:
    make_subject(network, "vide", 2, 0)
    make_subject(network, "seul", 1, 1)
    text = words(client.get(PAGE))
    assert "Sujet vide Cybersécurité 2 0 à recruter 0 h rien de libre" in text
    assert "Sujet seul Cybersécurité 1 1 une seule personne" in text
    assert "Sujet des voisins" not in text


def test_filters_are_in_the_address(client: Client, network: Network) -> None:
    make_subject(network, "outil", 1, 0, area=Area.TOOLS)
    make_subject(network, "donnee", 1, 0, area=Area.DATA)
    profession = factories.ProfessionFactory.create(slug="sage-femme")
    asked = make_requests(network, [factories.NotionFactory.create(slug="sien")])[0]
    Person.objects.filter(pk=asked.person_id).update(profession=profession)
    assert subjects(client.get(f"{PAGE}?domaine=tools")) == ["outil"]
    assert subjects(client.get(f"{PAGE}?profession=sage-femme")) == ["sien"]
    assert subjects(client.get(f"{PAGE}?domaine=data&profession=sage-femme")) == []
    assert "Aucun sujet ici." in words(client.get(f"{PAGE}?domaine=telehealth"))
    assert len(subjects(client.get(f"{PAGE}?sujets=tous"))) > 3


def test_many_subjects_come_in_pages(client: Client, network: Network) -> None:
    make_requests(network, factories.NotionFactory.create_batch(41))
    assert len(subjects(client.get(PAGE))) == 40
    assert len(subjects(client.get(f"{PAGE}?page=2"))) == 1


def test_nothing_yet_says_what_to_do(client: Client, network: Network) -> None:
    response = client.get(PAGE)
    assert "Rien à couvrir pour l’instant." in words(response)
    assert "/membres/inviter/" in links(response)


def test_a_subject_leads_to_its_requests_and_tutors(client: Client, network: Network) -> None:
    notion = factories.NotionFactory.create(slug="sien")
    (asked,), tutor = make_requests(network, [notion]), make_tutor(network, notion)
    factories.PositioningFactory.create(person=asked.person, capacity=asked.capacity, level=PositioningLevel.WITH_HELP)
    neighbour = make_requests(factories.NetworkFactory.create(), [notion])[0]
    response = client.get("/couverture/sien/?reseau=ici")
    member = f"/membres/{tutor.memberships.get().pk}/"
    assert links(response)[-2:] == [f"/mes-demandes/{asked.pk}/", member]
    assert {client.get(address).status_code for address in links(response)} == {200}
    text = words(response)
    assert neighbour.person.name not in text
    assert PositioningLevel.WITH_HELP.label not in text
    make_subject(network, "vide", 0, 0)
    assert "Personne n’est validé sur ce sujet." in words(client.get("/couverture/vide/"))
    assert client.get("/couverture/inconnu/").status_code == 404


def test_whom_to_recruit_is_computed_on_demand_and_stays(client: Client, network: Network) -> None:
    make_subject(network, "demande", 3, 0)
    assert "donnerait une proposition" not in words(client.get(PAGE))
    answer = client.post(f"{PAGE}?tri=sujet", {"action": "compute"})
    assert answer["Location"] == f"{PAGE}?tri=sujet#recruter"
    text = words(client.get(PAGE))
    assert "Calcul terminé : 1 piste de recrutement." in text
    sentence = (
        "Une personne de plus validée sur « Sujet demande » (niveau intermédiaire), libre le midi et donnant "
        "4 heures par mois, donnerait une proposition à 3 demandes de plus."
    )
    assert sentence in text
    assert sentence in words(client.get(PAGE))
    assert client.post(PAGE).status_code == 400


def test_nobody_to_recruit_is_said(client: Client, network: Network) -> None:
    client.post(PAGE, {"action": "compute"})
    assert "Aucune demande n’est ouverte : personne à recruter pour l’instant." in words(client.get(PAGE))
    make_subject(network, "couvert", 1, 1)
    client.post(PAGE, {"action": "compute"})
    assert "n’apporterait aucune proposition de plus" in words(client.get(PAGE))


def test_one_network_at_a_time_and_only_one_s_own(client: Client, cast: Cast) -> None:
    both = cast.here.coordinator
    second = factories.NetworkFactory.create(slug="autre", name="Autre CPTS")
    membership = factories.MembershipFactory.create(network=second, person=both)
    MembershipRole.objects.create(membership=membership, role=Role.COORDINATOR)
    make_subject(second, "autre", 1, 0)
    client.force_login(both)
    assert subjects(client.get(f"{PAGE}?reseau=autre")) == ["autre"]
    assert "autre" not in subjects(client.get(f"{PAGE}?reseau=ici"))
    assert client.get(f"{PAGE}?reseau=ailleurs").status_code == 404
    assert client.post(f"{PAGE}?reseau=ailleurs", {"action": "compute"}).status_code == 404


def test_it_is_for_coordinators(client: Client, cast: Cast) -> None:
    answers = {}
    for role in ("learner", "tutor", "coordinator", "auditor", "admin"):
        client.force_login(cast.play(role))  # type: ignore[arg-type]  # all of them are people
        response = client.get("/accueil/")
        answers[role] = (client.get(PAGE).status_code, 'href="/couverture/"' in response.content.decode())
    assert answers == {
        "learner": (403, False),
        "tutor": (403, False),
        "coordinator": (200, True),
        "auditor": (403, False),
        "admin": (403, False),
    }


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_ask_as_much_for_three_as_for_one(
    client: Client, network: Network, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_subject(network, "sien", count, count)
    for rank in range(count):
        make_subject(network, f"autre-{rank}", 1, 1)
        make_learner(network, profession=factories.ProfessionFactory.create())
    with django_assert_num_queries(15):
        client.get(PAGE)
    with django_assert_num_queries(11):
        client.get("/couverture/sien/")
