"""Opening what somebody sent: CSV, XLSX or an extraction of the Annuaire Santé, told apart by content."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import load_workbook

from backend.common.errors import DomainError
from backend.networks.domain.directory import is_directory, read_directory
from backend.networks.domain.imports.candidates import list_candidates
from backend.networks.domain.imports.headers import COLUMNS_MAX, Reading, count_known, read_rows, refuse_file

SIZE_MAX = 5 * 1024 * 1024
# A workbook of the size allowed holds ten times that at most; a bomb, a thousand times.
UNPACKED_MAX = 50 * 1024 * 1024
PARTS_MAX = 500
# A row may claim any number: what lies between two is walked through, so this far and no further.
SHEET_ROWS_MAX = 100_000
SEPARATORS = ";,\t"
HEADER_LENGTH_MAX = 20_000
ZIP_START, OLE_START = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF16_STARTS = (b"\xff\xfe", b"\xfe\xff")
NOT_A_WORKBOOK = "Ce fichier n’est pas un classeur XLSX lisible. Enregistrez-le de nouveau, ou exportez-le en CSV."


def read_file(data: bytes, *, postcodes: Sequence[str] = (), professions: Sequence[str] = ()) -> Reading:
    """The lines of a list. Raises ``DomainError`` (field ``file``) when the file cannot be read as one."""
    if len(data) > SIZE_MAX:
        refuse_file("Ce fichier dépasse 5 Mo. Coupez-le en plusieurs.", "file_too_large")
    if data.startswith(OLE_START):
        refuse_file(
            "Ce classeur est protégé par un mot de passe, ou d’un ancien format. Enregistrez-le en XLSX, sans mot de "
            "passe.",
            "file_encrypted",
        )
    if data.startswith(ZIP_START):
        return read_rows(_rows_of_workbook(data))
    text = _decode(data)
    if is_directory(text.partition("\n")[0]):
        extraction = read_directory(io.StringIO(text), postcodes=postcodes, professions=professions)
        return Reading(list_candidates(extraction), [])
    return _read_csv(text)


def _decode(data: bytes) -> str:
    """UTF-8, UTF-16 when its mark says so, or what Excel writes on a French Windows."""
    encodings = ("utf-16",) if data.startswith(UTF16_STARTS) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise DomainError(
        message := "Ce fichier n’est ni un CSV, ni un classeur XLSX.", code="not_a_list", fields={"file": [message]}
    )


def _read_csv(text: str) -> Reading:
    if text[:4].lower() == "sep=":  # Excel's own hint, which it counts as no row
        text = text.partition("\n")[2]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_find_separator(text), strict=True)
    try:
        return read_rows(rows)
    except csv.Error as error:
        message = f"Ligne {rows.line_num} : un guillemet n’est pas fermé, ou un texte est démesuré."
        raise DomainError(message, code="csv_broken", fields={"file": [message]}) from error


def _find_separator(text: str) -> str:
    """The one that makes the most headers that we know of the first line with words."""
    first = next((line for line in io.StringIO(text[:HEADER_LENGTH_MAX], newline=None) if line.strip()), "")
    return max(SEPARATORS, key=lambda sign: count_known(next(csv.reader([first], delimiter=sign), [])))


def _rows_of_workbook(data: bytes) -> Iterator[Sequence[str]]:
    """The rows of the first sheet; formulas are given as they are written, never worked out."""
    try:
        _check_archive(data)
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        yield from _rows_of_sheet(workbook.worksheets[0])
    except DomainError:
        raise
    # The parser lets many kinds of errors through on a broken file: all of them mean the same thing here.
    except Exception as error:
        raise DomainError(NOT_A_WORKBOOK, code="workbook_broken", fields={"file": [NOT_A_WORKBOOK]}) from error


def _check_archive(data: bytes) -> None:
    """``zipfile`` never unpacks more than the sizes that the archive declares: their sum is the bound."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
        refuse_file("Une fois ouvert, ce classeur est démesuré. Exportez la liste seule, en CSV.", "workbook_too_large")
    if any(part.flag_bits & 1 for part in parts):
        refuse_file("Ce classeur est protégé par un mot de passe.", "file_encrypted")


def _rows_of_sheet(sheet: Any) -> Iterator[Sequence[str]]:
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_col=COLUMNS_MAX + 1)):
        if number > SHEET_ROWS_MAX:
            refuse_file("Cette feuille a trop de lignes.", "too_many_lines")
        cells = [_text_of(cell.value) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _text_of(value: object) -> str:
    """Numbers of a sheet are often codes: 10003456786.0 is « 10003456786 »."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
