"""Lists that people fill in: the model, and people of the directory whose address is to be found."""

from collections.abc import Iterable

from backend.common.spreadsheets import write_csv
from backend.networks.domain.imports.lines import EVERY_LABEL, LABELS, Column, Fate, Verdict

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
    return write_csv(LABELS.values(), [[EXAMPLE.get(column, "") for column in LABELS]])


def write_candidates(verdicts: Iterable[Verdict]) -> str:
    """The lines that lack an address, with the place that the directory tells, to complete and import."""
    columns = [*LABELS, Column.PLACE]
    rows = [
        [verdict.line.values.get(column, "") for column in columns]
        for verdict in verdicts
        if verdict.fate == Fate.CANDIDATE
    ]
    return write_csv([EVERY_LABEL[column] for column in columns], rows)
