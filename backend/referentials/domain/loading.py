"""Loads the data files: all of them or, with a list of what is wrong, none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from backend.referentials.domain import rows
from backend.referentials.domain.problems import Problem, refuse_any
from backend.referentials.domain.reading import read_referentials
from backend.referentials.domain.records import ReferentialSet
from backend.referentials.domain.syncing import Changes, Table, sync_links
from backend.referentials.models import (
    Capacity,
    Competency,
    Domain,
    Formation,
    Framework,
    Notion,
    Profession,
    ReferenceList,
    Specialty,
    Territory,
    TransverseCategory,
)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load changed, by kind (``capacities``, ``frameworks``, …)."""

    changes: dict[str, Changes]

    @property
    def is_unchanged(self) -> bool:
        """Whether everything was already as the files say."""
        return not any(self.changes.values())


class Tables:
    """All tables of the référentiels, read once."""

    def __init__(self) -> None:
        self.frameworks = Table(Framework, key="slug")
        self.domains = Table(Domain, key="key")
        self.competencies = Table(Competency, key="key")
        self.capacities = Table(Capacity, key="key")
        self.notions = Table(Notion, key="slug")
        self.professions = Table(Profession, key="slug")
        self.formations = Table(Formation, key="slug")
        self.categories = Table(TransverseCategory, key="slug")
        self.specialties = Table(Specialty, key="slug")
        self.territories = Table(Territory, key="slug")
        self.lists = Table(ReferenceList, key="slug")

    def all(self) -> list[Table[Any]]:
        return list(vars(self).values())


def load_referentials(*, folder: Path) -> LoadReport:
    """Make the database hold what the files of ``folder`` say; ``ReferentialsRefusedError`` leaves it untouched."""
    collection = read_referentials(folder=folder)
    with transaction.atomic():
        tables = Tables()
        _write_frameworks(tables, collection)
        _write_lists(tables, collection)
        refuse_any([problem for table in tables.all() for problem in _uses_of_what_is_gone(table)])
        _remove_what_is_gone(tables)
    return LoadReport({table.plural: table.changes for table in tables.all()})


def _write_frameworks(tables: Tables, collection: ReferentialSet) -> None:
    tables.notions.write(rows.notion_rows(collection))
    tables.frameworks.write(rows.framework_rows(collection))
    _link_editions(tables.frameworks, rows.superseded_frameworks(collection))
    tables.domains.write(rows.domain_rows(collection, frameworks=tables.frameworks.keys))
    tables.competencies.write(rows.competency_rows(collection, domains=tables.domains.keys))
    tables.capacities.write(
        rows.capacity_rows(collection, competencies=tables.competencies.keys, notions=tables.notions.keys)
    )
    sync_links(
        tables.competencies,
        tables.notions,
        Competency.notions.through,
        columns=("competency_id", "notion_id"),
        wanted=rows.competency_notions(collection),
    )


def _write_lists(tables: Tables, collection: ReferentialSet) -> None:
    tables.professions.write(rows.profession_rows(collection, frameworks=tables.frameworks.keys))
    tables.formations.write(rows.formation_rows(collection))
    tables.categories.write(rows.category_rows(collection))
    tables.specialties.write(rows.specialty_rows(collection))
    sync_links(
        tables.specialties,
        tables.categories,
        Specialty.categories.through,
        columns=("specialty_id", "transversecategory_id"),
        wanted=rows.specialty_categories(collection),
    )
    tables.territories.write(rows.territory_rows(collection))
    tables.lists.write(rows.list_rows(collection))


def _link_editions(frameworks: Table[Framework], superseded: dict[str, str]) -> None:
    """Point each new edition to the one it replaces; old links are cut first, as an edition has one successor."""
    keys = frameworks.keys
    wanted = {slug: keys[superseded[slug]] if slug in superseded else None for slug in keys}
    changed = [row for slug, row in frameworks.stored.items() if row.supersedes_id != wanted[slug]]
    if not changed:
        return
    Framework.objects.filter(pk__in=[row.pk for row in changed]).update(supersedes=None)
    for row in changed:
        row.supersedes_id = wanted[row.slug]
    Framework.objects.bulk_update([row for row in changed if row.supersedes_id], ["supersedes"])
    frameworks.mark_changed(row.slug for row in changed)


def _uses_of_what_is_gone(table: Table[Any]) -> list[Problem]:
    return [
        Problem("", "", f"{table.singular} {key} is in no file any more, but still in use: {_counted(uses)}")
        for key, uses in table.find_uses().items()
    ]


def _counted(uses: dict[str, int]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in uses.items())


def _remove_what_is_gone(tables: Tables) -> None:
    """Delete from the leaves up, so that nothing goes by cascade without being counted."""
    leaves_first: tuple[Table[Any], ...] = (
        tables.capacities,
        tables.competencies,
        tables.domains,
        tables.professions,
        tables.frameworks,
        tables.notions,
        tables.formations,
        tables.specialties,
        tables.categories,
        tables.territories,
        tables.lists,
    )
    for table in leaves_first:
        table.remove()
