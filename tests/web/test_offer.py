"""« Mon offre »: hours a month, ways to meet, and what they make in the next campaign."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.campaigns.enums import CampaignState
from backend.needs.models import TutorOffer
from backend.networks.enums import Role
from backend.networks.models import Network
from tests.support.factories import (
    CampaignFactory,
    MembershipFactory,
    NetworkFactory,
    SiteFactory,
    TutorOfferFactory,
    WeeklyWindowFactory,
    make_member,
)
from tests.web.reading import words

pytestmark = pytest.mark.django_db

PAGE = "/mon-offre/"
ROOM = "https://visio.exemple.example/salle"


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create(name="CPTS d’ici", slug="ici")
    return found


@pytest.fixture
def tutor(network: Network, client: Client) -> Person:
    found = make_member(network, Role.TUTOR)
    client.force_login(found)
    return found


def send(client: Client, **data: Any) -> Any:
    return client.post(PAGE, {"network": "ici", **data}, follow=True)


def test_a_tutor_says_what_they_give_once(client: Client, tutor: Person, network: Network) -> None:
    site = SiteFactory.create(network=network)
    TutorOfferFactory.create(hours_per_month=Decimal(9))
    assert "Vous n’avez encore rien proposé à ce réseau." in words(client.get(PAGE))
    for _ in range(2):
        send(client, hours_per_month="2,5", remote="on", sites=[site.pk], room_link=ROOM)
    offer, answer = TutorOffer.objects.get(person=tutor), client.get(PAGE)
    assert (offer.hours_per_month, offer.remote, list(offer.sites.all())) == (Decimal("2.5"), True, [site])
    # 2.5 h × 3 weeks ÷ 4.33 × 60 ÷ 45 = 2.3
    assert "Soit 2 séances de 45 min au plus pendant une campagne (3 semaines)." in words(answer).replace("\xa0", " ")
    assert 'value="2,5"' in answer.content.decode()


def test_the_sentence_is_about_the_next_campaign(client: Client, tutor: Person, network: Network) -> None:
    TutorOfferFactory.create(person=tutor, network=network, hours_per_month=Decimal(4))
    CampaignFactory.create(network=network, title="Hiver", weeks=4, session_minutes=30, state=CampaignState.COLLECTING)
    CampaignFactory.create(network=NetworkFactory.create(), title="Ailleurs", state=CampaignState.COLLECTING)
    # 4 h × 4 weeks ÷ 4.33 × 60 ÷ 30 = 7.4
    text = words(client.get(PAGE)).replace("\xa0", " ")
    assert "Soit 7 séances de 30 min au plus pendant « Hiver » (4 semaines)." in text


def test_no_hour_is_a_pause(client: Client, tutor: Person) -> None:
    assert "En pause : aucune séance ne vous sera proposée." in words(send(client, hours_per_month="0"))


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"hours_per_month": "", "remote": "on", "room_link": ROOM}, "hours_per_month"),
        ({"hours_per_month": "deux", "remote": "on", "room_link": ROOM}, "hours_per_month"),
        ({"hours_per_month": "1,3", "remote": "on", "room_link": ROOM}, "hours_per_month"),
        ({"hours_per_month": "41", "remote": "on", "room_link": ROOM}, "hours_per_month"),
        ({"hours_per_month": "NaN", "remote": "on", "room_link": ROOM}, "hours_per_month"),
        ({"hours_per_month": "2", "remote": "on"}, "room_link"),
        ({"hours_per_month": "2", "remote": "on", "room_link": "http://visio.exemple.example/"}, "room_link"),
        ({"hours_per_month": "2", "remote": "on", "telephone": "appelez"}, "telephone"),
        ({"hours_per_month": "2", "remote": "on", "telephone": "1 84 12 76 451 089 46"}, "telephone"),
    ],
)
def test_what_cannot_be_offered_is_said_beside_its_field(
    data: dict[str, str], field: str, client: Client, tutor: Person, network: Network
) -> None:
    answer = send(client, **data)
    assert answer.status_code == 422
    assert f'<a href="#offer_{network.pk}_{field}">' in answer.content.decode()
    assert all(f'value="{typed}"' in answer.content.decode() for typed in data.values() if typed and typed != "on")
    assert not TutorOffer.objects.exists()


def test_somebody_must_be_met_somehow(client: Client, tutor: Person) -> None:
    answer = send(client, hours_per_month="2")
    assert (answer.status_code, TutorOffer.objects.count()) == (422, 0)
    assert "Choisissez au moins une façon de se rencontrer." in words(answer)


def test_only_sites_of_the_network_and_only_networks_where_one_tutors(client: Client, tutor: Person) -> None:
    elsewhere = NetworkFactory.create(slug="ailleurs")
    site = SiteFactory.create(network=elsewhere, name="Lieu d’ailleurs")
    MembershipFactory.create(network=elsewhere, person=tutor).roles.create(role=Role.LEARNER)
    page = client.get(PAGE)
    assert "Lieu d’ailleurs" not in words(page)
    assert elsewhere.name not in words(page)
    send(client, hours_per_month="2", sites=[site.pk])
    assert send(client, network="ailleurs", hours_per_month="2", telephone="05 00 00 00 00").status_code == 404
    assert not TutorOffer.objects.exists()


def test_a_tutor_without_a_window_is_told(client: Client, tutor: Person) -> None:
    assert "Vous n’avez indiqué aucun créneau" in words(client.get(PAGE))
    WeeklyWindowFactory.create(person=tutor)
    assert "Vous n’avez indiqué aucun créneau" not in words(client.get(PAGE))


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_networks_as_for_one(
    count: int, client: Client, tutor: Person, network: Network, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    TutorOfferFactory.create(person=tutor, network=network).sites.add(SiteFactory.create(network=network))
    for _ in range(count - 1):
        other = NetworkFactory.create()
        MembershipFactory.create(network=other, person=tutor).roles.create(role=Role.TUTOR)
        TutorOfferFactory.create(person=tutor, network=other).sites.add(SiteFactory.create(network=other))
    with django_assert_num_queries(11):
        assert words(client.get(PAGE)).count("Heures par mois") == count
