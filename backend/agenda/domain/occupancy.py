"""Taking and freeing cells: the one guard against double booking."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction

from backend.agenda.models import Occupancy
from backend.common.clock import cell_at, cells_between
from backend.common.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Claim:
    """``source`` wants ``[starts_at, ends_at)`` of each of ``people`` (primary keys)."""

    source: str
    people: tuple[int, ...]
    starts_at: dt.datetime
    ends_at: dt.datetime


class CellsTakenError(ConflictError):
    """Somebody is busy then; ``sources`` names what holds the cells."""

    code = "cells_taken"
    message = "Une des personnes vient d’être prise à ce moment-là. Choisissez un autre moment."

    def __init__(self, sources: Iterable[str] = ()) -> None:
        super().__init__()
        self.sources = tuple(sorted(sources))


def find_clashes(claims: Sequence[Claim]) -> dict[str, set[str]]:
    """Per claim that does not fit any more, the sources that hold its cells; one query."""
    if not claims:
        return {}
    people = {person for claim in claims for person in claim.people}
    first = min(cells_between(claim.starts_at, claim.ends_at)[0] for claim in claims)
    last = max(cells_between(claim.starts_at, claim.ends_at)[-1] for claim in claims)
    taken = {
        (person, cell): source
        for person, cell, source in Occupancy.objects.filter(person__in=people, cell__range=(first, last)).values_list(
            "person_id", "cell", "source"
        )
    }
    clashes: dict[str, set[str]] = {}
    for claim in claims:
        for person in claim.people:
            for cell in cells_between(claim.starts_at, claim.ends_at):
                if (holder := taken.get((person, cell))) not in {None, claim.source}:
                    clashes.setdefault(claim.source, set()).add(str(holder))
    return clashes


@transaction.atomic
def take_cells(*, claims: Sequence[Claim]) -> None:
    """Hold every cell of every claim, or none; raises ``CellsTakenError`` naming the holders.

    Rows are written in one order everywhere, so that two takers wait for each other rather than deadlock.
    """
    rows = [
        Occupancy(person_id=person, cell=cell, source=claim.source)
        for claim in claims
        for person in claim.people
        for cell in cells_between(claim.starts_at, claim.ends_at)
    ]
    rows.sort(key=lambda row: (row.person_id, row.cell))
    try:
        with transaction.atomic():
            Occupancy.objects.bulk_create(rows, batch_size=2000)
    except IntegrityError as error:
        # Without their own names: who holds the cells is told even if it is the same source.
        clashes = find_clashes([replace(claim, source="") for claim in claims])
        raise CellsTakenError(set().union(*clashes.values())) from error


def release_cells(*, source: str, after: dt.datetime | None = None) -> None:
    """Free the cells that ``source`` holds; with ``after``, only from the cell of that instant on."""
    held = Occupancy.objects.filter(source=source)
    if after is not None:
        held = held.filter(cell__gte=cell_at(after))
    held.delete()
