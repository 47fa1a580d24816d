"""Cells are taken once, all of them or none."""

import datetime as dt

import pytest

from backend.accounts.models import Person
from backend.agenda.domain.occupancy import CellsTakenError, Claim, find_clashes, release_cells, take_cells
from backend.agenda.models import Occupancy
from backend.common.clock import cell_at
from backend.common.errors import ConflictError
from tests.support.factories import PersonFactory

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 12, 3, 12, tzinfo=dt.UTC)


def at(minutes: int) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


def claim(source: str, *people: Person, start: int = 0, end: int = 45) -> Claim:
    return Claim(source, tuple(person.pk for person in people), at(start), at(end))


def held() -> list[tuple[int, int, str]]:
    return [
        (row.person_id, row.cell - cell_at(NOON), row.source) for row in Occupancy.objects.order_by("person", "cell")
    ]


@pytest.fixture
def people() -> list[Person]:
    found: list[Person] = PersonFactory.create_batch(3)
    return found


def test_every_cell_of_everybody_is_held(people: list[Person]) -> None:
    tutor, learner, _ = people
    take_cells(claims=[claim("session:1", tutor, learner)])
    assert held() == [(person.pk, cell, "session:1") for person in (tutor, learner) for cell in range(3)]


@pytest.mark.parametrize(("start", "end"), [(0, 45), (-15, 15), (30, 90), (15, 30), (-60, 120)])
def test_a_clash_is_named_and_nothing_is_written(start: int, end: int, people: list[Person]) -> None:
    tutor, learner, other = people
    take_cells(claims=[claim("session:1", tutor, learner)])
    before = held()
    wanted = [claim("session:2", other, start=600, end=645), claim("session:3", other, tutor, start=start, end=end)]
    assert find_clashes(wanted) == {"session:3": {"session:1"}}
    with pytest.raises(CellsTakenError) as refused:
        take_cells(claims=wanted)
    assert isinstance(refused.value, ConflictError)
    assert (refused.value.code, refused.value.sources) == ("cells_taken", ("session:1",))
    assert held() == before


def test_every_holder_is_named(people: list[Person]) -> None:
    tutor, learner, _ = people
    take_cells(claims=[claim("session:1", tutor), claim("session:2", learner, start=30, end=75)])
    with pytest.raises(CellsTakenError) as refused:
        take_cells(claims=[claim("session:3", tutor, learner)])
    assert refused.value.sources == ("session:1", "session:2")


@pytest.mark.parametrize(("start", "end"), [(-45, 0), (45, 90)])
def test_intervals_that_touch_do_not_clash(start: int, end: int, people: list[Person]) -> None:
    tutor, *_ = people
    take_cells(claims=[claim("session:1", tutor)])
    wanted = claim("session:2", tutor, start=start, end=end)
    assert find_clashes([wanted]) == {}
    take_cells(claims=[wanted])
    assert len(held()) == 6


def test_the_same_source_twice_is_named_and_writes_nothing(people: list[Person]) -> None:
    tutor, *_ = people
    take_cells(claims=[claim("session:1", tutor)])
    with pytest.raises(CellsTakenError) as refused:
        take_cells(claims=[claim("session:1", tutor, start=30, end=75)])
    assert refused.value.sources == ("session:1",)
    assert len(held()) == 3


def test_a_source_does_not_clash_with_itself(people: list[Person]) -> None:
    tutor, *_ = people
    take_cells(claims=[claim("session:1", tutor)])
    assert find_clashes([claim("session:1", tutor, start=30, end=75)]) == {}
    assert find_clashes([]) == {}


def test_claims_that_clash_with_each_other_take_nothing(people: list[Person]) -> None:
    tutor, *_ = people
    with pytest.raises(CellsTakenError):
        take_cells(claims=[claim("session:1", tutor), claim("session:2", tutor, start=30, end=75)])
    assert held() == []


def test_released_cells_may_be_taken(people: list[Person]) -> None:
    tutor, learner, _ = people
    take_cells(claims=[claim("session:1", tutor, learner), claim("session:11", tutor, start=60, end=75)])
    release_cells(source="session:1")
    assert held() == [(tutor.pk, 4, "session:11")]
    take_cells(claims=[claim("session:2", tutor, learner)])
    assert len(held()) == 7


def test_what_has_passed_stays_held(people: list[Person]) -> None:
    tutor, *_ = people
    take_cells(claims=[claim("session:1", tutor)])
    release_cells(source="session:1", after=at(20))
    assert held() == [(tutor.pk, 0, "session:1")]
