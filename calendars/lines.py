"""Content lines: whatever the text, one property is one line that nobody misreads (RFC 5545 §3.1)."""

import re
from collections.abc import Iterable

FOLD_AT = 75
# RFC 5545 §3.1 forbids control characters; the last three end a line for some readers, though not for the RFC.
BREAKS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
NOT_IN_URI = re.compile('[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff"<>\\\\^`{|}]')


def text(value: str) -> str:
    """A TEXT value (RFC 5545 §3.3.11); only its line breaks survive of what is not printed."""
    plain = CONTROLS.sub("", BREAKS.sub("\n", value))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def uri(value: str) -> str:
    """A URI value (RFC 5545 §3.3.13), without anything that RFC 3986 forbids in one."""
    return NOT_IN_URI.sub("", value)


def quoted(value: str) -> str:
    """A parameter's value between quotes, which can hold no quote itself (RFC 5545 §3.2)."""
    plain = CONTROLS.sub("", BREAKS.sub(" ", value)).replace('"', "’").replace("\t", " ")
    return f'"{plain}"'


def write(lines: Iterable[str]) -> bytes:
    """Lines as octets, each folded before its 76th without cutting a character in two."""
    return b"".join(_fold(line.encode()) for line in lines)


def _fold(line: bytes) -> bytes:
    if len(line) <= FOLD_AT:
        return line + b"\r\n"
    parts, start, room = [], 0, FOLD_AT
    while len(line) - start > room:
        end = start + room
        while line[end] & 0xC0 == 0x80:  # inside a character of several octets
            end -= 1
        parts.append(line[start:end])
        # The space that begins a folded line counts.
        start, room = end, FOLD_AT - 1
    return b"\r\n ".join([*parts, line[start:]]) + b"\r\n"
