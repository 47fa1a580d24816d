"""« Jours fériés »: what a coordinator reads and says of the days when nobody is free."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from backend.accounts.models import Person
from backend.networks.enums import HolidayCalendar, Role
from backend.networks.models import HolidayOverride, Network
from tests.support.factories import MembershipFactory, NetworkFactory, make_member
from tests.web.reading import words

pytestmark = pytest.mark.django_db

PAGE = "/reseau/jours-feries/"


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create(slug="ici", name="A d’ici")
    return found


@pytest.fixture
def coordinator(network: Network, client: Client) -> Person:
    found = make_member(network, Role.COORDINATOR)
    client.force_login(found)
    return found


def send(client: Client, **data: str) -> Any:
    return client.post(f"{PAGE}?reseau=ici", data, follow=True)


def overrides(network: Network) -> list[tuple[str, bool]]:
    return [(str(row.day), row.is_holiday) for row in HolidayOverride.objects.filter(network=network)]


def test_the_year_that_comes_is_listed(client: Client, coordinator: Person) -> None:
    HolidayOverride.objects.create(network=NetworkFactory.create(), day=dt.date(2026, 12, 24), is_holiday=True)
    text = words(client.get(PAGE)).replace("\xa0", " ")
    assert text.index("Vendredi 25 décembre Noël") < text.index("Jeudi 11 novembre 2027 Armistice")
    assert "24 décembre" not in text


def test_a_day_is_worked_then_kept_again(client: Client, coordinator: Person, network: Network) -> None:
    for kept, expected in (("no", [("2026-12-25", False)]), ("no", [("2026-12-25", False)]), ("yes", [])):
        send(client, action="move", day="2026-12-25", kept=kept)
        assert overrides(network) == expected
    answer = client.get(PAGE)
    assert "Vendredi 25 décembre Noël personne n’est libre Travaillé chez nous" in words(answer).replace("\xa0", " ")


def test_a_day_is_added_once_and_taken_back(client: Client, coordinator: Person, network: Network) -> None:
    for _ in range(2):
        send(client, action="add", day="2026-12-24")
    answer = client.get(PAGE)
    assert overrides(network) == [("2026-12-24", True)]
    assert "Jeudi 24 décembre Jour ajouté par votre coordination" in words(answer).replace("\xa0", " ")
    send(client, action="move", day="2026-12-24", kept="no")
    assert overrides(network) == []


@pytest.mark.parametrize("day", ["", "demain", "2062-12-24"])
def test_a_day_that_makes_no_sense_is_said_beside_its_field(
    day: str, client: Client, coordinator: Person, network: Network
) -> None:
    answer = send(client, action="add", day=day)
    assert (answer.status_code, overrides(network)) == (422, [])
    assert '<a href="#id_day">' in answer.content.decode()


def test_the_calendar_is_chosen(client: Client, coordinator: Person, network: Network) -> None:
    answer = send(client, action="calendar", calendar="mayotte")
    network.refresh_from_db()
    assert network.holiday_calendar == HolidayCalendar.MAYOTTE
    assert "27 avril 2027 Abolition de l’esclavage" in words(answer).replace("\xa0", " ")
    assert "Aucun jour férié." in words(send(client, action="calendar", calendar="none"))


@pytest.mark.parametrize(
    "data", [{}, {"action": "move", "day": "?"}, {"action": "calendar", "calendar": "lune"}, {"action": "?"}]
)
def test_an_odd_form_is_refused(data: dict[str, str], client: Client, coordinator: Person) -> None:
    assert send(client, **data).status_code == 400


def test_who_coordinates_two_networks_chooses_and_others_are_absent(
    client: Client, coordinator: Person, network: Network
) -> None:
    second, elsewhere = NetworkFactory.create(slug="la", name="B de là"), NetworkFactory.create(slug="ailleurs")
    MembershipFactory.create(network=second, person=coordinator).roles.create(role=Role.COORDINATOR)
    MembershipFactory.create(network=elsewhere, person=coordinator).roles.create(role=Role.LEARNER)
    client.post(f"{PAGE}?reseau=la", {"action": "add", "day": "2026-12-24"})
    assert (overrides(network), overrides(second)) == ([], [("2026-12-24", True)])
    answer = client.post(f"{PAGE}?reseau=ailleurs", {"action": "add", "day": "2026-12-24"})
    assert (answer.status_code, overrides(elsewhere)) == (404, [])
