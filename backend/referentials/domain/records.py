"""The data files as typed records: one dataclass an object, its fields named as the JSON keys are."""

from dataclasses import dataclass
from typing import Annotated

from backend.referentials.domain.problems import Spot
from backend.referentials.domain.shapes import TextRule
from backend.referentials.enums import Area, Attribution

FrameworkSlug = Annotated[str, TextRule(max_length=60, is_slug=True)]
Slug = Annotated[str, TextRule(max_length=80, is_slug=True)]
LongSlug = Annotated[str, TextRule(max_length=100, is_slug=True)]
Short = Annotated[str, TextRule(max_length=40)]
Key = Annotated[str, TextRule(max_length=80)]
Label = Annotated[str, TextRule(max_length=120)]
LongLabel = Annotated[str, TextRule(max_length=160)]
Title = Annotated[str, TextRule(max_length=200)]
Number = Annotated[str, TextRule(max_length=10, may_be_blank=True)]
Code = Annotated[str, TextRule(max_length=20)]
AnsCode = Annotated[str, TextRule(max_length=3)]
Remark = Annotated[str, TextRule(may_be_blank=True)]


@dataclass(frozen=True, slots=True)
class Note:
    """What is odd in the source and how it was treated; ``id`` is a row of the table in ``SOURCE.md``."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class CapacityRecord:
    position: int
    key: Key
    text: str
    printed: str | None
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """A row (« matière ») of a diploma's syllabus."""

    code: Code
    title: str
    hours_lecture: int | None
    hours_tutorial: int | None
    hours_evaluation: int | None = None
    level: int | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class CompetencyRecord:
    position: int
    number: Number
    suggested_number: Number | None
    title: str
    printed_title: str | None
    hours: int | None
    introduction: str | None
    notes: tuple[Note, ...]
    capacities: tuple[CapacityRecord, ...]
    level: int | None = None
    code: Code | None = None
    matieres: tuple[SubjectRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainRecord:
    position: int
    number: Number
    suggested_number: Number | None
    title: str
    printed_title: str | None
    hours: int | None
    notes: tuple[Note, ...]
    competencies: tuple[CompetencyRecord, ...]
    face_to_face: bool | None = None


@dataclass(frozen=True, slots=True)
class MacroItemRecord:
    position: int
    text: str
    printed: str | None
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class MacroLevelRecord:
    level: int
    items: tuple[MacroItemRecord, ...]


@dataclass(frozen=True, slots=True)
class MacroCompetencyRecord:
    position: int
    title: str
    printed_title: str | None
    notes: tuple[Note, ...]
    levels: tuple[MacroLevelRecord, ...]


@dataclass(frozen=True, slots=True)
class FrameworkFile:
    format: str
    slug: FrameworkSlug
    title: Title
    printed_title: str | None
    version: Short | None
    date: Short | None
    supersedes: FrameworkSlug | None
    attribution: Attribution
    audience: str
    hours: int | None
    ects: int | None
    notes: tuple[Note, ...]
    domains: tuple[DomainRecord, ...]
    matieres: tuple[SubjectRecord, ...] = ()
    macro_competencies: tuple[MacroCompetencyRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeRecord:
    slug: Slug
    label: LongLabel


@dataclass(frozen=True, slots=True)
class FormationRecord:
    slug: Slug
    label: LongLabel
    printed: LongLabel
    type: Slug
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class ProfessionRecord:
    slug: Slug
    label: Label
    ans_code: AnsCode | None
    group: Slug
    referential: FrameworkSlug | None
    has_rpps: bool
    has_order: bool
    referential_note: str | None = None


@dataclass(frozen=True, slots=True)
class ProfessionsFile:
    format: str
    types: tuple[TypeRecord, ...]
    formations: tuple[FormationRecord, ...]
    professions: tuple[ProfessionRecord, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    slug: LongSlug
    label: LongLabel
    footnote: str | None


@dataclass(frozen=True, slots=True)
class SpecialtyRecord:
    slug: LongSlug
    profession: Label
    printed_profession: Label
    label: LongLabel
    printed: LongLabel | None
    marks: dict[str, bool]


@dataclass(frozen=True, slots=True)
class SpecialtiesFile:
    format: str
    categories: tuple[CategoryRecord, ...]
    rows: tuple[SpecialtyRecord, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class TerritoryRecord:
    slug: Slug
    label: Label
    position: int
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class TerritoriesFile:
    format: str
    territories: tuple[TerritoryRecord, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class NotionRecord:
    slug: Slug
    title: Title
    area: Area
    since_year: int | None
    note: Remark | None
    capacities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotionsFile:
    """The crosswalk: which notion each capacity words, and which notions a competency without capacities covers."""

    format: str
    reviewed: Short
    notions: tuple[NotionRecord, ...]
    coverage: dict[str, tuple[str, ...]]
    coverage_notes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Source[T]:
    """A record and the place it came from."""

    record: T
    spot: Spot


@dataclass(frozen=True, slots=True)
class ReferentialSet:
    """All files, read and checked; frameworks in the order they are shown."""

    frameworks: tuple[Source[FrameworkFile], ...]
    professions: Source[ProfessionsFile]
    specialties: Source[SpecialtiesFile]
    territories: Source[TerritoriesFile]
    notions: Source[NotionsFile]
