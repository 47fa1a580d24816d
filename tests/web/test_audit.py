"""What an auditor reads: closed quarters, fixed once, and nothing of today."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from backend.accounts.models import Person
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.reports.models import QuarterReport
from backend.reports.tasks import fix_quarters
from tests.support import factories
from tests.support.report_scene import LATER, make_help, make_network
from tests.web.reading import links, words

HOME, SUMMER = "/accueil/", "/audit/ici/2026-T3/"


@pytest.fixture(autouse=True)
def _later() -> Any:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def network(client: Client, db: None) -> Network:
    """Its auditor is signed in; last summer eight nurses, six pharmacists and two midwives were helped."""
    network = make_network("ici")
    sizes = {"Infirmière": 12, "Pharmacienne": 8, "Sage-femme": 2}
    for label, size in sizes.items():
        profession = factories.ProfessionFactory.create(label=label)
        for _ in range(size):
            make_help(network, "held", profession=profession)
    client.force_login(factories.make_member(network, Role.AUDITOR))
    return network


def test_the_home_tells_the_last_closed_quarter(client: Client, network: Network) -> None:
    response = client.get(HOME)
    text = words(response)
    assert "3e trimestre 2026 22 demandes 22 avec une proposition 22 aides reçues" in text
    assert "22 personnes aidées 22 tuteurs 22 séances tenues 16 h données, à l’heure près" in text
    assert [link for link in links(response) if "/audit/" in link] == [
        SUMMER,
        "/audit/ici/2026-T2/",
        "/audit/ici/2026-T1/",
    ]


def test_a_small_line_takes_another_into_the_others(client: Client, network: Network) -> None:
    text = words(client.get(SUMMER))
    table = "Par profession Profession Demandes Avec une proposition Aides reçues"
    assert f"{table} Infirmière 12 12 12 Toutes les autres lignes 10 10 10" in text
    for hidden in ("Sage-femme", "Pharmacienne", *Person.objects.values_list("last_name", flat=True)):
        assert hidden not in text


def test_a_quarter_told_once_never_changes(client: Client, network: Network) -> None:
    """Two readings that differ would tell what came between."""
    before = words(client.get(SUMMER))
    make_help(network, "held")
    assert words(client.get(SUMMER)) == before
    assert QuarterReport.objects.count() == 1


def test_only_closed_quarters_are_told(client: Client, network: Network) -> None:
    make_help(network, "held", asked_at=LATER - dt.timedelta(days=20))
    for address in ("2026-T4", "2027-T1", "2025-T4", "2026-T5", "2026-T0", "0-T1", "99999-T1"):
        assert client.get(f"/audit/ici/{address}/").status_code == 404, address
    assert words(client.get(f"{SUMMER}?du=2026-07-01&au=2026-07-15")) == words(client.get(SUMMER))


@pytest.mark.parametrize(("day", "answer"), [("2026-10-15", 404), ("2026-10-16", 200)])
def test_a_quarter_closes_two_weeks_after_its_end(client: Client, network: Network, day: str, answer: int) -> None:
    with time_machine.travel(f"{day}T10:00:00Z", tick=False):
        client.force_login(Person.objects.get(memberships__roles__role=Role.AUDITOR))
        assert client.get(SUMMER).status_code == answer


def test_another_network_s_quarters_are_not_found(client: Client, network: Network) -> None:
    make_network("ailleurs")
    assert client.get("/audit/ailleurs/2026-T3/").status_code == 404


def test_a_network_with_few_people_tells_nothing(client: Client, db: None) -> None:
    network = make_network("ici")
    for _ in range(4):
        make_help(network, "held")
    client.force_login(factories.make_member(network, Role.AUDITOR))
    text = words(client.get(SUMMER))
    assert "moins de 5 demandes moins de 5 avec une proposition moins de 5 aides reçues" in text
    assert "moins de 5 personnes aidées moins de 5 tuteurs non communiqué séances tenues" in text
    assert text.count("Trop peu de personnes pour que ces chiffres soient communiqués.") == 4


def test_the_scheduler_fixes_what_has_closed(network: Network) -> None:
    fix_quarters.call()
    fix_quarters.call()
    assert [row.first_day for row in QuarterReport.objects.all()] == [dt.date(2026, 7, 1)]
