"""Random operations on the ledger: whatever happens, and in whatever order, it adds up, chains, and proves itself."""

import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import Error, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from backend.accounts.models import Person
from backend.common.clock import told_at
from backend.common.errors import ConflictError
from backend.credits.domain.certificates import cut_account
from backend.credits.domain.crediting import Held, credit_session, month_of
from backend.credits.domain.ledger import balance_of, reverse_entry
from backend.credits.domain.proof import Expected, verify_chain, verify_sources
from backend.credits.domain.scales import Rule, cap_points, points_for, save_scale, scale_on
from backend.credits.enums import EntryKind, Rounding
from backend.credits.models import Account, Entry
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.enums import Area
from tests.support.factories import NetworkFactory, PersonFactory, make_member
from tests.support.tampering import execute_without_triggers

BEGINNING = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
PEOPLE = 5
# What happens in one run, and how many runs: ten thousand operations in all.
STEPS, RUNS = 50, 200
STEPS_SHORT, RUNS_SHORT = 30, 8

pytestmark = pytest.mark.django_db


class LedgerMachine(RuleBasedStateMachine):
    """A model of the ledger in plain numbers, beside the real one."""

    def __init__(self) -> None:
        super().__init__()
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.network: Network = NetworkFactory.create()
        self.coordinator = make_member(self.network, Role.COORDINATOR)
        self.people: list[Person] = PersonFactory.create_batch(PEOPLE)
        self.numbers = itertools.count(1)
        self.day = 0
        self.expected: list[Expected] = []
        self.balances: dict[int, Decimal] = {person.pk: Decimal(0) for person in self.people}
        self.held: list[Held] = []
        self.erased: set[int] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scope.__exit__(None, None, None)

    @property
    def now(self) -> dt.datetime:
        return BEGINNING + dt.timedelta(days=self.day)

    def account(self, person: Person) -> Account | None:
        return Account.objects.filter(person=person).first()

    @rule(tutor=st.integers(0, PEOPLE - 1), group=st.integers(1, 3), quarters=st.integers(1, 6), wait=st.integers(0, 9))
    def confirm(self, tutor: int, group: int, quarters: int, wait: int) -> None:
        self.day += wait
        people = [self.people[(tutor + rank) % PEOPLE] for rank in range(group + 1)]
        with told_at(self.now):
            day = self.now.date()
            held = Held(
                self.network, people[0], people[1:], quarters * 15, Area.TOOLS, day, f"session:{next(self.numbers)}"
            )
            scale = scale_on(self.network, day)
            first, last = month_of(day)
            earned = Entry.objects.filter(account__person=people[0], role="tutor", day__range=(first, last))
            before = earned.aggregate(total=Sum("points"))["total"] or Decimal(0)
            wanted = cap_points(scale, points_for(scale, minutes=held.minutes, present=group), earned=before)
            entries = credit_session(held)
        assert entries[0].points == wanted
        self.balances[people[0].pk] += wanted
        self.held.append(held)
        kinds = [EntryKind.TUTORING, *[EntryKind.LEARNING] * group]
        self.expected += [
            (held.source, kind, entry.account_id, held.minutes) for kind, entry in zip(kinds, entries, strict=True)
        ]

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def confirm_again(self, data: st.DataObject) -> None:
        """The same session never credits twice."""
        held = data.draw(st.sampled_from(self.held))
        if self.erased.intersection(person.pk for person in (held.tutor, *held.learners)):
            return
        with pytest.raises(Error), transaction.atomic(), told_at(self.now):
            credit_session(held)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def correct_or_reverse(self, data: st.DataObject) -> None:
        """An entry, or a correction of one; a second time is refused."""
        keys = list(Entry.objects.filter(network=self.network).order_by("sequence").values_list("pk", flat=True))
        entry = Entry.objects.select_related("account__person", "network").get(pk=data.draw(st.sampled_from(keys)))
        done = Entry.objects.filter(source=f"correction:{entry.pk}").exists()
        with told_at(self.now):
            if done:
                with pytest.raises(ConflictError):
                    reverse_entry(entry=entry, reason="Encore", author=self.coordinator)
                return
            reverse_entry(entry=entry, reason="Erreur de saisie", author=self.coordinator)
        if entry.account.person is not None:
            self.balances[entry.account.person.pk] -= entry.points

    @rule(
        per_hour=st.integers(0, 20),
        extra=st.integers(0, 5),
        cap=st.none() | st.integers(0, 40),
        rounding=st.sampled_from(Rounding),
    )
    def change_scale(self, per_hour: int, extra: int, cap: int | None, rounding: Rounding) -> None:
        before = list(Entry.objects.order_by("pk").values_list("pk", "hash"))
        self.day += 1
        rule = Rule(Decimal(per_hour), Decimal(extra), None if cap is None else Decimal(cap), rounding)
        with told_at(self.now):
            save_scale(network=self.network, author=self.coordinator, valid_from=self.now.date(), rule=rule)
        assert list(Entry.objects.order_by("pk").values_list("pk", "hash")) == before

    @rule(who=st.integers(0, PEOPLE - 1))
    def erase(self, who: int) -> None:
        """The link to a person is cut; the entries of their account stay, and somebody new takes the place."""
        person = self.people[who]
        account = self.account(person)
        cut_account(person=person)
        if account is not None:
            self.expected = [
                (source, kind, None if key == account.pk else key, minutes)
                for source, kind, key, minutes in self.expected
            ]
        self.erased.add(person.pk)
        del self.balances[person.pk]
        self.people[who] = PersonFactory.create()
        self.balances[self.people[who].pk] = Decimal(0)

    @invariant()
    def adds_up(self) -> None:
        for person in self.people:
            assert balance_of(person=person, network=self.network) == self.balances[person.pk]

    @invariant()
    def chains_and_proves_itself(self) -> None:
        assert verify_chain(self.network).fault == ""
        assert verify_sources(network=self.network, expected=self.expected) == ""

    @precondition(lambda self: self.held)
    @rule(statement=st.sampled_from(["UPDATE credits_entry SET points = 1", "DELETE FROM credits_entry"]))
    def change_what_is_written(self, statement: str) -> None:
        with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def run(steps: int, runs: int) -> None:
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            stateful_step_count=steps,
            max_examples=runs,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_happens_it_adds_up() -> None:
    run(STEPS_SHORT, RUNS_SHORT)


@pytest.mark.full
def test_ten_thousand_operations_add_up() -> None:
    run(STEPS, RUNS)


@pytest.fixture
def one_entry() -> Iterator[Entry]:
    network: Network = NetworkFactory.create()
    people = PersonFactory.create_batch(2)
    with told_at(BEGINNING):
        held = Held(network, people[0], people[1:], 45, Area.TOOLS, BEGINNING.date(), "session:1")
        yield credit_session(held)[0]


def test_every_single_changed_byte_of_a_text_is_found(one_entry: Entry) -> None:
    """Each byte of the source and of both hashes, one at a time."""
    assert verify_chain(one_entry.network).fault == ""
    for column in ("source", "hash"):
        text = str(getattr(one_entry, column))
        for place in range(len(text)):
            sign = "0" if text[place] != "0" else "1"
            changed = text[:place] + sign + text[place + 1 :]
            statement = f"UPDATE credits_entry SET {column} = %s WHERE id = %s"  # noqa: S608 (our own names)
            execute_without_triggers(statement, [changed, one_entry.pk])
            assert verify_chain(one_entry.network).fault.startswith("entry 1:")
            execute_without_triggers(statement, [text, one_entry.pk])
    assert verify_chain(one_entry.network).fault == ""
