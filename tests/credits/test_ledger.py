"""The ledger only grows, and a changed byte shows."""

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import Error, connection, transaction
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.common.clock import told_at
from backend.common.errors import ConflictError, DomainError
from backend.credits.domain.ledger import (
    Expected,
    NewEntry,
    account_of,
    balance_of,
    reverse_entry,
    verify_chain,
    verify_sources,
    write_entries,
)
from backend.credits.enums import EntryKind
from backend.credits.models import Account, Entry, LedgerHead
from backend.networks.models import Network
from backend.referentials.enums import Area
from tests.support.factories import NetworkFactory, PersonFactory
from tests.support.tampering import execute_without_triggers

pytestmark = pytest.mark.django_db

THEN = dt.datetime(2026, 12, 3, 12, tzinfo=dt.UTC)


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def person() -> Person:
    found: Person = PersonFactory.create()
    return found


def new_entry(person: Person, rank: int, points: str = "7.50", minutes: int = 45) -> NewEntry:
    return NewEntry(
        account=account_of(person),
        kind=EntryKind.TUTORING,
        area=Area.DATA,
        points=Decimal(points),
        minutes=minutes,
        source=f"session:{rank}",
    )


def write(network: Network, person: Person, *ranks: int) -> list[Entry]:
    with told_at(THEN):
        return write_entries(network=network, entries=[new_entry(person, rank) for rank in ranks])


def expected_of(*entries: Entry) -> list[Expected]:
    return [(entry.source, EntryKind(entry.kind), entry.account_id, entry.minutes) for entry in entries]


def fault_of(network: Network) -> str:
    return verify_chain(network).fault


# Writing


def test_entries_follow_each_other(network: Network, person: Person) -> None:
    first, second = write(network, person, 1, 2)
    (third,) = write(network, person, 3)
    assert [entry.sequence for entry in (first, second, third)] == [1, 2, 3]
    assert [entry.previous_hash for entry in (first, second, third)] == ["", first.hash, second.hash]
    assert len({entry.hash for entry in (first, second, third)}) == 3
    verdict = verify_chain(network)
    assert (verdict.network, verdict.entries, verdict.points, verdict.minutes, verdict.head, verdict.fault) == (
        network.slug,
        3,
        Decimal("22.50"),
        135,
        third.hash,
        "",
    )


def test_each_network_has_its_own_chain(network: Network, person: Person) -> None:
    other: Network = NetworkFactory.create()
    write(network, person, 1)
    write(other, person, 2)
    write(network, person, 3)
    assert [verify_chain(each).entries for each in (network, other)] == [2, 1]
    assert [fault_of(each) for each in (network, other)] == ["", ""]
    assert [balance_of(person=person, network=each) for each in (network, other)] == [Decimal(15), Decimal("7.50")]


def test_an_empty_ledger_is_right(network: Network, person: Person) -> None:
    assert fault_of(network) == verify_sources(network=network, expected=[]) == ""
    assert balance_of(person=person, network=network) == Decimal(0)


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_entry_as_for_three(
    count: int, network: Network, person: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    write(network, person, 100)
    entries = [new_entry(person, rank) for rank in range(count)]
    with django_assert_num_queries(4 + 2):  # and the savepoint
        write_entries(network=network, entries=entries)


def test_a_source_pays_an_account_once(network: Network, person: Person) -> None:
    write(network, person, 1)
    with pytest.raises(Error), transaction.atomic():
        write(network, person, 2, 1)
    assert [entry.source for entry in Entry.objects.all()] == ["session:1"]
    assert fault_of(network) == ""


# Corrections


def test_a_correction_undoes_and_stays_beside(network: Network, person: Person) -> None:
    author = PersonFactory.create()
    first, second = write(network, person, 1, 2)
    opposite = reverse_entry(entry=first, reason="Saisie deux fois", author=author)
    assert (opposite.points, opposite.minutes, opposite.kind, opposite.source) == (
        Decimal("-7.50"),
        -45,
        EntryKind.CORRECTION,
        f"correction:{first.pk}",
    )
    assert (opposite.author, opposite.reason) == (account_of(author), "Saisie deux fois")
    assert balance_of(person=person, network=network) == second.points
    assert fault_of(network) == verify_sources(network=network, expected=expected_of(first, second)) == ""


def test_an_entry_is_corrected_once(network: Network, person: Person) -> None:
    (entry,) = write(network, person, 1)
    opposite = reverse_entry(entry=entry, reason="Erreur", author=person)
    with pytest.raises(ConflictError) as refused:
        reverse_entry(entry=entry, reason="Erreur", author=person)
    assert refused.value.code == "already_reversed"
    assert Entry.objects.count() == 2
    # A correction made by mistake is corrected in turn.
    reverse_entry(entry=opposite, reason="Ce n’était pas une erreur", author=person)
    assert balance_of(person=person, network=network) == entry.points
    assert fault_of(network) == verify_sources(network=network, expected=expected_of(entry)) == ""


def test_the_reason_of_a_correction_holds_no_patient(network: Network, person: Person) -> None:
    (entry,) = write(network, person, 1)
    with pytest.raises(DomainError) as refused:
        reverse_entry(entry=entry, reason="Patient 1 85 05 75 999 084 64", author=person)
    assert refused.value.code == "patient_number"
    assert Entry.objects.count() == 1


# Refusals of the database itself


def columns() -> str:
    return ", ".join(str(field.column) for field in Entry._meta.concrete_fields)


STATEMENTS: dict[str, Callable[[], str]] = {
    "update": lambda: "UPDATE credits_entry SET points = 1000",
    "update of nothing new": lambda: "UPDATE credits_entry SET points = points",
    "delete": lambda: "DELETE FROM credits_entry",
}
if connection.vendor == "postgresql":
    STATEMENTS |= {
        "truncate": lambda: "TRUNCATE credits_entry CASCADE",
        "upsert": lambda: (
            f"INSERT INTO credits_entry ({columns()}) SELECT {columns()} FROM credits_entry "  # noqa: S608
            "ON CONFLICT (id) DO UPDATE SET points = 1000"
        ),
    }
else:
    STATEMENTS |= {
        "replace": lambda: f"REPLACE INTO credits_entry ({columns()}) SELECT {columns()} FROM credits_entry",  # noqa: S608
        "replace of a number": lambda: (
            f"INSERT OR REPLACE INTO credits_entry ({columns()}) "  # noqa: S608
            f"SELECT {columns().replace('id,', 'id + 1000,', 1)} FROM credits_entry"
        ),
        "update or replace": lambda: "UPDATE OR REPLACE credits_entry SET points = 1000",
        "upsert": lambda: (
            f"INSERT INTO credits_entry ({columns()}) SELECT {columns()} FROM credits_entry WHERE true "  # noqa: S608
            "ON CONFLICT (id) DO UPDATE SET points = 1000"
        ),
    }


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_the_database_refuses_any_change(statement: Callable[[], str], network: Network, person: Person) -> None:
    write(network, person, 1)
    connection.check_constraints()
    before = list(Entry.objects.values())
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement())
    assert list(Entry.objects.values()) == before


# Proof


CHANGES: dict[str, str | int | Decimal | dt.datetime] = {
    "sequence": 20,
    "kind": "learning",
    "area": "tools",
    "points": Decimal("7.51"),
    "minutes": 46,
    "source": "session:9",
    "reason": "x",
    "author_id": True,
    "account_id": True,
    "network_id": True,
    "created_at": THEN + dt.timedelta(microseconds=1),
    "previous_hash": "0" * 64,
    "hash": "0" * 64,
}


def test_every_column_is_proven() -> None:
    assert {*CHANGES, "id"} == {field.column for field in Entry._meta.concrete_fields}


@pytest.mark.parametrize("rank", [0, 1, 2])
@pytest.mark.parametrize("column", CHANGES)
def test_one_changed_value_shows(column: str, rank: int, network: Network, person: Person) -> None:
    entries = write(network, person, 1, 2, 3)
    others = {
        "author_id": account_of(PersonFactory.create()).pk,
        "account_id": account_of(PersonFactory.create()).pk,
        "network_id": NetworkFactory.create().pk,
    }
    value = others.get(column, CHANGES[column])
    execute_without_triggers(f"UPDATE credits_entry SET {column} = %s WHERE id = %s", [value, entries[rank].pk])  # noqa: S608
    assert fault_of(network).startswith(("entry ", "the chain ends"))


def test_the_first_bad_entry_is_named(network: Network, person: Person) -> None:
    entries = write(network, person, 1, 2, 3, 4)
    for entry in entries[1:3]:
        execute_without_triggers("UPDATE credits_entry SET points = 100 WHERE id = %s", [entry.pk])
    assert fault_of(network) == "entry 2: its content does not match its hash"


@pytest.mark.parametrize(
    ("gone", "fault"),
    [
        ([0], "entry 2: entry 1 is missing"),
        ([1], "entry 3: entry 2 is missing"),
        ([2], "the chain ends at entry 2, its head says 3"),
        ([0, 1, 2], "the chain ends at entry 0, its head says 3"),
    ],
)
def test_what_is_missing_shows(gone: list[int], fault: str, network: Network, person: Person) -> None:
    entries = write(network, person, 1, 2, 3)
    for rank in gone:
        execute_without_triggers("DELETE FROM credits_entry WHERE id = %s", [entries[rank].pk])
    assert fault_of(network) == fault


def test_a_missing_tail_shows_even_with_its_head_cut(network: Network, person: Person) -> None:
    entries = write(network, person, 1, 2, 3)
    execute_without_triggers("DELETE FROM credits_entry WHERE id = %s", [entries[2].pk])
    LedgerHead.objects.update(sequence=2, hash=entries[1].hash)
    assert fault_of(network) == ""
    assert verify_sources(network=network, expected=expected_of(*entries)) == (
        f"session:3 has no entry for account {entries[2].account_id}"
    )


def test_a_lost_head_shows(network: Network, person: Person) -> None:
    write(network, person, 1)
    LedgerHead.objects.all().delete()
    assert fault_of(network) == "the chain ends at entry 1, its head says 0"


def test_an_entry_without_source_shows(network: Network, person: Person) -> None:
    real, invented = write(network, person, 1, 2)
    assert fault_of(network) == ""
    assert verify_sources(network=network, expected=expected_of(real)) == (
        "entry 2: no held session is its source (session:2)"
    )
    assert verify_sources(network=network, expected=expected_of(real, invented)) == ""
    longer = [(source, kind, account, minutes + 15) for source, kind, account, minutes in expected_of(real, invented)]
    assert verify_sources(network=network, expected=longer) == "entry 1: no held session is its source (session:1)"


@pytest.mark.parametrize("wrong", ["source", "points", "account"])
def test_a_correction_without_its_entry_shows(wrong: str, network: Network, person: Person) -> None:
    (entry,) = write(network, person, 1)
    other = account_of(PersonFactory.create())
    forged = NewEntry(
        account=other if wrong == "account" else entry.account,
        kind=EntryKind.CORRECTION,
        area=entry.area,
        points=Decimal(1000) if wrong == "points" else -entry.points,
        minutes=-entry.minutes,
        source=f"correction:{entry.pk + 1000 * (wrong == 'source')}",
    )
    write_entries(network=network, entries=[forged])
    assert fault_of(network) == ""
    assert verify_sources(network=network, expected=expected_of(entry)) == (
        f"entry 2: it corrects no entry ({forged.source})"
    )


def test_an_erased_person_leaves_the_ledger_whole(network: Network, person: Person) -> None:
    other = PersonFactory.create()
    mine, theirs = *write(network, person, 1), *write(network, other, 1)
    Account.objects.filter(person=person).update(person=None)
    erased: Expected = ("session:1", EntryKind.TUTORING, None, 45)
    assert fault_of(network) == ""
    assert verify_sources(network=network, expected=[erased, *expected_of(theirs)]) == ""
    assert verify_sources(network=network, expected=[erased, erased, *expected_of(theirs)]) == (
        "session:1 has no entry for somebody without account"
    )
    assert verify_sources(network=network, expected=expected_of(theirs)) == (
        f"entry {mine.sequence}: no held session is its source (session:1)"
    )


# Sums


def test_balances_are_the_sums_after_a_thousand_operations() -> None:
    draw = random.Random(4)
    networks: list[Network] = NetworkFactory.create_batch(2)
    people: list[Person] = PersonFactory.create_batch(5)
    sums = {(network.pk, person.pk): Decimal(0) for network in networks for person in people}
    open_entries: list[tuple[Person, Entry]] = []
    for rank in range(1000):
        if open_entries and draw.random() < 0.3:
            person, entry = open_entries.pop(draw.randrange(len(open_entries)))
            reverse_entry(entry=entry, reason="Au hasard", author=draw.choice(people))
            sums[entry.network_id, person.pk] -= entry.points
        else:
            network, person = draw.choice(networks), draw.choice(people)
            wanted = new_entry(person, rank, f"{draw.randrange(5000)}.{draw.randrange(100):02d}", draw.choice((30, 45)))
            open_entries += [(person, row) for row in write_entries(network=network, entries=[wanted])]
            sums[network.pk, person.pk] += wanted.points
    found = {(n.pk, p.pk): balance_of(person=p, network=n) for n in networks for p in people}
    assert found == sums
    assert [fault_of(network) for network in networks] == ["", ""]
    verdicts = [verify_chain(network) for network in networks]
    assert sum(verdict.entries for verdict in verdicts) == 1000
    assert sum(verdict.points for verdict in verdicts) == sum(sums.values())
