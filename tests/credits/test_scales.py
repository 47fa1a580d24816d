"""Rules of points: dated, capped, rounded, shown before they are saved; what is written never changes."""

import datetime as dt
from decimal import Decimal

import pytest

from backend.accounts.models import Person
from backend.common.clock import told_at
from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError
from backend.credits.domain.crediting import Held, credit_session
from backend.credits.domain.ledger import reverse_entry
from backend.credits.domain.scales import Rule, points_for, save_scale, withdraw_scale
from backend.credits.domain.statements import preview_rule, totals_of
from backend.credits.enums import Rounding
from backend.credits.models import Entry, Scale
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.enums import Area
from tests.support.factories import NetworkFactory, PersonFactory, make_member

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 12, 3, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
RULE = Rule(Decimal(12), Decimal(3))


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def coordinator(network: Network) -> Person:
    return make_member(network, Role.COORDINATOR)


def hold(network: Network, tutor: Person, day: dt.date, rank: int, learners: int = 1) -> list[Entry]:
    people = PersonFactory.create_batch(learners)
    return credit_session(Held(network, tutor, people, 60, Area.DATA, day, f"session:{10**8 + rank}"))


@pytest.mark.parametrize(
    ("rounding", "points"), [(Rounding.HUNDREDTH, "8.33"), (Rounding.HALF, "8.50"), (Rounding.UNIT, "8.00")]
)
def test_points_are_rounded_as_the_rule_says(rounding: Rounding, points: str) -> None:
    scale = Scale(points_per_hour=Decimal("11.11"), points_per_extra_learner=Decimal(0), rounding=rounding)
    assert points_for(scale, minutes=45, present=1) == Decimal(points)


def test_a_cap_counts_the_month_of_the_session_and_of_one_network(network: Network) -> None:
    Scale.objects.create(network=network, valid_from=dt.date(2026, 1, 1), cap_per_month=15)
    other: Network = NetworkFactory.create()
    tutor: Person = PersonFactory.create()
    hold(other, tutor, dt.date(2026, 3, 1), 0)
    given = [hold(network, tutor, dt.date(2026, 3, day), day)[0] for day in (1, 15, 31)]
    april = hold(network, tutor, dt.date(2026, 4, 1), 40)[0]
    assert [entry.points for entry in given] == [10, 5, 0]
    assert april.points == 10
    assert sum(entry.minutes for entry in given) == 180
    # What was corrected away leaves room under the cap again.
    reverse_entry(entry=given[0], reason="Erreur", author=tutor)
    assert hold(network, tutor, dt.date(2026, 3, 20), 41)[0].points == 10


def test_a_rule_begins_today_or_later_and_the_past_stays(network: Network, coordinator: Person) -> None:
    tutor: Person = PersonFactory.create()
    before = hold(network, tutor, dt.date(2026, 12, 1), 1)[0]
    with told_at(NOW):
        with pytest.raises(DomainError) as refused:
            save_scale(network=network, author=coordinator, valid_from=TODAY - dt.timedelta(days=1), rule=RULE)
        assert refused.value.code == "past"
        scale = save_scale(network=network, author=coordinator, valid_from=TODAY, rule=RULE)
        with pytest.raises(ConflictError):
            save_scale(network=network, author=coordinator, valid_from=TODAY, rule=RULE)
        with pytest.raises(ConflictError):
            withdraw_scale(scale=scale, author=coordinator)
    late = hold(network, tutor, dt.date(2026, 12, 2), 2)[0]
    after = hold(network, tutor, dt.date(2026, 12, 3), 3)[0]
    before.refresh_from_db()
    assert [entry.points for entry in (before, late, after)] == [10, 10, 12]


def test_a_rule_to_come_may_be_written_again_or_given_up(network: Network, coordinator: Person) -> None:
    tomorrow = TODAY + dt.timedelta(days=1)
    with told_at(NOW):
        save_scale(network=network, author=coordinator, valid_from=tomorrow, rule=RULE)
        again = Rule(Decimal(7), Decimal(1), Decimal(20), Rounding.UNIT)
        scale = save_scale(network=network, author=coordinator, valid_from=tomorrow, rule=again)
        assert Scale.objects.count() == 1
        assert scale.points_per_hour == 7
        assert scale.cap_per_month == 20
        withdraw_scale(scale=scale, author=coordinator)
    assert not Scale.objects.exists()


def test_only_who_coordinates_the_network_changes_its_rule(network: Network) -> None:
    for author, refusal in (
        (make_member(network, Role.TUTOR), RoleRequiredError),
        (make_member(NetworkFactory.create(), Role.COORDINATOR), NotFoundError),
    ):
        with told_at(NOW), pytest.raises(refusal):
            save_scale(network=network, author=author, valid_from=TODAY, rule=RULE)


def test_a_preview_says_what_the_month_would_have_been_and_writes_nothing(
    network: Network, coordinator: Person
) -> None:
    ada, bob = (PersonFactory.create(first_name=name, last_name="Fictive") for name in ("Ada", "Bob"))
    hold(network, ada, dt.date(2026, 11, 1), 1, learners=3)
    undone = hold(network, ada, dt.date(2026, 11, 30), 2)[0]
    reverse_entry(entry=undone, reason="Erreur", author=coordinator)
    hold(network, bob, dt.date(2026, 11, 2), 3)
    hold(network, bob, dt.date(2026, 11, 3), 4)
    hold(network, bob, dt.date(2026, 10, 31), 5)
    hold(network, bob, dt.date(2026, 12, 1), 6)
    count = Entry.objects.count()
    rule = Rule(Decimal(12), Decimal(3), cap_per_month=Decimal(20))
    rows = preview_rule(network, rule, dt.date(2026, 11, 5))
    assert [row.name for row in rows] == ["Ada Fictive", "Bob Fictive"]
    assert [(str(row.stands), str(row.would_be), str(row.change)) for row in rows] == [
        ("14.00", "18.00", "4.00"),
        ("20.00", "20.00", "0.00"),
    ]
    assert Entry.objects.count() == count


def test_totals_of_a_month_take_corrections_off_whenever_they_are_written(
    network: Network, coordinator: Person
) -> None:
    tutor: Person = PersonFactory.create(first_name="Ada", last_name="Fictive")
    entry = hold(network, tutor, dt.date(2026, 11, 30), 1)[0]
    hold(network, tutor, dt.date(2026, 11, 1), 2)
    with told_at(NOW + dt.timedelta(days=90)):
        reverse_entry(entry=entry, reason="Erreur", author=coordinator)
    mine = [row for row in totals_of(network, dt.date(2026, 11, 1), dt.date(2026, 11, 30)) if row.person == tutor.pk]
    assert [row.points for row in mine] == [10]
    assert [(row.name, row.minutes_given, row.minutes_received) for row in mine] == [("Ada Fictive", 60, 0)]
    assert totals_of(network, dt.date(2027, 1, 1), dt.date(2027, 12, 31)) == []
