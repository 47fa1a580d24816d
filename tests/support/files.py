"""Small whole documents of each kind, made here, and what makes them bad."""

import struct
import zlib

PDF_HEAD = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R "
PDF_TAIL = b">>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
PDF_END = b"trailer\n<< /Root 1 0 R /Size 3 %s>>\nstartxref\n9\n%%%%EOF\n"


def make_pdf(*, catalog: bytes = b"", objects: bytes = b"", trailer: bytes = b"") -> bytes:
    """A PDF whose catalogue, objects and trailer hold what is given too."""
    return PDF_HEAD + catalog + PDF_TAIL + objects + PDF_END % trailer


def make_object_stream(content: bytes, name: bytes = b"/ObjStm") -> bytes:
    """Objects that a PDF keeps compressed."""
    body = zlib.compress(content)
    head = b"3 0 obj\n<< /Type %s /Filter /FlateDecode /Length %d >>\nstream\n" % (name, len(body))
    return head + body + b"\nendstream\nendobj\n"


def make_png(*, side: int = 2) -> bytes:
    rows = zlib.compress((b"\0" + b"\xff" * 3 * side) * side)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def make_jpeg(*, width: int = 2, height: int = 2) -> bytes:
    """The segments of a JPEG; its scan says nothing."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    segments = b"\xff\xe0" + struct.pack(">H", 7) + b"JFIF\0" + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    return b"\xff\xd8" + segments + b"\xff\xda" + struct.pack(">H", 8) + b"\x01\x01\x00\x00\x3f\x00" + b"\x7f\xff\xd9"
