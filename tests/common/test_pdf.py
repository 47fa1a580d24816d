"""Printed pages: what somebody typed stays words, every page is tagged, and nothing of this machine is in it."""

import datetime as dt
import sys
from pathlib import Path

import pytest

from backend.common.clock import told_at
from backend.common.pdf import (
    Break,
    Code,
    Document,
    Facts,
    Figures,
    Heading,
    Note,
    Paragraph,
    Signatures,
    Table,
    printable,
    write_pdf,
)
from tests.support.printed import read_code, read_facts, read_tags, read_text

ADDRESS = "https://tandem.example/verifier/7K2M-90QX-3RTV-ABCD/"
HOSTILE = (
    '#panic("non")',
    "*gras* _penché_ `code` $x^2$",
    "<label> @reference // commentaire /* autre */",
    '#read("/etc/passwd") #include "x" #eval("1")',
    "\\ ] [ } { ~ -- --- = titre",
    '"; #set page(fill: red)',
)


def make_page(*words: str) -> bytes:
    return write_pdf(Document("Essai", [Paragraph(line) for line in words]))


def test_every_block_is_read_back_in_order(tmp_path: Path) -> None:
    blocks = [
        Facts([("Personne", "Élise Fictive")]),
        Figures([("heures", "12 h 30")]),
        Heading("Séances"),
        Table(["Jour", "Durée"], [["3 décembre", "45 min"]], caption="Tenues", numeric=[1]),
        Note("Ni certificat, ni DPC."),
        Code(ADDRESS, "Code vers la page de vérification", ["Numéro 7K2M"]),
        Signatures(["Signature"]),
        Break(),
        Paragraph("Fin", soft=True),
    ]
    pdf = write_pdf(Document("Attestation", blocks, lead="En tête", author="CPTS d’ici", footer="Pied"))
    text = read_text(pdf, tmp_path)
    wanted = ["Attestation", "En tête", "Personne", "Élise Fictive", "12 h 30", "Séances", "Tenues", "Jour", "45 min"]
    wanted += ["Ni certificat, ni DPC.", "Numéro 7K2M", "Signature", "Pied", "Page 1 sur 2", "Fin", "Page 2 sur 2"]
    places = [text.find(words) for words in wanted]
    assert -1 not in places
    assert places == sorted(places)
    assert read_code(pdf, tmp_path) == ADDRESS


def test_pages_are_tagged_titled_and_in_french(tmp_path: Path) -> None:
    pdf = write_pdf(Document("Attestation", [Heading("Séances"), Table(["Jour"], [["jeudi"]])], author="CPTS d’ici"))
    facts = read_facts(pdf, tmp_path)
    assert (facts["Title"], facts["Author"], facts["Tagged"]) == ("Attestation", "CPTS d’ici", "yes")
    assert {"Document", "H1", "Table", "TH", "TD"} <= set(read_tags(pdf, tmp_path))
    assert b"pdfuaid:part>1<" in pdf
    assert b"/Lang(fr-FR)" in pdf


def test_headers_come_back_on_every_page(tmp_path: Path) -> None:
    pdf = write_pdf(Document("Liste", [Table(["Colonne"], [[f"ligne {rank}"] for rank in range(120)])]))
    assert int(read_facts(pdf, tmp_path)["Pages"]) > 1
    assert read_text(pdf, tmp_path).count("Colonne") == int(read_facts(pdf, tmp_path)["Pages"])


@pytest.mark.parametrize("words", HOSTILE)
def test_what_is_typed_is_never_markup(words: str, tmp_path: Path) -> None:
    blocks = [
        Paragraph(words),
        Table([words], [[words]], caption=words),
        Facts([(words, words)]),
        Figures([(words, words)]),
        Code(ADDRESS, words, [words]),
    ]
    pdf = write_pdf(Document(words, blocks, lead=words, author=words))
    # In the title, lead, paragraph, caption, header, cell, fact (2), figure (2), beside the code, footer.
    assert read_text(pdf, tmp_path).count(words) == 12


def test_any_character_makes_a_page(tmp_path: Path) -> None:
    """PDF/UA refuses what its font cannot draw: no name may stop a certificate."""
    everything = "".join(chr(code) for code in range(0x20, 0x3000)) + "漢字 😀 \ue000 \ufffe \ud800 \U0010ffff \x00"
    assert "AZ" in read_text(make_page(everything, "AZ"), tmp_path)


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("Łucja Şahin-Œuvrard", "Łucja Şahin-Œuvrard"),
        ("e\u0301te\u0301", "été"),
        ("12\u00a0h\u202f30", "12\u00a0h 30"),
        ("une\nligne\tet\u2028une autre", "une ligne et une autre"),
        ("caché\u200b \u202eici", "caché ici"),
        ("漢", "?"),
        ("ﬁn", "fin"),
    ],
)
def test_names_are_drawn_as_near_as_the_font_can(typed: str, drawn: str) -> None:
    assert printable(typed) == drawn


def test_nothing_of_this_machine_is_in_the_file() -> None:
    pdf = make_page("Bonjour")
    places = {str(Path(__file__).parents[2]), str(Path.home()), sys.prefix, "site-packages", "document.typ"}
    assert [place for place in places if place.encode() in pdf] == []


def test_a_page_says_when_it_was_made_by_our_clock() -> None:
    instant = dt.datetime(2026, 3, 4, 5, 6, tzinfo=dt.UTC)
    with told_at(instant):
        first, second = make_page("Bonjour"), make_page("Bonjour")
    assert first == second
    assert b"2026-03-04T05:06" in first
