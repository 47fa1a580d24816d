"""A line of a list, and what is to become of it; both are stored as JSON between the reading and the confirmation."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Column(StrEnum):
    """What a list may say of somebody."""

    LAST_NAME = "last_name"
    FIRST_NAME = "first_name"
    EMAIL = "email"
    PROFESSION = "profession"
    SPECIALTY = "specialty"
    PRACTICE_MODE = "practice_mode"
    SITE = "site"
    SITE_KIND = "site_kind"
    RPPS = "rpps"
    ROLES = "roles"
    ATTACHMENT = "attachment"
    # Cells beyond the last header: the line is not what it seems.
    REST = "rest"
    # Where the public directory says that somebody works; to be read, never written.
    PLACE = "place"


LABELS = {
    Column.LAST_NAME: "Nom",
    Column.FIRST_NAME: "Prénom",
    Column.EMAIL: "Courriel",
    Column.PROFESSION: "Profession",
    Column.SPECIALTY: "Spécialité",
    Column.PRACTICE_MODE: "Mode d’exercice",
    Column.SITE: "Site",
    Column.SITE_KIND: "Type d’établissement",
    Column.RPPS: "RPPS",
    Column.ROLES: "Rôles",
    Column.ATTACHMENT: "Rattachement",
}
# Told beside these too, though no list has such a column.
EVERY_LABEL = LABELS | {Column.REST: "Ligne", Column.PLACE: "Lieu d’exercice (annuaire)"}
REQUIRED = (Column.LAST_NAME, Column.FIRST_NAME, Column.EMAIL)


class Fate(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    KNOWN = "known"
    CANDIDATE = "candidate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Line:
    """As it was read; ``number`` is its row in the file. A candidate is of the public directory, without address."""

    number: int
    values: dict[str, str]
    is_candidate: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A line and its fate: what is wrong by column, what would change, what the reader should know."""

    line: Line
    fate: Fate
    problems: dict[str, list[str]] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> "Verdict":
        return cls(**data | {"line": Line(**data["line"]), "fate": Fate(data["fate"])})
