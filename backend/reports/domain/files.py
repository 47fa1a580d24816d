"""A report as files: one workbook with a sheet a table, one flat CSV, one printed page."""

from collections.abc import Iterator, Sequence

from backend.common.formats import format_count, format_minutes, format_number
from backend.common.pdf import Block, Document, Heading, Paragraph, Table, write_pdf
from backend.common.pdf import Figures as BigFigures
from backend.common.spreadsheets import Sheet, Value, write_csv, write_workbook
from backend.reports.domain.figures import Figures, Report, Row
from backend.reports.domain.periods import Days
from backend.reports.domain.words import COLUMNS, hours_of, tell_days, tell_delay, tell_percent
from backend.reports.enums import Dimension

HEADERS = [column.header for column in COLUMNS]
ALL_REQUESTS = "Ensemble"
# What people would look for on paper; the other tables are in the workbook.
PRINTED = (Dimension.PROFESSION, Dimension.MODE, Dimension.KIND, Dimension.SITE, Dimension.AREA)
COLUMNS_PRINTED = range(9)


def summarise(report: Report) -> list[tuple[str, Value]]:
    """Name and value of each figure of the whole."""
    whole = report.whole
    return [
        *((column.header, column.value(whole)) for column in COLUMNS),
        ("Personnes qui ont demandé", whole.people),
        ("Séances tenues", report.sessions_held),
        ("Séances où personne n’est venu", report.sessions_missed),
        ("Heures données", hours_of(report.minutes_given)),
        ("Tuteurs qui ont donné une séance", report.tutors),
        ("Lieux sans aucune demande", len(report.sites_without_request)),
    ]


def report_workbook(report: Report, title: str, days: Days) -> bytes:
    about: list[tuple[str, Value]] = [("Réseau", title), ("Premier jour", days.first), ("Dernier jour", days.last)]
    return write_workbook([
        Sheet("Ensemble", ["Mesure", "Valeur"], [*about, *summarise(report)]),
        *(Sheet(f"Par {_noun(dimension)}", [str(dimension.label), *HEADERS], _lines(report.tables[dimension]))
          for dimension in Dimension),
        Sheet("Lieux sans demande", ["Lieu", "Type"], _silent(report)),
    ])  # fmt: skip


def report_csv(report: Report) -> str:
    """One table: what a line is about, its name, its measures."""
    rows: list[Sequence[Value]] = [["Ensemble", ALL_REQUESTS, *_values(report.whole)]]
    for dimension in Dimension:
        rows += [[str(dimension.label), *line] for line in _lines(report.tables[dimension])]
    rows += [["Lieu sans demande", *line] for line in _silent(report)]
    return write_csv(["Tableau", "Ligne", *HEADERS], rows)


def report_pdf(report: Report, title: str, days: Days) -> bytes:
    return write_pdf(Document(f"Bilan de {title}", list(_print(report)), lead=tell_days(days), author=title, wide=True))


def _print(report: Report) -> Iterator[Block]:
    whole = report.whole
    yield BigFigures([
        ("Demandes", format_number(whole.asked)),
        ("Avec une proposition", format_number(whole.proposed)),
        ("Aide reçue", f"{format_number(whole.held)} ({tell_percent(whole)})"),
        ("Délai médian", tell_delay(whole)),
        ("Heures données", format_minutes(report.minutes_given)),
    ])  # fmt: skip
    yield Paragraph(
        f"{format_count(report.sessions_held, 'séance tenue', 'séances tenues')}, "
        f"{format_count(whole.absences, 'absence')}, "
        f"{format_count(whole.decided, 'présence décidée', 'présences décidées')} par la coordination, "
        f"{format_count(whole.withdrawn, 'demande retirée', 'demandes retirées')}."
    )
    for dimension in PRINTED:
        yield _printed_table(dimension, report.tables[dimension])
    if report.sites_without_request:
        yield Heading("Lieux sans aucune demande")
        yield Paragraph(", ".join(site.name for site in report.sites_without_request))


def _printed_table(dimension: Dimension, rows: Sequence[Row]) -> Table:
    columns = [COLUMNS[number] for number in COLUMNS_PRINTED]
    return Table(
        headers=[str(dimension.label), *(column.header for column in columns)],
        rows=[[row.name, *(column.words(row.figures) for column in columns)] for row in rows],
        caption=f"Par {_noun(dimension)}",
        numeric=[number + 1 for number in COLUMNS_PRINTED],
    )


def _lines(rows: Sequence[Row]) -> list[list[Value]]:
    return [[row.name, *_values(row.figures)] for row in rows]


def _values(figures: Figures) -> list[Value]:
    return [column.value(figures) for column in COLUMNS]


def _silent(report: Report) -> list[list[Value]]:
    return [[site.name, str(site.get_kind_display())] for site in report.sites_without_request]


def _noun(dimension: Dimension) -> str:
    label = str(dimension.label)
    return label[0].lower() + label[1:]
