"""Lists that people fill in: the model, and people of the directory whose address is to be found."""

import csv
import io
from collections.abc import Iterable, Sequence

from backend.networks.domain.imports.checking import FORMULA_STARTS
from backend.networks.domain.imports.lines import EVERY_LABEL, LABELS, Column, Fate, Verdict

# Spreadsheets read UTF-8 as such only behind this mark.
MARK = "\ufeff"
EXAMPLE = {
    Column.LAST_NAME: "Exemple",
    Column.FIRST_NAME: "Camille",
    Column.EMAIL: "camille.exemple@cpts.example",
    Column.PROFESSION: "Infirmier ou infirmière",
    Column.PRACTICE_MODE: "Libéral",
    Column.SITE: "Cabinet du Port",
    Column.SITE_KIND: "Cabinet",
    Column.ROLES: "personne aidée, tutorat",
    Column.ATTACHMENT: "membre",
}


def write_template() -> str:
    """The headers, and one line of an invented person."""
    return _write(LABELS.values(), [[EXAMPLE.get(column, "") for column in LABELS]])


def write_candidates(verdicts: Iterable[Verdict]) -> str:
    """The lines that lack an address, with the place that the directory tells, to complete and import."""
    columns = [*LABELS, Column.PLACE]
    rows = [
        [_defuse(verdict.line.values.get(column, "")) for column in columns]
        for verdict in verdicts
        if verdict.fate == Fate.CANDIDATE
    ]
    return _write([EVERY_LABEL[column] for column in columns], rows)


def _defuse(text: str) -> str:
    """A spreadsheet shows what begins with an apostrophe, and runs nothing."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _write(headers: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    stream = io.StringIO(newline="")
    stream.write(MARK)
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(headers)
    writer.writerows(rows)
    return stream.getvalue()
