"""Files that people send: how they are written, and what is refused before any line is looked at."""

import io
import struct
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from backend.common.errors import DomainError
from backend.networks.domain.imports import reading
from backend.networks.domain.imports.headers import LINES_MAX, count_known
from backend.networks.domain.imports.lines import LABELS, Column
from backend.networks.domain.imports.reading import SIZE_MAX, read_file
from backend.networks.domain.imports.sheets import write_template

ROWS = (("Nom", "Prénom", "Courriel"), ("Fictive", "Nour", "nour@ici.example"))
FICTIVE = {"last_name": "Fictive", "first_name": "Nour", "email": "nour@ici.example"}


def workbook_of(rows: Sequence[Sequence[object]]) -> bytes:
    workbook, stream = Workbook(), io.BytesIO()
    for row in rows:
        workbook.active.append(row)
    workbook.save(stream)
    return stream.getvalue()


def refusal_of(data: bytes) -> str:
    with pytest.raises(DomainError) as refusal:
        read_file(data)
    assert list(refusal.value.fields) == ["file"]
    return refusal.value.code


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_in_every_usual_dress(separator: str, encoding: str, end: str) -> None:
    text = end.join(separator.join(f'"{cell}"' for cell in row) for row in ROWS) + end
    [line] = read_file(text.encode(encoding)).lines
    assert (line.number, line.values) == (2, FICTIVE)


def test_quotes_keep_separators_line_ends_and_quotes() -> None:
    [line] = read_file('nom;prénom;courriel;site\nF;N;f@n.example;"Cabinet ""A"" ; 1er\nétage"\n'.encode()).lines
    assert line.values["site"] == 'Cabinet "A" ; 1er\nétage'


def test_columns_come_in_any_order_and_unknown_ones_are_told() -> None:
    text = "sep=;\n\nCOURRIEL ; Téléphone ;N° RPPS;PRENOM;Rôle(s);Nom d’usage;Mode d'exercice\na;b;c;d;e;f;g\n"
    read = read_file(text.encode())
    assert read.ignored == ["Téléphone"]
    assert [(line.number, line.values) for line in read.lines] == [
        (
            3,
            {
                "email": "a",
                "rpps": "c",
                "first_name": "d",
                "roles": "e",
                "last_name": "f",
                "practice_mode": "g",
            },
        )
    ]


def test_too_many_cells_are_kept_to_be_told() -> None:
    [line] = read_file(b"nom;prenom;courriel\nA;B;c@d.example;de trop\n").lines
    assert line.values[Column.REST] == "de trop"


def test_the_model_names_every_column_and_can_be_read() -> None:
    text = write_template()
    assert count_known(text.splitlines()[0].split(";")) == len(LABELS)
    assert len(read_file(text.encode()).lines) == 1


def test_a_workbook_gives_values_and_formulas_as_written() -> None:
    rows = [("Nom", "Prénom", "Courriel", "RPPS"), ("Fictive", None, "=A1&B1", 10003456786.0), (None,), ("Autre", 12)]
    assert [(line.number, line.values) for line in read_file(workbook_of(rows)).lines] == [
        (2, {"last_name": "Fictive", "email": "=A1&B1", "rpps": "10003456786"}),
        (4, {"last_name": "Autre", "first_name": "12"}),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "column_missing"),
        (b"\n\n", "column_missing"),
        ("nom;prénom\nA;B\n".encode(), "column_missing"),
        (b"nom;prenom;courriel;mail\nA;B;C;D\n", "column_twice"),
        (b"nom;prenom;courriel\n", "empty_file"),
        (b'nom;prenom;courriel\nA;"B;c@d.example\n', "csv_broken"),
        (b"nom;prenom;courriel\nA;\x00;c\n", "not_a_list"),
        (b"\x81\x8d" * 10, "not_a_list"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_list"),
        (b"\xff\xfeab\x00", "not_a_list"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "file_encrypted"),
        (b"PK\x03\x04" + bytes(100), "workbook_broken"),
        (b"x" * (SIZE_MAX + 1), "file_too_large"),
        (b"nom;prenom;courriel;" + b";" * 60 + b"\nA\n", "too_many_columns"),
        (b"nom;prenom;courriel\n" + b"A;B;C\n" * (LINES_MAX + 1), "too_many_lines"),
    ],
)
def test_what_is_no_list_is_refused(data: bytes, code: str) -> None:
    assert refusal_of(data) == code


def test_a_zip_of_something_else_is_no_workbook() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("bonjour.txt", "bonjour")
    assert refusal_of(stream.getvalue()) == "workbook_broken"


def test_a_bomb_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(reading.UNPACKED_MAX + 1))
    assert len(stream.getvalue()) < SIZE_MAX
    assert refusal_of(stream.getvalue()) == "workbook_too_large"
    monkeypatch.setattr(reading, "UNPACKED_MAX", 2 * reading.UNPACKED_MAX)
    assert refusal_of(stream.getvalue()) == "workbook_broken", "the guard, and nothing else, had refused it"


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    data = bytearray(workbook_of(ROWS))
    entry = data.rindex(b"xl/worksheets/sheet1.xml") - 46  # its line in the archive's directory
    struct.pack_into("<I", data, entry + 24, 1)  # said to be one byte long
    assert refusal_of(bytes(data)) == "workbook_broken"


def test_an_encrypted_archive_is_refused() -> None:
    data = bytearray(workbook_of(ROWS))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal_of(bytes(data)) == "file_encrypted"


def test_rows_far_away_are_refused() -> None:
    """A sheet may claim any row number: what lies between is counted, not believed."""
    packed, stream = zipfile.ZipFile(io.BytesIO(workbook_of(ROWS))), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in packed.infolist():
            content = packed.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b'<row r="2"', b'<row r="99999999"').replace(b'2" t=', b'99999999" t=')
            archive.writestr(part.filename, content)
    assert refusal_of(stream.getvalue()) == "too_many_lines"


def outcome_of(data: bytes) -> str:
    try:
        return "lines" if read_file(data).lines else "nothing"
    except DomainError as refusal:
        return ", ".join(refusal.fields)


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"nom;prenom;courriel\n", b"\xff\xfe"]))
def test_whatever_the_bytes_the_answer_is_lines_or_a_refusal(data: bytes, start: bytes) -> None:
    assert outcome_of(start + data) in {"lines", "file"}
