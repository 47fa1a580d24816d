"""The words of the protocol: what a client may send, parsed, and what it is sent. ``docs/asyncapi.yaml`` says the same.

Nothing here knows a database or a socket.
"""

import json
import re
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FRAME_BYTES_MAX = 64 * 1024
REF_LENGTH_MAX = 100
# Beyond this no row of ours is numbered; databases refuse larger ones.
NUMBER_MAX = 2**31 - 1
TOPIC = re.compile(r"(conversation|campaign):([1-9][0-9]{0,17})", re.ASCII)


class Code(StrEnum):
    """Why a frame was refused."""

    BAD_FRAME = "bad_frame"
    NOT_FOUND = "not_found"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    TOO_FAST = "too_fast"
    TOO_MANY_TOPICS = "too_many_topics"
    TOO_MANY_SOCKETS = "too_many_sockets"
    PATIENT_NUMBER = "patient_number"
    CLOSED = "closed"


class Closing(StrEnum):
    """Why the server ends a socket."""

    SIGNED_OUT = "signed_out"
    TOO_MANY_SOCKETS = "too_many_sockets"
    FAILURE = "failure"


CLOSE_CODES = {Closing.SIGNED_OUT: 4401, Closing.TOO_MANY_SOCKETS: 4429, Closing.FAILURE: 1011}

MESSAGES = {
    Code.BAD_FRAME: "Ce message n’a pas la forme attendue.",
    Code.NOT_FOUND: "Cette conversation n’existe pas, ou ne vous concerne pas.",
    Code.TOO_LARGE: "Cet envoi est trop volumineux : 64 ko au plus.",
    Code.TOO_FAST: "Vous allez trop vite : attendez quelques secondes.",
    Code.TOO_MANY_TOPICS: "Trop de conversations sont ouvertes ici : 20 au plus.",
    Code.TOO_MANY_SOCKETS: "Tandem est ouvert dans trop de fenêtres : 5 au plus.",
}


class FrameError(Exception):
    """A frame that is refused; ``ref`` is the client's, when it could be read."""

    def __init__(self, code: str, message: str = "", ref: str | None = None) -> None:
        self.code, self.ref = code, ref
        self.message = message or MESSAGES[Code(code)]
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Topic:
    """What one may listen to: a conversation or a campaign by its number, or ``me``, whose number is the person's."""

    kind: str
    number: int

    def __str__(self) -> str:
        return "me" if self.kind == "me" else f"{self.kind}:{self.number}"

    @property
    def key(self) -> str:
        """As ``str``, but different for each person's ``me``."""
        return f"{self.kind}:{self.number}"


@dataclass(frozen=True, slots=True)
class Request:
    """A frame of a client: fields that its ``type`` does not use keep what they are here."""

    type: str
    ref: str
    topic: str = ""
    after: int = 0
    number: int = 0
    client_id: uuid.UUID | None = None
    body: str = ""
    confirmed: bool = False


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    # A boolean is an integer for Python, not for JSON.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= NUMBER_MAX:
        raise TypeError
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _client_id(value: Any) -> uuid.UUID:
    return uuid.UUID(_text(value))


READERS = {
    "topic": _text,
    "after": _number,
    "number": _number,
    "client_id": _client_id,
    "body": _text,
    "confirmed": _flag,
}
# What each type must have, and what it may have besides; fields that are not named here are ignored.
REQUIRED: dict[str, tuple[str, ...]] = {
    "subscribe": ("topic",),
    "unsubscribe": ("topic",),
    "send": ("topic", "client_id", "body"),
    "read": ("topic", "number"),
    "typing": ("topic",),
    "ping": (),
}
OPTIONAL: dict[str, tuple[str, ...]] = {"subscribe": ("after",), "send": ("confirmed",)}


def parse_request(text: str | None) -> Request:
    """The request that a text frame holds; raises ``FrameError``. ``None`` is a frame that was not text."""
    if text is None:
        raise FrameError(Code.BAD_FRAME)
    if len(text) > FRAME_BYTES_MAX or len(text.encode("utf-8", "surrogatepass")) > FRAME_BYTES_MAX:
        raise FrameError(Code.TOO_LARGE)
    fields = _read_json(text)
    ref = _read_ref(fields)
    kind = fields.get("type")
    if not isinstance(kind, str) or kind not in REQUIRED:
        raise FrameError(Code.BAD_FRAME, ref=ref)
    try:
        read: dict[str, Any] = {name: READERS[name](fields[name]) for name in REQUIRED[kind]}
        read |= {name: READERS[name](fields[name]) for name in OPTIONAL.get(kind, ()) if name in fields}
    except (KeyError, TypeError, ValueError):
        raise FrameError(Code.BAD_FRAME, ref=ref) from None
    return Request(type=kind, ref=ref, **read)


def _read_json(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise FrameError(Code.BAD_FRAME) from None
    if not isinstance(fields, dict):
        raise FrameError(Code.BAD_FRAME)
    return fields


def _read_ref(fields: dict[str, Any]) -> str:
    ref = fields.get("ref")
    if not isinstance(ref, str) or len(ref) > REF_LENGTH_MAX or not _is_whole(ref):
        raise FrameError(Code.BAD_FRAME)
    return ref


def _is_whole(text: str) -> bool:
    """Whether a text can be sent back: JSON may hold halves of signs, which UTF-8 cannot."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def parse_topic(text: str, person_id: int, ref: str | None = None) -> Topic:
    """The topic that a person means; raises ``FrameError``: what is no topic is as absent as what is not theirs."""
    if text == "me":
        return Topic("me", person_id)
    if found := TOPIC.fullmatch(text):
        return Topic(found[1], int(found[2]))
    raise FrameError(Code.NOT_FOUND, ref=ref)


def write_frame(kind: str, /, **fields: Any) -> str:
    return json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))
