"""What auditors may read of counts: nothing under five, and nothing from which such a count can be worked out.

A table has lines (a profession, a domain …) and three measures of requests, each within the one before: asked,
proposed, held. Lines are told whole, and all others as one, « Autres ». None at all is fewer than five too: a line
without any request stands in « Autres » as well, and nothing says which ones do. From the totals, from another table
and from any other quarter (whose requests are others), subtraction then gives « Autres » and no more: two lines at
least have requests in it, and enough of each measure that neither can be told from the other. Five is counted in
people, not in requests: one person may ask six times.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.accounts.enums import PracticeMode
from backend.networks.enums import SiteKind
from backend.referentials.enums import Area
from backend.reports.domain.facts import NO_SITE, UNSAID, Asked
from backend.reports.domain.figures import NAMES
from backend.reports.enums import Dimension

FEWEST = 5
LINES_TOGETHER_MIN = 2
# Tables that auditors read. Neither sites nor subjects: they are parts of these, and would give parts of « Autres ».
AUDITED = (Dimension.PROFESSION, Dimension.MODE, Dimension.KIND, Dimension.AREA)
# Every measure is part of the one before it.
MEASURES = ("asked", "proposed", "held")

# One count a measure; nothing for a measure that is not told.
type Told = list[int | None]


@dataclass(frozen=True, slots=True)
class Group:
    """The requests of a line: per measure, how many, and of how many people."""

    counts: tuple[int, ...]
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Lines told whole, by name, and all others as one; without any line when there is nothing but « Autres »."""

    lines: Mapping[str, Told]
    others: Told | None


def measure(asked: Sequence[Asked]) -> Group:
    counts, people = [], []
    for kept in (asked, [fact for fact in asked if fact.proposed], [fact for fact in asked if fact.held]):
        counts.append(len(kept))
        people.append(len({fact.person for fact in kept}))
    return Group(tuple(counts), tuple(people))


def told_measures(whole: Group) -> list[bool]:
    """Measures that concern enough people to be told at all, in any table."""
    return [people >= FEWEST for people in whole.people]


def suppress(asked: Sequence[Asked], dimension: Dimension, names: Collection[str]) -> Table:
    """One table of one quarter, as auditors read it; ``names``: every line that it could have."""
    told = told_measures(measure(asked))
    groups = {
        name: measure([fact for fact in asked if NAMES[dimension](fact) == name])
        for name in {*names, *(NAMES[dimension](fact) for fact in asked)}
    }
    kept = {name for name, group in groups.items() if _is_large(group.people, told)}
    apart = set(groups) - kept
    # The smallest line joins the others until these give nothing away.
    for name in sorted(kept, key=lambda name: (groups[name].counts, name)):
        if not apart or _is_safe([groups[name] for name in apart], told):
            break
        kept.remove(name)
        apart.add(name)
    if not told[0]:
        return Table({}, None)
    lines = {name: _tell(groups[name].counts, told) for name in sorted(kept)}
    others = _sum(groups[name].counts for name in apart)
    return Table(lines, _tell(others, told) if apart else None)


def lines_of(professions: Iterable[str]) -> dict[Dimension, list[str]]:
    """Every line that each table could have, known to all."""
    return {
        Dimension.PROFESSION: [*professions, UNSAID],
        Dimension.MODE: [*map(str, PracticeMode.labels), UNSAID],
        Dimension.KIND: [*map(str, SiteKind.labels), NO_SITE],
        Dimension.AREA: [*map(str, Area.labels)],
    }


def _is_safe(apart: Sequence[Group], told: Sequence[bool]) -> bool:
    """Whether lines told as one only cannot be told apart, even by somebody who knows which ones have requests."""
    counts, asked = _sum(group.counts for group in apart), sum(group.counts[0] > 0 for group in apart)
    return (
        asked >= LINES_TOGETHER_MIN
        and all(count >= FEWEST for count, shown in zip(counts, told, strict=True) if shown)
        and counts[0] - asked >= FEWEST
    )


def _is_large(people: Sequence[int], told: Sequence[bool]) -> bool:
    return all(count >= FEWEST for count, shown in zip(people, told, strict=True) if shown)


def _sum(rows: Iterable[Sequence[int]]) -> tuple[int, ...]:
    totals = [0] * len(MEASURES)
    for row in rows:
        totals = [total + count for total, count in zip(totals, row, strict=True)]
    return tuple(totals)


def _tell(counts: Sequence[int], told: Sequence[bool]) -> Told:
    return [count if shown else None for count, shown in zip(counts, told, strict=True)]
