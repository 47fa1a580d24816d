"""What must hold between the data files: the crosswalk, the frameworks of the professions, the editions."""

from collections import Counter
from collections.abc import Iterator

from backend.referentials.domain.problems import Spot
from backend.referentials.domain.records import CompetencyRecord, FrameworkFile, NotionRecord, ReferentialSet


def check_set(collection: ReferentialSet) -> None:
    """Note what is wrong between the files, each problem in the file to mend."""
    _check_editions(collection)
    _check_profession_frameworks(collection)
    _check_notion_of_each_capacity(collection)
    _check_repeated_frameworks(collection)
    _check_coverage(collection)


def keyed_competencies(framework: FrameworkFile) -> Iterator[tuple[str, CompetencyRecord]]:
    """Competencies with their keys, ``framework:domain.competency``."""
    for domain in framework.domains:
        for competency in domain.competencies:
            yield f"{framework.slug}:{domain.position}.{competency.position}", competency


def _check_editions(collection: ReferentialSet) -> None:
    superseded_by: dict[str, str] = {}
    slugs = {source.record.slug for source in collection.frameworks}
    for source in collection.frameworks:
        older, spot = source.record.supersedes, source.spot.at("supersedes")
        if older is None:
            continue
        if older not in slugs:
            spot.refuse(f'no framework "{older}"')
        if superseded_by.setdefault(older, source.record.slug) != source.record.slug:
            spot.refuse(f'"{older}" is already superseded by "{superseded_by[older]}"')
    for source in collection.frameworks:
        if _supersedes_itself(source.record.slug, superseded_by):
            source.spot.at("supersedes").refuse("goes round in a circle")


def _supersedes_itself(slug: str, superseded_by: dict[str, str]) -> bool:
    newer, seen = superseded_by.get(slug), {slug}
    while newer is not None and newer not in seen:
        seen.add(newer)
        newer = superseded_by.get(newer)
    return newer == slug


def _check_profession_frameworks(collection: ReferentialSet) -> None:
    slugs = {source.record.slug for source in collection.frameworks}
    professions = collection.professions
    for index, profession in enumerate(professions.record.professions):
        if profession.referential is not None and profession.referential not in slugs:
            professions.spot.at("professions", index, "referential").refuse(f'no framework "{profession.referential}"')


def _check_notion_of_each_capacity(collection: ReferentialSet) -> None:
    known = _capacity_keys(collection)
    spot = collection.notions.spot.at("notions")
    notion_of: dict[str, str] = {}
    for n, notion in enumerate(collection.notions.record.notions):
        for k, key in enumerate(notion.capacities):
            _check_named_capacity(key, notion, notion_of, known, spot.at(n, "capacities", k))
    for key in known:
        if key not in notion_of:
            spot.refuse(f'capacity "{key}" has no notion')


def _check_named_capacity(
    key: str, notion: NotionRecord, notion_of: dict[str, str], known: dict[str, None], spot: Spot
) -> None:
    if key not in known:
        spot.refuse(f'no capacity "{key}"')
    elif key in notion_of:
        spot.refuse(f'"{key}" already has the notion "{notion_of[key]}"')
    else:
        notion_of[key] = notion.slug


def _check_repeated_frameworks(collection: ReferentialSet) -> None:
    """Two capacities of one framework are different ideas, unless a note says why they share a notion."""
    for index, notion in enumerate(collection.notions.record.notions):
        counts = Counter(key.partition(":")[0] for key in notion.capacities)
        repeated = [slug for slug, count in counts.items() if count > 1]
        if repeated and not notion.note:
            spot = collection.notions.spot.at("notions", index, "note")
            spot.refuse(f"must say why this notion holds several capacities of {', '.join(repeated)}")


def _check_coverage(collection: ReferentialSet) -> None:
    record, spot = collection.notions.record, collection.notions.spot.at("coverage")
    competencies = {
        key: competency for source in collection.frameworks for key, competency in keyed_competencies(source.record)
    }
    for key, slugs in record.coverage.items():
        if key not in competencies:
            spot.at(key).refuse("no such competency")
        if not slugs and key not in record.coverage_notes:
            spot.at(key).refuse("names no notion, and no note under coverage_notes says why")
        _check_covered_notions(slugs, {notion.slug for notion in record.notions}, spot.at(key))
    for key, competency in competencies.items():
        if not competency.capacities and key not in record.coverage:
            spot.refuse(f'competency "{key}" is missing, though it holds no capacity')
    for key in [key for key in record.coverage_notes if key not in record.coverage]:
        collection.notions.spot.at("coverage_notes", key).refuse("no such key under coverage")


def _check_covered_notions(slugs: tuple[str, ...], known: set[str], spot: Spot) -> None:
    for index, slug in enumerate(slugs):
        if slug not in known:
            spot.at(index).refuse(f'no notion "{slug}"')
        elif slug in slugs[:index]:
            spot.at(index).refuse(f'"{slug}" is already in this list')


def _capacity_keys(collection: ReferentialSet) -> dict[str, None]:
    return {
        capacity.key: None
        for source in collection.frameworks
        for _, competency in keyed_competencies(source.record)
        for capacity in competency.capacities
    }
