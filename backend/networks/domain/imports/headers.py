"""Which column of a file is which: by its header, however it is written, in any order."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backend.common.errors import DomainError
from backend.common.folding import fold
from backend.networks.domain.imports.lines import LABELS, REQUIRED, Column, Line

LINES_MAX = 10_000
COLUMNS_MAX = 60

NAMES = {
    Column.LAST_NAME: "nom, nom d usage, nom de famille, nom d exercice",
    Column.FIRST_NAME: "prenom, prenom d exercice, prenoms",
    Column.EMAIL: "courriel, email, e mail, mail, adresse electronique, adresse email, adresse e mail, adresse mail, "
    "adresse courriel",
    Column.PROFESSION: "profession, metier",
    Column.SPECIALTY: "specialite",
    Column.PRACTICE_MODE: "mode d exercice, mode exercice, exercice",
    Column.SITE: "site, lieu, lieu d exercice, lieu de travail, etablissement, structure",
    Column.SITE_KIND: "type d etablissement, type etablissement, type de site, type de structure, type de lieu",
    Column.RPPS: "rpps, numero rpps, n rpps, no rpps",
    Column.ROLES: "role, roles, role s",
    Column.ATTACHMENT: "rattachement, lien avec la cpts, lien",
}
COLUMN_OF = {name.strip(): column for column, names in NAMES.items() for name in names.split(",")}


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines of a file, and the headers that nobody here knows."""

    lines: list[Line]
    ignored: list[str]


def name_header(text: str) -> str:
    """« N° RPPS », « Mode d’exercice », « Rôle(s) » as ``n rpps``, ``mode d exercice``, ``role s``."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(text)).split())


def count_known(headers: Iterable[str]) -> int:
    return sum(name_header(header) in COLUMN_OF for header in headers)


def read_rows(rows: Iterator[Sequence[str]]) -> Reading:
    """The first row that is not empty names the columns. Raises ``DomainError`` with what the file lacks."""
    numbered = ((number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row))
    _, headers = next(numbered, (0, ()))
    columns = _name_columns(headers)
    lines: list[Line] = []
    for number, row in numbered:
        if len(lines) == LINES_MAX:
            refuse_file(f"Ce fichier a plus de {LINES_MAX} lignes. Coupez-le en plusieurs.", "too_many_lines")
        lines.append(Line(number, _name_cells(columns, row)))
    if not lines:
        refuse_file("Ce fichier n’a aucune ligne sous ses en-têtes.", "empty_file")
    ignored = [header.strip() for header, column in zip(headers, columns, strict=True) if column is None]
    return Reading(lines, [header for header in ignored if header])


def _name_columns(headers: Sequence[str]) -> list[Column | None]:
    if len(headers) > COLUMNS_MAX:
        refuse_file(f"Ce fichier a plus de {COLUMNS_MAX} colonnes.", "too_many_columns")
    columns = [COLUMN_OF.get(name_header(header)) for header in headers]
    found = [column for column in columns if column is not None]
    if missing := [LABELS[column] for column in REQUIRED if column not in found]:
        refuse_file(f"Colonnes absentes : {', '.join(missing)}. Partez du modèle.", "column_missing")
    if twice := sorted({LABELS[column] for column in found if found.count(column) > 1}):
        refuse_file(f"Colonnes présentes deux fois : {', '.join(twice)}.", "column_twice")
    return columns


def _name_cells(columns: Sequence[Column | None], row: Sequence[str]) -> dict[str, str]:
    """Cells by column, empty ones left out."""
    values = {column.value: cell for column, cell in zip(columns, row, strict=False) if column and cell.strip()}
    rest = " ".join(cell for cell in row[len(columns) :] if cell.strip())
    return values | ({Column.REST.value: rest} if rest else {})


def refuse_file(message: str, code: str) -> None:
    raise DomainError(message, code=code, fields={"file": [message]})
