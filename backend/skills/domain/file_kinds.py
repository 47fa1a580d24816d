"""What an uploaded file is, by its content alone: neither its name nor what the browser says of it counts.

A file is read far enough to know that it is one whole document of its kind, and refused otherwise. A PDF must also be
open to anybody (no password) and quiet: nothing in it runs, starts or carries another file.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from backend.common.errors import DomainError

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
EXTENSIONS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
UNKNOWN = "Ce fichier n’est ni un PDF, ni une image JPEG ou PNG : joignez une photo ou un PDF de votre certificat."
DAMAGED = "Ce fichier est abîmé ou incomplet : enregistrez-le à nouveau, ou prenez le certificat en photo."
ENCRYPTED = "Ce PDF est protégé par un mot de passe : joignez-en une copie sans protection, ou une photo."
ACTIVE = "Ce PDF contient un programme ou un autre fichier : imprimez-le en PDF, ou prenez le certificat en photo."
IMAGE_SIDE_MAX = 20_000
# What a PDF may unfold to while it is searched: enough for any certificate, too little for a bomb.
UNFOLDED_MAX = 20 * 1024 * 1024

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SEGMENTS_MAX = 2000
JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_SCAN = b"\xff\xda"
# « /JS » alone is too short to be looked for among compressed bytes; it never comes without « /JavaScript ».
PDF_ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE)(?=[\s/<>\[\]()%]|$)"
)
PDF_ENCRYPTED = re.compile(rb"/Encrypt(?=[\s/<>\[\]()%]|$)")
# How far before a stream its description may begin.
PDF_HEAD_MAX = 4096
PDF_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


def recognise(content: bytes) -> str:
    """The media type of ``content``; raises ``DomainError`` with what to do instead."""
    for beginning, check, media_type in KINDS:
        if content.startswith(beginning):
            check(content)
            return media_type
    raise DomainError(UNKNOWN, code="file_kind")


def _check_png(content: bytes) -> None:
    """Chunks with right sums from the header to the end, and nothing after it."""
    names: list[bytes] = []
    position = len(PNG_SIGNATURE)
    while position + 12 <= len(content) and len(names) < SEGMENTS_MAX:
        length = int.from_bytes(content[position : position + 4])
        chunk = content[position + 4 : position + 8 + length]
        sum_at = position + 8 + length
        if int.from_bytes(content[sum_at : sum_at + 4]) != zlib.crc32(chunk) or len(chunk) != length + 4:
            break
        if not names:
            _check_sides(*struct.unpack(">II", chunk[4:12].ljust(8, b"\0")))
        names.append(chunk[:4])
        position = sum_at + 4
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or b"IDAT" not in names or position != len(content):
        raise DomainError(DAMAGED, code="file_damaged")


def _check_jpeg(content: bytes) -> None:
    """Segments up to the scan, one of which says how large the image is, then the end mark."""
    position, framed = 2, False
    for _ in range(SEGMENTS_MAX):
        marker, length = content[position : position + 2], content[position + 2 : position + 4]
        if marker[:1] != b"\xff" or len(length) < 2 or marker == JPEG_SCAN:
            break
        if marker[1] in JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9].ljust(4, b"\0"))
            _check_sides(width, height)
            framed = True
        position += 2 + int.from_bytes(length)
    if not framed or content[position : position + 2] != JPEG_SCAN or b"\xff\xd9" not in content[-1024:]:
        raise DomainError(DAMAGED, code="file_damaged")


def _check_sides(width: int, height: int) -> None:
    if not (0 < width <= IMAGE_SIDE_MAX and 0 < height <= IMAGE_SIDE_MAX):
        raise DomainError(DAMAGED, code="file_damaged")


def _check_pdf(content: bytes) -> None:
    end = content[-1024:]
    if b"%%EOF" not in end or b"startxref" not in content[-4096:] or b"/Root" not in content:
        raise DomainError(DAMAGED, code="file_damaged")
    for part in _readable_parts(content):
        for text in (part, _without_escapes(part)):
            if PDF_ENCRYPTED.search(text):
                raise DomainError(ENCRYPTED, code="file_encrypted")
            if PDF_ACTIVE.search(text):
                raise DomainError(ACTIVE, code="file_active")


def _readable_parts(content: bytes) -> Iterator[bytes]:
    """The whole file, then what its streams of objects unfold to; each byte is looked at once."""
    yield content
    room, position = UNFOLDED_MAX, 0
    while (start := content.find(b"stream", position)) >= 0:
        head = _without_escapes(content[max(position, start - PDF_HEAD_MAX) : start])
        position = start + len(b"stream")
        # Those of other kinds hold images, fonts and drawings.
        if b"ObjStm" in head:
            end = content.find(b"endstream", position)
            unfolded = _unfold(content[position : end if end >= 0 else None].lstrip(b"\r\n"), room)
            position = max(position, end)
            room -= len(unfolded)
            yield unfolded


def _without_escapes(text: bytes) -> bytes:
    """With the names that PDF lets write « /J#61vaScript » in plain."""
    return PDF_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), text)


def _unfold(body: bytes, room: int) -> bytes:
    try:
        unfolded = zlib.decompressobj().decompress(body, room + 1)
    except zlib.error as error:
        raise DomainError(DAMAGED, code="file_damaged") from error
    if len(unfolded) > room:
        raise DomainError(DAMAGED, code="file_damaged")
    return unfolded


KINDS: tuple[tuple[bytes, Callable[[bytes], None], str], ...] = (
    (b"%PDF-", _check_pdf, PDF),
    (b"\xff\xd8\xff", _check_jpeg, JPEG),
    (PNG_SIGNATURE, _check_png, PNG),
)
