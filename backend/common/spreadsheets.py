"""Tables as files for a spreadsheet, which must run nothing of what somebody typed.

A spreadsheet takes a text that begins with ``= + - @``, a tabulation, a line end or a NUL for a formula, or skips such
signs and then finds one. Every text cell passes by ``defuse``; in a workbook it is also typed as text.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

type Value = str | int | float | Decimal | dt.date | dt.datetime | None

# Spreadsheets read UTF-8 as such only behind this mark.
MARK = "\ufeff"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
# The wide forms of = + - @ that Asian keyboards type are formulas too.
WIDE_STARTS = ("\uff1d", "\uff0b", "\uff0d", "\uff20")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", *WIDE_STARTS)
# What XML cannot hold: controls but for tabulation and line ends, half characters, non-characters.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
TITLE_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
TITLE_LENGTH_MAX = 31
CELL_LENGTH_MAX = 32_767
WIDTH_MIN, WIDTH_MAX = 10, 60
BOLD = Font(bold=True)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with one line of headers. Instants are written on the clocks of the zone they come in."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Value]]


def defuse(text: str) -> str:
    """The text without what cannot be printed, behind an apostrophe where a spreadsheet would run it."""
    printable = UNPRINTABLE.sub("", text)
    return f"'{printable}" if printable.startswith(FORMULA_STARTS) else printable


def write_csv(headers: Iterable[str], rows: Iterable[Sequence[Value]]) -> str:
    """As French spreadsheets open it at once: semicolons, decimal commas, UTF-8 behind its mark."""
    stream = io.StringIO(newline="")
    stream.write(MARK)
    writer = csv.writer(stream, delimiter=";")
    writer.writerow([defuse(header) for header in headers])
    writer.writerows([_as_text(value) for value in row] for row in rows)
    return stream.getvalue()


def write_workbook(sheets: Iterable[Sheet]) -> bytes:
    """An XLSX file, its headers bold and kept in sight."""
    workbook, stream = Workbook(write_only=True), io.BytesIO()
    for sheet in sheets:
        page = workbook.create_sheet(_title(sheet.title))
        page.freeze_panes = "A2"
        for number, width in enumerate(_widths(sheet), start=1):
            page.column_dimensions[get_column_letter(number)].width = width
        page.append([_text_cell(page, header, bold=True) for header in sheet.headers])
        for row in sheet.rows:
            page.append([_cell(page, value) for value in row])
    workbook.save(stream)
    return stream.getvalue()


def _as_text(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return defuse(value)
        case dt.datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case dt.date():
            return f"{value:%d/%m/%Y}"
        case Decimal() | float():
            return f"{value:f}".replace(".", ",")
    return str(value)


def _cell(page: object, value: Value) -> object:
    match value:
        case str():
            return _text_cell(page, value)
        case dt.datetime():
            # A workbook knows no zones.
            return _dated_cell(page, value.replace(tzinfo=None), "dd/mm/yyyy hh:mm")
        case dt.date():
            return _dated_cell(page, value, "dd/mm/yyyy")
    return value


def _text_cell(page: object, text: str, *, bold: bool = False) -> WriteOnlyCell:
    text = defuse(text)[:CELL_LENGTH_MAX]
    cell = WriteOnlyCell(page, text or None)
    if text:
        # Otherwise « #N/A » would be an error.
        cell.data_type = "s"
    if bold:
        cell.font = BOLD
    return cell


def _dated_cell(page: object, value: dt.date, number_format: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value)
    cell.number_format = number_format
    return cell


def _title(title: str) -> str:
    return TITLE_FORBIDDEN.sub(" ", UNPRINTABLE.sub("", title)).strip("' ")[:TITLE_LENGTH_MAX] or "Feuille"


def _widths(sheet: Sheet) -> Iterator[int]:
    for number, header in enumerate(sheet.headers):
        longest = max((len(_as_text(row[number])) for row in sheet.rows), default=0)
        yield min(max(longest, len(header), WIDTH_MIN) + 2, WIDTH_MAX)
