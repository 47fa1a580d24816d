"""What must hold inside one data file, beyond the shape of its objects."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from backend.referentials.domain.problems import Spot
from backend.referentials.domain.records import (
    FrameworkFile,
    NotionsFile,
    ProfessionsFile,
    SpecialtiesFile,
    TerritoriesFile,
)


class Positioned(Protocol):
    @property
    def position(self) -> int: ...


class Named(Protocol):
    @property
    def slug(self) -> str: ...


def check_file(record: object, spot: Spot) -> None:
    """Note what is wrong inside one file."""
    match record:
        case FrameworkFile():
            _check_framework(record, spot)
        case ProfessionsFile():
            _check_professions(record, spot)
        case SpecialtiesFile():
            _check_specialties(record, spot)
        case TerritoriesFile():
            _check_positions(record.territories, spot.at("territories"))
            _check_slugs(record.territories, spot.at("territories"))
        case NotionsFile():
            _check_slugs(record.notions, spot.at("notions"))


def _check_framework(framework: FrameworkFile, spot: Spot) -> None:
    if f"{framework.slug}.json" != spot.file:
        spot.at("slug").refuse(f'must be the name of the file, not "{framework.slug}"')
    _check_positions(framework.domains, spot.at("domains"))
    for d, domain in enumerate(framework.domains):
        domain_spot = spot.at("domains", d, "competencies")
        _check_positions(domain.competencies, domain_spot)
        for c, competency in enumerate(domain.competencies):
            capacities_spot = domain_spot.at(c, "capacities")
            _check_positions(competency.capacities, capacities_spot)
            for k, capacity in enumerate(competency.capacities):
                expected = f"{framework.slug}:{d + 1}.{c + 1}.{k + 1}"
                if capacity.key != expected:
                    capacities_spot.at(k, "key").refuse(f'must be "{expected}", not "{capacity.key}"')


def _check_professions(record: ProfessionsFile, spot: Spot) -> None:
    _check_slugs(record.types, spot.at("types"))
    _check_slugs(record.formations, spot.at("formations"))
    _check_slugs(record.professions, spot.at("professions"))
    _check_once([profession.ans_code for profession in record.professions], spot.at("professions"), "ans_code")
    types = {kind.slug for kind in record.types}
    for index, formation in enumerate(record.formations):
        if formation.type not in types:
            spot.at("formations", index, "type").refuse(f'no type "{formation.type}"')
    for index, profession in enumerate(record.professions):
        if profession.group not in types:
            spot.at("professions", index, "group").refuse(f'no type "{profession.group}"')


def _check_specialties(record: SpecialtiesFile, spot: Spot) -> None:
    _check_slugs(record.categories, spot.at("categories"))
    _check_slugs(record.rows, spot.at("rows"))
    categories = {category.slug for category in record.categories}
    for index, row in enumerate(record.rows):
        marks_spot = spot.at("rows", index, "marks")
        for slug in sorted(categories - row.marks.keys()):
            marks_spot.at(slug).refuse("missing")
        for slug in sorted(row.marks.keys() - categories):
            marks_spot.at(slug).refuse("no such category")


def _check_positions(items: Sequence[Positioned], spot: Spot) -> None:
    for index, item in enumerate(items):
        if item.position != index + 1:
            spot.at(index, "position").refuse(f"must be {index + 1}, not {item.position}")


def _check_slugs(items: Sequence[Named], spot: Spot) -> None:
    _check_once([item.slug for item in items], spot, "slug")


def _check_once(values: Iterable[str | None], spot: Spot, name: str) -> None:
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value is not None and first.setdefault(value, index) != index:
            spot.at(index, name).refuse(f'"{value}" is already at {spot.at(first[value], name).path}')
