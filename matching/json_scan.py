"""A look at the bytes of a file before a parser builds anything from them: depth and counts, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from matching.errors import Flaw

MOST_BYTES = 64 * 2**20
MOST_DEPTH = 32
MOST_CONTAINERS = 6 * 10**6
MOST_COMMAS = 3 * 10**7

_CHUNK = 2**20
_QUOTE, _BACKSLASH = ord('"'), ord("\\")


@dataclass(slots=True)
class _State:
    """What carries over from one chunk to the next."""

    in_string: bool = False
    escaped: bool = False
    depth: int = 0
    deepest: int = 0
    containers: int = 0
    commas: int = 0
    flaws: list[Flaw] = field(default_factory=list)


def find_scan_flaws(data: bytes) -> Iterator[Flaw]:
    """Refuse what would cost too much to parse."""
    if len(data) > MOST_BYTES:
        yield Flaw("$", f"{len(data)} bytes, at most {MOST_BYTES}")
        return
    state = _State()
    raw = np.frombuffer(data, dtype=np.uint8)
    for first in range(0, len(raw), _CHUNK):
        _scan_chunk(raw[first : first + _CHUNK], state)
        if state.deepest > MOST_DEPTH:
            yield Flaw("$", f"nested more than {MOST_DEPTH} deep")
            return
        if state.containers > MOST_CONTAINERS or state.commas > MOST_COMMAS:
            yield Flaw("$", f"more than {MOST_CONTAINERS} lists and objects or {MOST_COMMAS} items")
            return


def _scan_chunk(chunk: np.ndarray, state: _State) -> None:
    quotes = chunk == _QUOTE
    _drop_escaped(chunk, quotes, state)
    inside = np.logical_xor.accumulate(quotes)
    if state.in_string:
        inside = ~inside
    state.in_string = bool(inside[-1])
    plain = chunk[~inside]
    opens = (plain == ord("[")) | (plain == ord("{"))
    closes = (plain == ord("]")) | (plain == ord("}"))
    depth = state.depth + np.cumsum(opens.astype(np.int32) - closes.astype(np.int32))
    if len(depth):
        state.deepest = max(state.deepest, int(depth.max()))
        state.depth = int(depth[-1])
    state.containers += int(opens.sum())
    state.commas += int((plain == ord(",")).sum())


def _drop_escaped(chunk: np.ndarray, quotes: np.ndarray, state: _State) -> None:
    """A quote after an odd run of backslashes does not end its string."""
    if state.escaped:
        quotes[0] = False
    slashes = chunk == _BACKSLASH
    if not slashes.any():
        state.escaped = False
        return
    position = np.arange(len(chunk))
    last_other = np.maximum.accumulate(np.where(slashes, -1, position))
    run = np.where(slashes, position - last_other, 0)
    if state.escaped and slashes[0]:
        run[: int(np.argmin(slashes)) if not slashes.all() else len(slashes)] -= 1
    odd = run % 2 == 1
    quotes[1:] &= ~odd[:-1]
    state.escaped = bool(odd[-1])
