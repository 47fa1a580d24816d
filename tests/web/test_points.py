"""« Mes points », and the public check of a certificate."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.common.clock import now
from backend.credits.domain.ledger import NewEntry, account_of, reverse_entry, write_entries
from backend.credits.enums import CertificateRole, CertificateState, EntryKind
from backend.credits.models import Entry
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.enums import Area
from tests.support import factories
from tests.support.cast import Cast, Neighbourhood
from tests.web.reading import links, words


def write(network: Network, person: Person, kind: EntryKind, minutes: int, area: str = Area.DATA) -> Entry:
    """An entry as the ledger writes them."""
    source = f"test:{Entry.objects.count()}"
    points = Decimal(minutes) / 6 if kind == EntryKind.TUTORING else Decimal(0)
    entry = NewEntry(account_of(person), kind, area, points, minutes, source)
    return write_entries(network=network, entries=[entry])[0]


@pytest.fixture
def tutor(client: Client, cast: Cast) -> Neighbourhood:
    """The neighbourhood, its tutor signed in, its ledger begun by the ledger itself."""
    factories.EntryFactory.create(account=cast.elsewhere.entry.account, network=cast.elsewhere.network, points=99)
    client.force_login(cast.here.tutor)
    return cast.here


@pytest.mark.usefixtures("tutor")
def test_the_balance_is_the_sum_of_the_entries(client: Client) -> None:
    text = words(client.get("/mes-points/"))
    assert "7,5 points CPTS CPTS ici 45 min données" in text
    assert set(re.findall(r"[\d,]+(?= points? CPTS)", text)) == {"7,5"}


def test_what_was_corrected_counts_no_more(client: Client, cast: Cast) -> None:
    """A correction, and the correction of a correction, follow what they reverse."""
    network = factories.NetworkFactory.create(name="CPTS corrigée")
    person = factories.make_member(network, Role.TUTOR)
    author = cast.here.coordinator
    write(network, person, EntryKind.TUTORING, 60)
    given = write(network, person, EntryKind.TUTORING, 30)
    received = write(network, person, EntryKind.LEARNING, 45)
    kept = write(network, person, EntryKind.LEARNING, 30, area=Area.TELEHEALTH)
    for entry in (given, received):
        reverse_entry(entry=entry, reason="Doublon", author=author)
    undone = reverse_entry(entry=kept, reason="Erreur", author=author)
    reverse_entry(entry=undone, reason="Finalement juste", author=author)
    client.force_login(person)
    text = words(client.get("/mes-points/"))
    assert "10 points CPTS CPTS corrigée 1 h données" in text
    assert "30 min d’accompagnement reçu" in text
    assert "Domaine Heures Télésanté 30 min" in text
    assert "Données de santé 0" not in text
    assert "Doublon" in text


def test_an_entry_leads_to_its_session(client: Client, cast: Cast) -> None:
    factories.EntryFactory.create(
        network=cast.here.network,
        account=factories.AccountFactory.create(person=cast.here.learner),
        kind=EntryKind.LEARNING,
        points=0,
        source=cast.here.session.source,
    )
    client.force_login(cast.here.learner)
    assert f"/seances/{cast.here.session.pk}/" in links(client.get("/mes-points/"))


def test_attestations_lead_to_their_public_check(client: Client, tutor: Neighbourhood) -> None:
    assert links(client.get("/mes-points/"))[-1] == f"/verifier/{tutor.certificate.number}/"


@pytest.mark.parametrize("entries", [1, 3])
def test_the_page_asks_as_much_for_three_entries_as_for_one(
    client: Client, tutor: Neighbourhood, entries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(entries - 1):
        session = factories.SessionFactory.create(network=tutor.network, tutor=tutor.tutor)
        factories.EntryFactory.create(network=tutor.network, account=tutor.entry.account, source=session.source)
    with django_assert_num_queries(12):
        client.get("/mes-points/")


def test_entries_come_in_pages(client: Client, tutor: Neighbourhood) -> None:
    factories.EntryFactory.create_batch(20, network=tutor.network, account=tutor.entry.account)
    assert "Page 2 sur 2" in words(client.get("/mes-points/?page=2"))


def test_nothing_yet_says_what_to_do(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.learner)
    response = client.get("/mes-points/")
    assert "Rien n’est encore inscrit." in words(response)
    assert links(response) == ["/seances/"]


# The public check


def test_anybody_may_check_a_number_and_reads_no_name(client: Client, cast: Cast) -> None:
    response = client.get(f"/verifier/{cast.here.certificate.number}/")
    text = words(response)
    assert text.startswith("Attestation authentique")
    for told in ("CPTS ici", "1er janvier 2026", "30 juin 2026", "45 min", "7,5 points CPTS"):
        assert told in text
    for name in (cast.here.tutor.first_name, cast.here.tutor.last_name, cast.here.tutor.email):
        assert name not in text.replace("CPTS ici", "")


@pytest.mark.parametrize("change", [str.lower, lambda n: n.replace("-", ""), lambda n: n.replace("-", " ")])
def test_a_number_may_be_typed_in_any_way(client: Client, cast: Cast, change: object) -> None:
    assert callable(change)
    typed = change(cast.here.certificate.number)
    assert client.get(f"/verifier/{typed}/").status_code == 200
    redirected = client.get("/verifier/", {"numero": f" {typed} "})
    assert redirected["Location"] == f"/verifier/{cast.here.certificate.number}/"


def test_zeros_and_ones_are_read_as_letters_too(client: Client, cast: Cast) -> None:
    certificate = factories.CertificateFactory.create(
        account=cast.here.entry.account, network=cast.here.network, number="0101-0101-0101-0101"
    )
    assert certificate.number in words(client.get("/verifier/OIOL-oiol-0101-0101/"))


def test_a_revoked_certificate_says_so(client: Client, cast: Cast) -> None:
    cast.here.certificate.state = CertificateState.REVOKED
    cast.here.certificate.save()
    text = words(client.get(f"/verifier/{cast.here.certificate.number}/"))
    assert text.startswith("Attestation révoquée")
    assert "authentique et valable" not in text


@pytest.mark.parametrize("number", ["0000-0000-0000-0000", "abc", "%20", "9" * 300])
def test_an_unknown_number_is_told_so(client: Client, cast: Cast, number: str) -> None:
    response = client.get(f"/verifier/{number}/")
    assert (response.status_code, words(response).startswith("Numéro inconnu")) == (404, True)


def test_a_number_with_something_after_it_is_not_the_number(client: Client, cast: Cast) -> None:
    assert client.get(f"/verifier/{cast.here.certificate.number}X/").status_code == 404


def test_a_half_number_is_asked_again(client: Client, db: None) -> None:
    response = client.get("/verifier/?numero=abc")
    assert "Ce numéro a 3 signes ; il en faut 16." in words(response)


def test_a_learner_earns_no_points_on_paper(client: Client, cast: Cast) -> None:
    certificate = factories.CertificateFactory.create(
        account=cast.here.entry.account, network=cast.here.network, role=CertificateRole.LEARNER, points=0
    )
    assert "points CPTS" not in words(client.get(f"/verifier/{certificate.number}/"))


def test_one_address_may_ask_much_but_not_without_end(client: Client, cast: Cast) -> None:
    address = f"/verifier/{cast.here.certificate.number}/"
    minute = now().replace(second=20, microsecond=0)
    with time_machine.travel(minute, tick=False):
        assert {client.get(address).status_code for _ in range(120)} == {200}
        refused = client.get(address)
        assert (refused.status_code, refused["Retry-After"]) == (429, "40")
        assert client.get(address, REMOTE_ADDR="192.0.2.7").status_code == 200
    with time_machine.travel(minute + dt.timedelta(minutes=1)):
        assert client.get(address).status_code == 200
