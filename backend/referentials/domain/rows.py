"""What the database should hold, as plain rows by natural key; no database."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from backend.common.folding import fold
from backend.referentials.domain.crosschecks import keyed_competencies
from backend.referentials.domain.records import (
    CapacityRecord,
    CompetencyRecord,
    DomainRecord,
    FrameworkFile,
    ProfessionRecord,
    ReferentialSet,
    SpecialtyRecord,
)

type Row = dict[str, Any]
type Rows = dict[str, Row]
# Natural keys to primary keys, of rows that others point to.
type Keys = dict[str, int]


def notion_rows(collection: ReferentialSet) -> Rows:
    return {
        notion.slug: {
            "title": notion.title,
            "area": notion.area.value,
            "since_year": notion.since_year,
            "note": notion.note or "",
        }
        for notion in collection.notions.record.notions
    }


def framework_rows(collection: ReferentialSet) -> Rows:
    """Frameworks without the edition they supersede: that one may not be stored yet."""
    return {
        source.record.slug: _framework_row(source.record, position)
        for position, source in enumerate(collection.frameworks, start=1)
    }


def superseded_frameworks(collection: ReferentialSet) -> dict[str, str]:
    """Slug of the older edition, by that of the newer one."""
    records = [source.record for source in collection.frameworks]
    return {record.slug: record.supersedes for record in records if record.supersedes is not None}


def domain_rows(collection: ReferentialSet, *, frameworks: Keys) -> Rows:
    return {
        f"{framework.slug}:{domain.position}": _domain_row(domain, frameworks[framework.slug])
        for framework in _frameworks(collection)
        for domain in framework.domains
    }


def competency_rows(collection: ReferentialSet, *, domains: Keys) -> Rows:
    coverage_notes = collection.notions.record.coverage_notes
    return {
        key: _competency_row(competency, domains[key.rpartition(".")[0]], coverage_notes.get(key, ""))
        for framework in _frameworks(collection)
        for key, competency in keyed_competencies(framework)
    }


def capacity_rows(collection: ReferentialSet, *, competencies: Keys, notions: Keys) -> Rows:
    notion_of = _notion_of_each_capacity(collection)
    return {
        capacity.key: _capacity_row(capacity, competencies[key], notions[notion_of[capacity.key]])
        for framework in _frameworks(collection)
        for key, competency in keyed_competencies(framework)
        for capacity in competency.capacities
    }


def competency_notions(collection: ReferentialSet) -> dict[str, list[str]]:
    """Slugs of the notions that each competency proves: as the crosswalk says, else those of its capacities."""
    coverage, notion_of = collection.notions.record.coverage, _notion_of_each_capacity(collection)
    return {
        key: list(coverage.get(key, dict.fromkeys(notion_of[capacity.key] for capacity in competency.capacities)))
        for framework in _frameworks(collection)
        for key, competency in keyed_competencies(framework)
    }


def profession_rows(collection: ReferentialSet, *, frameworks: Keys) -> Rows:
    record = collection.professions.record
    groups = {kind.slug: kind.label for kind in record.types}
    return _by_slug(record.professions, lambda profession: _profession_row(profession, groups, frameworks))


def formation_rows(collection: ReferentialSet) -> Rows:
    record = collection.professions.record
    types = {kind.slug: kind.label for kind in record.types}
    return _by_slug(
        record.formations,
        lambda formation: {
            "label": formation.label,
            "printed": formation.printed,
            "type": types[formation.type],
            "notes": plain(formation.notes),
        },
    )


def category_rows(collection: ReferentialSet) -> Rows:
    return _by_slug(
        collection.specialties.record.categories,
        lambda category: {"label": category.label, "footnote": category.footnote or ""},
    )


def specialty_rows(collection: ReferentialSet) -> Rows:
    return _by_slug(collection.specialties.record.rows, _specialty_row)


def specialty_categories(collection: ReferentialSet) -> dict[str, list[str]]:
    """Slugs of the categories marked on each row of the matrix."""
    rows = collection.specialties.record.rows
    return {row.slug: [slug for slug, is_marked in row.marks.items() if is_marked] for row in rows}


def territory_rows(collection: ReferentialSet) -> Rows:
    return _by_slug(
        collection.territories.record.territories,
        lambda territory: {"label": territory.label, "notes": plain(territory.notes)},
    )


def list_rows(collection: ReferentialSet) -> Rows:
    return {
        "notions": {"reviewed": collection.notions.record.reviewed, "notes": []},
        "professions": {"reviewed": "", "notes": plain(collection.professions.record.notes)},
        "specialties": {"reviewed": "", "notes": plain(collection.specialties.record.notes)},
        "territories": {"reviewed": "", "notes": plain(collection.territories.record.notes)},
    }


def plain(value: Any) -> Any:
    """Records as JSON columns give them back, so that the two can be compared."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def _frameworks(collection: ReferentialSet) -> Iterator[FrameworkFile]:
    return (source.record for source in collection.frameworks)


def _notion_of_each_capacity(collection: ReferentialSet) -> dict[str, str]:
    return {key: notion.slug for notion in collection.notions.record.notions for key in notion.capacities}


def _by_slug[R](records: tuple[R, ...], make_row: Callable[[R], Row]) -> Rows:
    return {
        record.slug: make_row(record) | {"position": position}  # type: ignore[attr-defined]
        for position, record in enumerate(records, start=1)
    }


def _framework_row(framework: FrameworkFile, position: int) -> Row:
    return {
        "position": position,
        "title": framework.title,
        "printed_title": framework.printed_title or "",
        "version": framework.version or "",
        "date": framework.date or "",
        "audience": framework.audience,
        "attribution": framework.attribution.value,
        "hours": framework.hours,
        "ects": framework.ects,
        "notes": plain(framework.notes),
        "subjects": plain(framework.matieres),
        "macro_competencies": plain(framework.macro_competencies),
    }


def _domain_row(domain: DomainRecord, framework_id: int) -> Row:
    return {
        "framework_id": framework_id,
        "position": domain.position,
        "number": domain.number,
        "suggested_number": domain.suggested_number or "",
        "title": domain.title,
        "printed_title": domain.printed_title or "",
        "hours": domain.hours,
        "face_to_face": domain.face_to_face,
        "notes": plain(domain.notes),
    }


def _competency_row(competency: CompetencyRecord, domain_id: int, coverage_note: str) -> Row:
    return {
        "domain_id": domain_id,
        "position": competency.position,
        "number": competency.number,
        "suggested_number": competency.suggested_number or "",
        "code": competency.code or "",
        "level": competency.level,
        "title": competency.title,
        "printed_title": competency.printed_title or "",
        "introduction": competency.introduction or "",
        "hours": competency.hours,
        "subjects": plain(competency.matieres),
        "notes": plain(competency.notes),
        "coverage_note": coverage_note,
    }


def _capacity_row(capacity: CapacityRecord, competency_id: int, notion_id: int) -> Row:
    return {
        "competency_id": competency_id,
        "position": capacity.position,
        "text": capacity.text,
        "printed": capacity.printed or "",
        "folded": fold(capacity.text),  # as Capacity.save() does, which bulk writes go past
        "notes": plain(capacity.notes),
        "notion_id": notion_id,
    }


def _profession_row(profession: ProfessionRecord, groups: dict[str, str], frameworks: Keys) -> Row:
    return {
        "label": profession.label,
        "ans_code": profession.ans_code or "",
        "group": groups[profession.group],
        "framework_id": frameworks[profession.referential] if profession.referential else None,
        "framework_note": profession.referential_note or "",
        "has_rpps": profession.has_rpps,
        "has_order": profession.has_order,
    }


def _specialty_row(specialty: SpecialtyRecord) -> Row:
    return {
        "label": specialty.label,
        "printed": specialty.printed or "",
        "formation": specialty.profession,
        "printed_formation": specialty.printed_profession,
    }
