"""Where a person stands: a history whose last answer counts, and the gaps it leaves."""

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.common.clock import told_at
from backend.referentials.models import Capacity, Framework
from backend.skills.domain.positioning import Gap, current_levels, gaps_of, record_positioning
from backend.skills.models import Positioning
from tests.support.factories import CapacityFactory, CompetencyFactory, DomainFactory, FrameworkFactory, PersonFactory

pytestmark = pytest.mark.django_db

THEN = dt.datetime(2026, 12, 3, 12, tzinfo=dt.UTC)


@pytest.fixture
def person() -> Person:
    found: Person = PersonFactory.create()
    return found


@pytest.fixture
def framework() -> Framework:
    found: Framework = FrameworkFactory.create()
    return found


def make_capacities(framework: Framework) -> list[Capacity]:
    """Four capacities in the framework's order; they are made in another."""
    domains = {place: DomainFactory.create(framework=framework, position=place) for place in (2, 1)}
    competencies = {
        (domain, place): CompetencyFactory.create(domain=domains[domain], position=place)
        for domain, place in ((2, 1), (1, 2), (1, 1))
    }
    made = {
        (*parent, place): CapacityFactory.create(competency=competencies[parent], position=place)
        for parent, place in (((2, 1), 1), ((1, 1), 2), ((1, 2), 1), ((1, 1), 1))
    }
    return [made[place] for place in sorted(made)]


def test_the_last_answer_counts_and_all_are_kept(person: Person, framework: Framework) -> None:
    first, second, *_ = make_capacities(framework)
    for minute, capacity, level in ((2, first, 3), (1, first, 0), (0, second, 1)):
        with told_at(THEN + dt.timedelta(minutes=minute)):
            record_positioning(person=person, capacity=capacity, level=level)
    assert current_levels(person, framework) == {first.pk: 3, second.pk: 1}
    history = Positioning.objects.filter(capacity=first).values_list("level", "answered_at")
    assert list(history) == [(3, THEN + dt.timedelta(minutes=2)), (0, THEN + dt.timedelta(minutes=1))]


def test_of_two_answers_at_once_the_later_written_counts(person: Person, framework: Framework) -> None:
    capacity = make_capacities(framework)[0]
    with told_at(THEN):
        for level in (2, 1):
            record_positioning(person=person, capacity=capacity, level=level)
    assert current_levels(person, framework) == {capacity.pk: 1}


def test_answers_of_others_and_on_other_frameworks_are_not_mine(person: Person, framework: Framework) -> None:
    capacity = make_capacities(framework)[0]
    record_positioning(person=PersonFactory.create(), capacity=capacity, level=1)
    record_positioning(person=person, capacity=CapacityFactory.create(), level=1)
    assert current_levels(person, framework) == {}
    assert gaps_of(person, framework, target=2) == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (3, [(1, 0, 3), (3, 0, 3), (0, 1, 2), (2, 2, 1)]),
        (2, [(1, 0, 2), (3, 0, 2), (0, 1, 1)]),
        (1, [(1, 0, 1), (3, 0, 1)]),
    ],
)
def test_gaps_come_widest_first_then_in_the_order_of_the_framework(
    target: int, expected: list[tuple[int, int, int]], person: Person, framework: Framework
) -> None:
    capacities = make_capacities(framework)
    for capacity, level in reversed(list(zip(capacities, (1, 0, 2, 0), strict=True))):
        record_positioning(person=person, capacity=capacity, level=level)
    assert gaps_of(person, framework, target=target) == [
        Gap(capacities[place], level, size) for place, level, size in expected
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_as_for_three(
    count: int, person: Person, framework: Framework, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for capacity in make_capacities(framework)[:count]:
        record_positioning(person=person, capacity=capacity, level=0)
    with django_assert_num_queries(2):
        assert len([gap.capacity.competency.domain.title for gap in gaps_of(person, framework, target=2)]) == count
