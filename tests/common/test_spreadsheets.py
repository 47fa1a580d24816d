"""Spreadsheet-safe exports: ``= + - @ TAB CR NUL`` first in any text column runs nothing."""

import csv
import datetime as dt
import io
import zoneinfo
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from backend.common.spreadsheets import MARK, Sheet, defuse, write_csv, write_workbook

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\uff1d", "\uff0b", "\uff0d", "\uff20")
STARTS = st.sampled_from(DANGEROUS)
# Any text, and often one that begins with one or more of the dangerous signs.
TEXTS = st.one_of(
    st.text(), st.builds(lambda signs, rest: "".join(signs) + rest, st.lists(STARTS, min_size=1), st.text())
)
PARIS = zoneinfo.ZoneInfo("Europe/Paris")


def read_csv(text: str) -> list[list[str]]:
    assert text.startswith(MARK)
    return list(csv.reader(io.StringIO(text.removeprefix(MARK), newline=""), delimiter=";"))


def read_workbook(data: bytes) -> list[Worksheet]:
    return list(load_workbook(io.BytesIO(data)).worksheets)


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), max_size=5), headers=st.tuples(TEXTS, TEXTS))
def test_no_text_of_a_csv_begins_as_a_formula(rows: list[tuple[str, str]], headers: tuple[str, str]) -> None:
    read = read_csv(write_csv(headers, rows))
    assert len(read) == len(rows) + 1
    for line in read:
        assert len(line) == 2
        assert not any(cell.startswith(DANGEROUS) for cell in line)


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), max_size=3), headers=st.tuples(TEXTS, TEXTS), title=TEXTS)
def test_no_text_of_a_workbook_is_a_formula(rows: list[tuple[str, str]], headers: tuple[str, str], title: str) -> None:
    [sheet] = read_workbook(write_workbook([Sheet(title, headers, rows)]))
    for cell in (cell for row in sheet.iter_rows() for cell in row):
        assert cell.data_type in {"s", "n"}  # a number only where the text was empty
        assert cell.value is None or not str(cell.value).startswith(DANGEROUS)


@pytest.mark.parametrize("sign", DANGEROUS)
def test_each_dangerous_sign_is_put_behind_an_apostrophe(sign: str) -> None:
    shown = defuse(f"{sign}=1+1")
    assert shown == ("'=1+1" if sign == "\x00" else f"'{sign}=1+1")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z", "P", "S"])))
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert defuse(text) == text


def test_numbers_days_and_instants_keep_their_kind() -> None:
    instant = dt.datetime(2026, 12, 3, 11, 30, tzinfo=dt.UTC).astimezone(PARIS)
    row = ("Nour", -3, Decimal("7.50"), dt.date(2026, 12, 3), instant, None)
    headers = ("Nom", "Écart", "Heures", "Jour", "Début", "Rien")
    assert read_csv(write_csv(headers, [row]))[1] == ["Nour", "-3", "7,50", "03/12/2026", "03/12/2026 12:30", ""]
    [sheet] = read_workbook(write_workbook([Sheet("Séances", headers, [row])]))
    cells = [cell.value for cell in list(sheet.iter_rows())[1]]
    midnight = dt.datetime(2026, 12, 3)  # noqa: DTZ001 (a workbook knows no zones)
    assert cells == ["Nour", -3, 7.5, midnight, dt.datetime(2026, 12, 3, 12, 30), None]  # noqa: DTZ001


def test_a_workbook_has_its_sheets_in_order_with_headers_in_sight() -> None:
    sheets = read_workbook(write_workbook([Sheet("Par lieu [1/2]", ["a"], []), Sheet("x" * 40, ["b"], [["c"]])]))
    assert [sheet.title for sheet in sheets] == ["Par lieu  1 2", "x" * 31]
    assert {sheet.freeze_panes for sheet in sheets} == {"A2"}
    assert sheets[1]["A1"].font.bold
