"""« Points du réseau » through its pages: month, rule, corrections, lists, attestations in bulk; « Mon parcours »."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.credits.domain.crediting import Held, credit_session
from backend.credits.domain.ledger import account_of
from backend.credits.models import CertificateBatch, Entry, Scale
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.referentials.enums import Area
from backend.reports.models import NamedListExport
from tests.support import factories
from tests.web.reading import words

TODAY = dt.datetime(2026, 6, 17, 10, tzinfo=dt.UTC)
LISTS = {"what": "attendance", "kind": "xlsx", "first": "2026-05-01", "last": "2026-05-31", "purpose": "Pour l’ARS"}
RULE = {
    "valid_from": "2026-07-01",
    "points_per_hour": "7,5",
    "points_per_extra_learner": "0",
    "cap_per_month": "",
    "rounding": "hundredth",
}


@pytest.fixture(autouse=True)
def _summer(db: None) -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def network() -> Network:
    found: Network = factories.NetworkFactory.create(slug="ici", name="CPTS d’ici")
    return found


@pytest.fixture
def coordinator(client: Client, network: Network) -> Person:
    person = factories.make_member(network, Role.COORDINATOR)
    client.force_login(person)
    return person


@pytest.fixture
def stranger() -> Client:
    client = Client()
    elsewhere = factories.NetworkFactory.create(slug="ailleurs")
    client.force_login(factories.make_member(elsewhere, Role.COORDINATOR))
    return client


@pytest.fixture
def tutor(network: Network) -> Person:
    """Gave one hour in May."""
    person = factories.make_member(network, Role.TUTOR, first_name="Élise", last_name="Martin")
    hold(network, person, 1)
    return person


def hold(network: Network, tutor: Person, rank: int) -> None:
    learner = factories.PersonFactory.create()
    credit_session(Held(network, tutor, [learner], 60, Area.DATA, dt.date(2026, 5, 4), f"session:{10**8 + rank}"))


def statement(person: Person) -> str:
    return f"/points/membres/{Membership.objects.get(person=person).pk}/"


@pytest.mark.usefixtures("coordinator")
def test_the_month_adds_up(client: Client, tutor: Person) -> None:
    text = words(client.get("/points/?mois=2026-05"))
    assert "10 points CPTS inscrits 1 h données 1 h d’accompagnement reçu" in text
    assert tutor.name in text
    assert "Rien n’est inscrit ce mois-là." in words(client.get("/points/?mois=demain"))


def test_another_network_s_pages_are_not_found(stranger: Client, tutor: Person) -> None:
    pages = ("/points/", "/points/regle/", "/points/attestations/", "/points/listes/")
    assert [stranger.get(f"{page}?reseau=ici").status_code for page in pages] == [404] * 4
    assert stranger.get(statement(tutor)).status_code == 404
    entry = Entry.objects.get(account__person=tutor)
    assert stranger.post(statement(tutor), {"action": "correct", "entry": entry.pk, "reason": "X"}).status_code == 404
    assert stranger.post("/points/listes/?reseau=ici", LISTS).status_code == 404
    assert not NamedListExport.objects.exists()


@pytest.mark.usefixtures("coordinator", "tutor")
@pytest.mark.parametrize("rows", [1, 3])
def test_the_month_asks_as_much_for_three_as_for_one(
    client: Client, network: Network, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for rank in range(1, rows):
        hold(network, factories.make_member(network, Role.TUTOR), rank + 1)
    with django_assert_num_queries(8):
        client.get("/points/?mois=2026-05")


@pytest.mark.usefixtures("coordinator", "tutor")
def test_a_rule_shows_its_effect_before_it_is_saved(client: Client) -> None:
    shown = words(client.post("/points/regle/", {**RULE, "action": "preview"}))
    assert "Élise Martin 10 7,5" in shown
    assert not Scale.objects.exists()
    assert client.post("/points/regle/", {**RULE, "action": "save"}).status_code == 302
    assert Scale.objects.get().points_per_hour == Decimal("7.5")
    assert Entry.objects.get(role="tutor").points == 10


@pytest.mark.usefixtures("coordinator")
@pytest.mark.parametrize("wrong", [{"valid_from": "2026-06-16"}, {"points_per_hour": "-1"}, {"rounding": "au pif"}])
def test_a_rule_that_makes_no_sense_is_not_saved(client: Client, wrong: dict[str, str]) -> None:
    assert client.post("/points/regle/", {**RULE, **wrong, "action": "save"}).status_code == 422
    assert not Scale.objects.exists()


@pytest.mark.usefixtures("coordinator")
def test_an_entry_is_corrected_once_and_with_a_reason(client: Client, tutor: Person) -> None:
    sent = {"action": "correct", "entry": Entry.objects.get(account__person=tutor).pk, "reason": "Séance en double"}
    assert client.post(statement(tutor), {**sent, "reason": " "}).status_code == 422
    assert client.post(statement(tutor), {**sent, "entry": Entry.objects.get(role="learner").pk}).status_code == 404
    assert client.post(statement(tutor), sent).status_code == 302
    assert client.post(statement(tutor), sent).status_code == 409
    assert sum(entry.points for entry in Entry.objects.filter(account__person=tutor)) == 0
    assert "Séance en double" in words(client.get(statement(tutor)))


@pytest.mark.usefixtures("coordinator")
def test_five_thousand_entries_come_in_pages(
    client: Client, network: Network, tutor: Person, django_assert_max_num_queries: Any
) -> None:
    account = account_of(tutor)
    rows = factories.EntryFactory.build_batch(5000, network=network, account=account)
    for sequence, row in enumerate(rows, start=10):
        row.sequence = sequence
    Entry.objects.bulk_create(rows)
    own = Client()
    own.force_login(tutor)
    for reader, address in ((client, statement(tutor)), (own, "/mes-points/")):
        reader.get(address)
        with django_assert_max_num_queries(11):
            answer = reader.get(address)
        assert "Page 1 sur 251" in words(answer)


@pytest.mark.usefixtures("coordinator")
def test_a_list_leaves_with_a_purpose_and_runs_nothing(client: Client, network: Network) -> None:
    tutor = factories.make_member(network, Role.TUTOR, first_name="=1+1", last_name="Fictif")
    start = dt.datetime(2026, 5, 4, 8, tzinfo=dt.UTC)
    factories.SessionFactory.create(network=network, tutor=tutor, state="held", starts_at=start)
    assert client.post("/points/listes/", {**LISTS, "purpose": ""}).status_code == 422
    assert client.post("/points/listes/", {**LISTS, "last": "2026-04-01"}).status_code == 422
    assert not NamedListExport.objects.exists()
    sheet = load_workbook(io.BytesIO(client.post("/points/listes/", LISTS).content)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "'=1+1 Fictif" in [cell.value for cell in cells]
    assert "f" not in {cell.data_type for cell in cells}
    assert NamedListExport.objects.get().purpose == "Pour l’ARS"
    assert "Pour l’ARS" in words(client.get("/points/listes/"))


@pytest.mark.usefixtures("coordinator", "tutor")
def test_attestations_of_everybody_are_ordered_once(client: Client) -> None:
    order = {"action": "order", "role": "tutor", "first": "2026-01-01", "last": "2026-06-17"}
    assert client.post("/points/attestations/", {**order, "first": "2026-07-01"}).status_code == 422
    assert client.post("/points/attestations/", {**order, "last": "2026-01-31"}).status_code == 422
    assert [client.post("/points/attestations/", order).status_code for _ in range(2)] == [302, 302]
    assert CertificateBatch.objects.get().total == 1
    assert "0 sur 1" in words(client.get("/points/attestations/"))


def test_one_s_journey_leaves_as_pdf_and_json(tutor: Person) -> None:
    client = Client()
    client.force_login(tutor)
    told = client.get("/mon-parcours/mon-parcours.json").json()
    assert told["person"]["name"] == tutor.name
    assert told["hours"] == [{"domain": Area.DATA, "given": 60, "received": 0}]
    assert client.get("/mon-parcours/mon-parcours.pdf").content.startswith(b"%PDF-1.7")
    assert client.get("/mon-parcours/mon-parcours.exe").status_code == 404
