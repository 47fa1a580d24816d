"""Printed pages: PDF/UA-1 in one look, with fonts of ours.

A page is made of blocks of plain words, which reach the typesetter as data: nothing that somebody typed is ever read as
markup, and nothing on this machine is named in the file. ``print/document.typ`` says how each block looks.
"""

import io
import json
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import segno
import typst

from backend.common.clock import now

PDF_TYPE = "application/pdf"
FOLDER = Path(__file__).parent / "print"
FONTS = tuple(sorted(FOLDER.glob("*.ttf")))
# What a name may hold that no letter of our font shows.
REPLACEMENT = "?"
SPACES = frozenset("\t\n\r\v\f\u2028\u2029")
BLANKS = {"Zs", "Zl", "Zp"}


class Block:
    """Something on a page; ``kind`` is its name in ``document.typ``."""

    kind: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Heading(Block):
    kind: ClassVar[str] = "heading"
    words: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph(Block):
    kind: ClassVar[str] = "paragraph"
    words: str
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Note(Block):
    """What nobody should overlook."""

    kind: ClassVar[str] = "note"
    words: str


@dataclass(frozen=True, slots=True)
class Facts(Block):
    """A name and a value a line."""

    kind: ClassVar[str] = "facts"
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Figures(Block):
    """Big figures side by side: what each counts, then the figure."""

    kind: ClassVar[str] = "figures"
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table(Block):
    """Its headers come back on every page. ``numeric`` names the columns that hold figures, from 0."""

    kind: ClassVar[str] = "table"
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    numeric: Sequence[int] = ()
    # Shares of the width; by default figures take what they need and words share the rest.
    widths: Sequence[float] = ()
    # Room for a signature in every line.
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Code(Block):
    """A QR code of an address, with some lines beside it."""

    kind: ClassVar[str] = "code"
    address: str
    alternative: str
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Signatures(Block):
    """Boxes to sign in."""

    kind: ClassVar[str] = "signatures"
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Break(Block):
    """What follows begins a page."""

    kind: ClassVar[str] = "break"


@dataclass(frozen=True, slots=True)
class Document:
    """``author`` is who makes the page, most often a network; ``wide`` lays it on its side."""

    title: str
    blocks: Sequence[Block]
    lead: str = ""
    author: str = "Tandem"
    footer: str = ""
    wide: bool = False
    # Of the letters, in points.
    size: float = 10.5


def write_pdf(document: Document) -> bytes:
    """Typeset a page; a few milliseconds for one sheet, tagged so that it can be read aloud."""
    content = {
        "title": document.title,
        "lead": document.lead,
        "author": document.author,
        "footer": document.footer or document.author,
        "wide": document.wide,
        "size": document.size,
        "blocks": [_describe(block) for block in document.blocks],
    }
    return typst.compile(
        str(FOLDER / "document.typ"),
        root=str(FOLDER),
        font_paths=_fonts(),
        format="pdf",
        pdf_standards=["ua-1"],
        sys_inputs={"document": json.dumps(_printable(content))},
        timestamp=int(now().timestamp()),
    )


def printable(text: str) -> str:
    """The text in characters that our font shows, without controls, on one line."""
    return "".join(_draw(unicodedata.normalize("NFC", text)))


def _draw(text: str) -> Iterator[str]:
    for sign in text:
        if sign in SPACES:
            yield " "
        elif ord(sign) in _characters():
            yield sign
        elif unicodedata.category(sign) in BLANKS:
            yield " "
        elif unicodedata.category(sign)[0] != "C":
            base = unicodedata.normalize("NFKD", sign)
            kept = "".join(part for part in base if ord(part) in _characters())
            yield kept or REPLACEMENT


def _describe(block: Block) -> dict[str, object]:
    described = {"kind": block.kind, **asdict(block)}  # type: ignore[call-overload]  # every block is a dataclass
    if isinstance(block, Code):
        described["drawing"] = draw_code(block.address)
    return described


def draw_code(address: str) -> str:
    """A QR code as SVG, with the quiet border that readers want."""
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawing, kind="svg", xmldecl=False, border=4, light="#fff")
    return drawing.getvalue().decode()


def _printable(value: object, key: str = "") -> object:
    """Every text of a description made printable, but for the drawing, which is ours."""
    match value:
        case str() if key != "drawing":
            return printable(value)
        case dict():
            return {name: _printable(part, name) for name, part in value.items()}
        case list() | tuple():
            return [_printable(part) for part in value]
    return value


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FOLDER)])


@cache
def _characters() -> frozenset[int]:
    """What all our fonts can show: PDF/UA forbids a character that has no drawing."""
    return frozenset.intersection(*(frozenset(_read_characters(path.read_bytes())) for path in FONTS))


def _read_characters(font: bytes) -> Iterator[int]:
    """Characters of a font, from format 4 of its ``cmap`` (OpenType 1.9)."""
    tables = (struct.unpack_from(">4sLLL", font, 12 + 16 * rank) for rank in range(_short(font, 4)))
    cmap = next(offset for tag, _, offset, _ in tables if tag == b"cmap")
    encodings = (
        cmap + struct.unpack_from(">L", font, cmap + 8 + 8 * rank)[0] for rank in range(_short(font, cmap + 2))
    )
    table = next(offset for offset in encodings if _short(font, offset) == 4)
    segments = _short(font, table + 6) // 2
    ends, starts = table + 14, table + 16 + 2 * segments
    for rank in range(segments):
        yield from range(_short(font, starts + 2 * rank), _short(font, ends + 2 * rank) + 1)


def _short(font: bytes, offset: int) -> int:
    number: int = struct.unpack_from(">H", font, offset)[0]
    return number
