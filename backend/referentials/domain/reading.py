"""Reads a folder of data files; no database."""

import json
from pathlib import Path
from typing import Any

from backend.referentials.domain.checks import check_file
from backend.referentials.domain.crosschecks import check_set
from backend.referentials.domain.problems import MisfitError, Problem, ReferentialsRefusedError, Spot, refuse_any
from backend.referentials.domain.records import (
    FrameworkFile,
    NotionsFile,
    ProfessionsFile,
    ReferentialSet,
    Source,
    SpecialtiesFile,
    TerritoriesFile,
)
from backend.referentials.domain.shapes import read_record

FORMATS: dict[str, type[Any]] = {
    "tandem-framework/1": FrameworkFile,
    "tandem-professions/1": ProfessionsFile,
    "tandem-specialties/1": SpecialtiesFile,
    "tandem-territories/1": TerritoriesFile,
    "tandem-notions/1": NotionsFile,
}
# The order in which people see the frameworks: the widest public first, then what few hold or hold no more.
SHOWN_FIRST = (
    "socle-4-8",
    "as-ap",
    "ambulanciers",
    "arm",
    "ts-accompagnants",
    "ts-educateurs-assistants",
    "mediateurs",
    "c2i2ms",
    "du-cns",
    "socle-4-8-v1",
)


def read_referentials(*, folder: Path) -> ReferentialSet:
    """All files of a folder, or ``ReferentialsRefusedError`` with every problem.

    Each file is checked by itself; what holds between files is checked once all can be read, as before that every
    reference into an unreadable file would look broken.
    """
    problems: list[Problem] = []
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise ReferentialsRefusedError([Problem(folder.name, "", "no such folder, or no data file in it")])
    sources = [source for path in paths if (source := _read_file(path, problems))]
    refuse_any(problems)
    collection = _gather(sources, problems)
    refuse_any(problems)
    check_set(collection)
    refuse_any(problems)
    return collection


def _read_file(path: Path, problems: list[Problem]) -> Source[Any] | None:
    spot = Spot(path.name, problems)
    noted = len(problems)
    try:
        content = _parse_json(path, spot)
    except MisfitError as misfit:
        spot.refuse(str(misfit))
        return None
    shape = FORMATS.get(str(content.get("format")))
    if shape is None:
        spot.at("format").refuse(f"must be one of {', '.join(FORMATS)}")
        return None
    record = read_record(shape, content, spot)
    if record is None or len(problems) > noted:
        return None
    check_file(record, spot)
    return Source(record, spot)


def _parse_json(path: Path, spot: Spot) -> dict[str, Any]:
    def refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        for name in sorted({name for name in names if names.count(name) > 1}):
            spot.refuse(f'key "{name}" appears twice in one object')
        return dict(pairs)

    try:
        content = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=refuse_repeated)
    except json.JSONDecodeError as error:
        raise MisfitError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise MisfitError(f"cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise MisfitError("must be an object")
    return content


def _gather(sources: list[Source[Any]], problems: list[Problem]) -> ReferentialSet:
    by_shape: dict[type, list[Source[Any]]] = {shape: [] for shape in FORMATS.values()}
    for source in sources:
        by_shape[type(source.record)].append(source)
    for name, shape in FORMATS.items():
        _check_number(name, shape, by_shape[shape], problems)
    refuse_any(problems)
    return ReferentialSet(
        frameworks=tuple(sorted(by_shape[FrameworkFile], key=_shown_order)),
        professions=by_shape[ProfessionsFile][0],
        specialties=by_shape[SpecialtiesFile][0],
        territories=by_shape[TerritoriesFile][0],
        notions=by_shape[NotionsFile][0],
    )


def _check_number(name: str, shape: type, sources: list[Source[Any]], problems: list[Problem]) -> None:
    if not sources:
        problems.append(Problem("", "", f"no file of format {name}"))
    if shape is not FrameworkFile:
        for source in sources[1:]:
            source.spot.at("format").refuse(f"{sources[0].spot.file} is already of this format")


def _shown_order(source: Source[FrameworkFile]) -> tuple[int, str]:
    slug = source.record.slug
    return (SHOWN_FIRST.index(slug) if slug in SHOWN_FIRST else len(SHOWN_FIRST), slug)
