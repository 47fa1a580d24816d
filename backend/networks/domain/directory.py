"""The Annuaire Santé extraction (``PS_LibreAcces_Personne_activite_*.txt``), read as a stream.

UTF-8, ``|`` between columns and after the last one, no quoting, one line for each *activity*: a person comes back.
The spelling of headers drifts from year to year: they are compared without case, accents and signs. About 1 GB: what is
kept is what the filters let through, each person once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from backend.common.errors import DomainError
from backend.common.folding import fold

SEPARATOR = "|"
PEOPLE_MAX = 10_000
RPPS_KIND = "8"
# What we need of the 56 columns, each under the names it has had.
NAMES = {
    "kind": ("type d identifiant pp", "type identifiant pp"),
    "identifier": ("identifiant pp",),
    "national": ("identification nationale pp",),
    "last_name": ("nom d exercice", "nom exercice"),
    "first_name": ("prenom d exercice", "prenom exercice"),
    "profession": ("code profession",),
    "profession_label": ("libelle profession",),
    "mode": ("code mode exercice", "code mode d exercice"),
    "company": ("raison sociale site",),
    "sign": ("enseigne commerciale site",),
    "postcode": ("code postal coord structure", "code postal"),
    "town": ("libelle commune coord structure", "libelle commune"),
}
OPTIONAL = {"company", "sign", "town", "mode"}
PRINTED = {
    "kind": "Type d’identifiant PP",
    "identifier": "Identifiant PP",
    "national": "Identification nationale PP",
    "last_name": "Nom d’exercice",
    "first_name": "Prénom d’exercice",
    "profession": "Code profession",
    "profession_label": "Libellé profession",
    "postcode": "Code postal (coord. structure)",
}


@dataclass(frozen=True, slots=True)
class Activity:
    """Where somebody works, and how: ``L`` on their own account, ``S`` employed."""

    mode: str
    site: str
    postcode: str
    town: str


@dataclass(slots=True)
class Practitioner:
    national: str
    rpps: str
    last_name: str
    first_name: str
    profession: str
    profession_label: str
    activities: list[Activity] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Extraction:
    """Who was kept; how many lines were read, and how many of them had too many or too few columns."""

    people: list[Practitioner]
    lines: int
    broken: int


def is_directory(header: str) -> bool:
    """Whether a file's first line is that of the extraction."""
    return header.count(SEPARATOR) >= len(NAMES) and NAMES["national"][0] in map(_normalise, header.split(SEPARATOR))


def read_directory(
    lines: Iterable[str], *, postcodes: Sequence[str] = (), professions: Sequence[str] = ()
) -> Extraction:
    """People with an activity that the filters let through; a short postcode is a beginning, « 17 » a department.

    Raises ``DomainError`` when a column is missing, or when more people are let through than a list may hold.
    """
    people: dict[str, Practitioner] = {}
    read = broken = 0
    rows = iter(lines)
    columns = _find_columns(next(rows, ""))
    for line in rows:
        read += 1
        cells = line.rstrip("\r\n").split(SEPARATOR)
        if len(cells) != columns.width:
            broken += bool(line.strip())
            continue
        row = columns.name(cells)
        if _is_wanted(row, postcodes, professions):
            _keep(people, row)
    return Extraction(list(people.values()), read, broken)


@dataclass(frozen=True, slots=True)
class Columns:
    places: dict[str, int]
    width: int

    def name(self, cells: Sequence[str]) -> dict[str, str]:
        return {name: cells[place].strip() for name, place in self.places.items()}


def _find_columns(header: str) -> Columns:
    headers = [_normalise(name) for name in header.removeprefix("\ufeff").rstrip("\r\n").split(SEPARATOR)]
    places = dict(_find_places(headers))
    if missing := [PRINTED[name] for name in NAMES if name not in places and name not in OPTIONAL]:
        message = f"Colonnes absentes de l’extraction : {', '.join(missing)}."
        raise DomainError(message, code="column_missing", fields={"file": [message]})
    return Columns(places, len(headers))


def _find_places(headers: Sequence[str]) -> Iterator[tuple[str, int]]:
    for name, spellings in NAMES.items():
        for spelling in spellings:
            if spelling in headers:
                yield name, headers.index(spelling)
                break


def _normalise(header: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(header)).strip()


def _is_wanted(row: dict[str, str], postcodes: Sequence[str], professions: Sequence[str]) -> bool:
    near = not postcodes or any(row["postcode"].startswith(postcode) for postcode in postcodes)
    return near and (not professions or row["profession"] in professions)


def _keep(people: dict[str, Practitioner], row: dict[str, str]) -> None:
    national = row["national"] or row["kind"] + row["identifier"]
    person = people.get(national)
    if person is None:
        if len(people) == PEOPLE_MAX:
            message = f"Plus de {PEOPLE_MAX} personnes : choisissez un code postal ou une profession."
            raise DomainError(message, code="too_many_people", fields={"file": [message]})
        rpps = row["identifier"] if row["kind"] == RPPS_KIND else ""
        person = people[national] = Practitioner(
            national, rpps, row["last_name"], row["first_name"], row["profession"], row["profession_label"]
        )
    site = row.get("sign") or row.get("company", "")
    activity = Activity(row.get("mode", ""), site, row["postcode"], row.get("town", ""))
    if activity not in person.activities:
        person.activities.append(activity)
