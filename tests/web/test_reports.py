"""« Bilans »: the page, its files, the forecast, and the lists with names."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.reports.models import NamedListExport
from backend.tutoring.models import Session
from tests.support import factories
from tests.support.report_scene import LATER, make_help, make_network
from tests.web.reading import links, words

PAGE, FORECAST, LISTS = "/bilans/", "/bilans/previsions/", "/bilans/presences/"
SUMMER = {"du": "2026-07-01", "au": "2026-09-30"}
PURPOSE = "Justificatif demandé par la CPAM"
SHEET = {"first": "2026-07-01", "last": "2026-09-30", "purpose": PURPOSE, "form": "csv"}


@pytest.fixture(autouse=True)
def _later() -> Any:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def network(client: Client, db: None) -> Network:
    """A network whose coordinator is signed in, beside another with its own rows."""
    elsewhere = make_network("ailleurs")
    make_help(elsewhere, "held", person=factories.make_member(elsewhere, Role.LEARNER, last_name="Voisin"))
    factories.SiteFactory.create(network=elsewhere, name="Lieu des voisins")
    network = make_network("ici")
    client.force_login(factories.make_member(network, Role.COORDINATOR, last_name="Coordin"))
    return network


def rows_of(response: Any) -> list[list[str]]:
    text = response.content.decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_page_tells_every_state(client: Client, network: Network) -> None:
    for fate in ("asked", "withdrawn", "proposed", "confirmed", "held", "held", "missed"):
        make_help(network, fate)
    factories.SiteFactory.create(network=network, name="Les Lilas")
    text = words(client.get(PAGE, SUMMER))
    assert "7 demandes 1 retirée 5 avec une proposition 4 séances confirmées 2 aides reçues 28 % des demandes" in text
    assert "12 jours de la demande à la séance" in text
    assert "1 h 30 données en 2 séances tenues par 2 tuteurs" in text
    assert "1 absence sur 3 présences réglées, dont 0 décidée par la coordination" in text
    assert "Non précisé 7 5 4 2 1 28 % 12 jours 1 h 30 1 0" in text
    assert "Lieux sans aucune demande Les Lilas" in text
    assert "voisins" not in text


def test_the_picture_says_in_words_what_it_draws(client: Client, network: Network) -> None:
    make_help(network, "held")
    make_help(network, "withdrawn")
    page = client.get(PAGE, SUMMER).content.decode()
    assert 'aria-label="Non précisé, aide reçue\u00a0: 1 ; retirée\u00a0: 1"' in page


def test_the_period_is_in_the_address(client: Client, network: Network) -> None:
    make_help(network, "held")
    assert "0 demande 0 retirée" in words(client.get(PAGE, {"du": "2026-10-01", "au": "2026-12-31"}))
    for silly in ({"du": "hier"}, {"du": "2026-09-30", "au": "2026-07-01"}, {"par": "couleur"}, {}):
        assert "1 demande 0 retirée" in words(client.get(PAGE, silly))


def test_each_table_is_one_link_away_and_keeps_the_period(client: Client, network: Network) -> None:
    make_help(network, "held")
    response = client.get(PAGE, SUMMER)
    tables = [link for link in links(response) if "par=" in link]
    assert len(tables) == 7
    assert all("du=2026-07-01" in link for link in tables)
    assert {client.get(link).status_code for link in links(response)} == {200}


def test_several_networks_one_by_one_or_together(client: Client, network: Network) -> None:
    make_help(network, "asked")
    other = make_network("autre")
    make_help(other, "asked")
    membership = factories.MembershipFactory.create(network=other, person=Person.objects.get(last_name="Coordin"))
    membership.roles.create(role=Role.COORDINATOR)
    assert "CPTS autre, du" in words(client.get(PAGE))
    assert "2 demandes" in words(client.get(PAGE, {"reseau": "tous"}))
    assert "1 demande" in words(client.get(PAGE, {"reseau": "ici"}))
    assert client.get(PAGE, {"reseau": "ailleurs"}).status_code == 404


def test_the_csv_holds_every_table(client: Client, network: Network) -> None:
    make_help(network, "held", profession=factories.ProfessionFactory.create(label="=Infirmière"))
    head, whole, *rows = rows_of(client.get(f"{PAGE}bilan.csv", SUMMER))
    assert head[:6] == ["Tableau", "Ligne", "Demandes", "Avec une proposition", "Séance confirmée", "Aide reçue"]
    assert whole == ["Ensemble", "Ensemble", "1", "1", "1", "1", "0", "100", "12", "0,75", "0", "0"]
    assert ["Profession", "'=Infirmière"] in [row[:2] for row in rows]
    assert {row[0] for row in rows} >= {"Profession", "Sujet", "Domaine", "Territoire", "Lieu"}


def test_the_workbook_and_the_printed_page_open(client: Client, network: Network) -> None:
    make_help(network, "held")
    workbook = load_workbook(io.BytesIO(client.get(f"{PAGE}bilan.xlsx", SUMMER).content))
    assert workbook.sheetnames[:2] == ["Ensemble", "Par profession"]
    assert dict(list(workbook["Ensemble"].values)[1:])["Heures données"] == 0.75
    printed = client.get(f"{PAGE}bilan.pdf", SUMMER)
    assert printed.content.startswith(b"%PDF-")
    assert printed["Content-Disposition"] == 'attachment; filename="bilan-2026-07-01-2026-09-30.pdf"'
    assert client.get(f"{PAGE}bilan.exe", SUMMER).status_code == 404


def test_the_forecast_names_nobody(client: Client, network: Network) -> None:
    request = make_help(network, "confirmed")
    starts_at = LATER + dt.timedelta(days=2)
    Session.objects.filter(network=network).update(starts_at=starts_at, ends_at=starts_at + dt.timedelta(minutes=45))
    session = Session.objects.get(network=network)
    text = words(client.get(FORECAST))
    assert "CPTS ici : 1 séance, 45 min" in text
    assert "samedi 5 décembre, 10 h 00 – 10 h 45" in text
    [line] = rows_of(client.get("/bilans/previsions.csv"))[1:]
    expected = ["05/12/2026 10:00", "05/12/2026 10:45", request.notion.title, "à distance", "", "1", "confirmée"]
    assert line == expected
    for page in (text, str(line)):
        assert request.person.last_name not in page
        assert session.tutor.last_name not in page
    for form, start in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
        assert client.get(f"/bilans/previsions.{form}").content.startswith(start)


def test_no_session_to_come_says_what_to_do(client: Client, network: Network) -> None:
    response = client.get(FORECAST)
    assert "Aucune séance à venir." in words(response)
    assert "/campagnes/" in links(response)


def test_a_list_with_names_leaves_with_its_purpose_noted(client: Client, network: Network) -> None:
    request = make_help(network, "held")
    response = client.post(LISTS, SHEET)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    [line] = rows_of(response)[1:]
    assert line[5:] == [request.person.name, "", "tenue", "présence confirmée"]
    assert "Voisin" not in response.content.decode()
    text = words(client.get(LISTS))
    assert f"{PURPOSE} Feuille de présence, du 1er juillet 2026 au 30 septembre 2026" in text
    assert "jeudi 3 décembre, 10 h 00" in text


@pytest.mark.parametrize("form", ["pdf", "xlsx"])
def test_each_format_leaves_a_trace(client: Client, network: Network, form: str) -> None:
    make_help(network, "held")
    response = client.post(LISTS, {**SHEET, "form": form})
    assert response.content.startswith({"pdf": b"%PDF-", "xlsx": b"PK"}[form])
    assert NamedListExport.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"purpose": ""}, "Dites à quoi servira cette liste."),
        ({"purpose": "Pour 2 55 08 14 168 025 38"}, "numéro de sécurité sociale"),
        ({"last": "2026-06-30"}, "Le dernier jour vient après le premier."),
        ({"first": "hier"}, "Écrivez un jour"),
        ({"form": "exe"}, "Format"),
    ],
)
def test_what_is_wrong_is_told_and_no_name_leaves(
    client: Client, network: Network, change: dict[str, str], told: str
) -> None:
    response = client.post(LISTS, SHEET | change)
    assert response.status_code == 422
    assert told in words(response)
    assert not NamedListExport.objects.exists()


def test_a_neighbour_s_list_is_not_found(client: Client, network: Network) -> None:
    assert client.post(f"{LISTS}?reseau=ailleurs", SHEET).status_code == 404
    assert not NamedListExport.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_the_same_for_three_rows_as_for_one(
    client: Client, network: Network, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    starts_at = LATER + dt.timedelta(days=2)
    for _ in range(rows):
        make_help(network, "held")
        make_help(network, "confirmed", asked_at=starts_at)
        factories.NamedListExportFactory.create(network=network)
    for address, queries in ((PAGE, 10), (FORECAST, 7), (LISTS, 7)):
        with django_assert_num_queries(queries):
            client.get(address)
