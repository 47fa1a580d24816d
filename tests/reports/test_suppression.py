"""Nothing under five is told to an auditor, nor can it be worked out: an attacker in integers tries."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.accounts.enums import PracticeMode
from backend.networks.enums import SiteKind
from backend.referentials.enums import Area
from backend.reports.domain import suppression
from backend.reports.domain.facts import Asked, Facts, Traits
from backend.reports.domain.figures import NAMES
from backend.reports.domain.quarters import tell_quarter
from backend.reports.domain.suppression import AUDITED, FEWEST, MEASURES, lines_of, measure
from backend.reports.enums import Dimension
from tests.reports.attacker import Attacker

PROFESSIONS = ("Infirmier", "Médecin", "Pharmacien", "Sage-femme", "Secrétaire")
# Neither asked nor proposed nor held in this many: what a cell may be must stay at least this wide.
WIDTH_MIN = FEWEST - 1


def make_asked(person: int, profession: str, mode: str, place: tuple[str, str], stage: int) -> Asked:
    """``place``: kind of establishment and domain; ``stage``: 0 asked only, 1 proposed, 2 held."""
    return Asked(
        network=1,
        person=person,
        traits=Traits(profession, mode, place[0], "Lieu", "Territoire", None),
        notion="Sujet",
        area=place[1],
        proposed=stage > 0,
        confirmed=stage > 0,
        held=stage > 1,
        withdrawn=False,
        days=None,
    )


# Few people who ask again and again, or many who ask once; few kinds, so that large lines exist beside small ones.
ASKED = st.builds(
    make_asked,
    person=st.integers(1, 40),
    profession=st.sampled_from(PROFESSIONS),
    mode=st.sampled_from([str(label) for label in PracticeMode.labels[:3]]),
    place=st.tuples(st.sampled_from(list(map(str, SiteKind.labels))[:4]), st.sampled_from(list(map(str, Area.labels)))),
    stage=st.sampled_from([0, 1, 2, 2, 2]),
)
QUARTERS = st.lists(ASKED, min_size=5, max_size=90)


def tell(asked: Sequence[Asked]) -> dict[str, Any]:
    return tell_quarter(Facts({}, asked=asked), PROFESSIONS)


NAMES_TOLD = {str(dimension): names for dimension, names in lines_of(PROFESSIONS).items()}


def secret_cells(told: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Cells that are not told, of the measures and tables that are told at all."""
    cells = []
    for table, names in NAMES_TOLD.items():
        lines = dict(told["tables"][table]["lines"])
        for name in sorted(set(names) - set(lines)):
            cells += [(table, name, rank) for rank, total in enumerate(told["totals"]) if total is not None]
    return cells


def recovered(told: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Secret cells that the attacker knows to within less than five."""
    attacker = Attacker(told, NAMES_TOLD)
    found = []
    for cell in secret_cells(told):
        least, most = attacker.bounds(cell)
        if most - least < WIDTH_MIN:
            found.append(cell)
    return found


@settings(max_examples=40, deadline=None)
@given(QUARTERS)
def test_an_attacker_recovers_no_suppressed_cell(asked: list[Asked]) -> None:
    told = tell(asked)
    assert recovered(told) == []


@given(QUARTERS)
def test_no_cell_told_is_about_fewer_than_five_people(asked: list[Asked]) -> None:
    told = tell(asked)
    for dimension in AUDITED:
        for name, counts in told["tables"][str(dimension)]["lines"]:
            people = measure([fact for fact in asked if NAMES[dimension](fact) == name]).people
            assert all(count is None or people[rank] >= FEWEST for rank, count in enumerate(counts))
        others = told["tables"][str(dimension)]["others"] or []
        assert all(count is None or count >= FEWEST for count in others)


@given(QUARTERS)
def test_lines_and_others_add_up_to_the_total(asked: list[Asked]) -> None:
    told = tell(asked)
    for content in told["tables"].values():
        for rank in range(len(MEASURES)):
            parts = [counts[rank] for _, counts in content["lines"]]
            parts += [content["others"][rank]] if content["others"] else []
            if told["totals"][rank] is not None:
                assert sum(parts) == told["totals"][rank]


def make_one_small_line() -> list[Asked]:
    """Twenty nurses, nine pharmacists and two midwives, all helped."""
    sizes = {"Infirmier": 20, "Pharmacien": 9, "Sage-femme": 2}
    people = [profession for profession, size in sizes.items() for _ in range(size)]
    return [
        make_asked(number, profession, "Libéral", ("Autre", "Cybersécurité"), 2)
        for number, profession in enumerate(people)
    ]


def test_a_single_small_line_takes_another_with_it() -> None:
    """Without: 31 − 20 − 9 = 2 midwives."""
    told = tell(make_one_small_line())
    table = told["tables"][str(Dimension.PROFESSION)]
    assert table == {"lines": [["Infirmier", [20, 20, 20]]], "others": [11, 11, 11]}
    assert told["totals"] == [31, 31, 31]


def test_one_person_who_asks_often_is_one_person() -> None:
    asked = [make_asked(number, "Infirmier", "Libéral", ("Autre", "Télésanté"), 2) for number in range(20)]
    asked += [make_asked(99, "Médecin", "Libéral", ("Autre", "Télésanté"), 2) for _ in range(8)]
    table = tell(asked)["tables"][str(Dimension.PROFESSION)]
    assert table == {"lines": [], "others": [28, 28, 28]}


def test_a_measure_of_too_few_is_told_nowhere() -> None:
    asked = [make_asked(number, "Infirmier", "Libéral", ("Autre", "Télésanté"), 0) for number in range(10)]
    asked += [make_asked(number, "Infirmier", "Libéral", ("Autre", "Télésanté"), 2) for number in range(10, 14)]
    told = tell(asked)
    assert told["totals"] == [14, None, None]
    assert told["tables"][str(Dimension.PROFESSION)]["others"] == [14, None, None]


def test_too_few_people_leave_nothing_at_all() -> None:
    told = tell(make_one_small_line()[:4])
    assert told["totals"] == [None, None, None]
    assert all(table == {"lines": [], "others": None} for table in told["tables"].values())


def never(*_: object) -> bool:
    return True


@pytest.mark.parametrize("guard", ["_is_safe", "_is_large"])
def test_without_either_guard_the_attacker_wins(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same attacker, the same quarter, one guard off."""
    asked = make_one_small_line()
    assert recovered(tell(asked)) == []
    off: Callable[..., bool] = never
    monkeypatch.setattr(suppression, guard, off)
    told = tell(asked)
    table = told["tables"][str(Dimension.PROFESSION)]
    small = ("profession", "Sage-femme", 0)
    if guard == "_is_safe":
        assert Attacker(told, NAMES_TOLD).bounds(small) == (0, 2)
        assert small in recovered(told)
    else:
        assert ["Sage-femme", [2, 2, 2]] in table["lines"]
