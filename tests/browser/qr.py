"""What a telephone reads in a QR code that a page draws: bytes alone, and no damage to repair."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from segno import consts

BORDER = 4
STROKES = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")
BYTES = 0b0100
MASKS: tuple[Callable[[int, int], int], ...] = (
    lambda row, column: (row + column) % 2,
    lambda row, _: row % 2,
    lambda _, column: column % 3,
    lambda row, column: (row + column) % 3,
    lambda row, column: (row // 2 + column // 3) % 2,
    lambda row, column: row * column % 2 + row * column % 3,
    lambda row, column: (row * column % 2 + row * column % 3) % 2,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2,
)
type Cells = set[tuple[int, int]]


def read_code(drawing: str) -> str:
    """The text in a drawing of versions 2 to 6: those with one small square."""
    found = re.search(r'viewBox="0 0 (\d+)', drawing)
    assert found, drawing
    size = int(found[1]) - 2 * BORDER
    dark = _dark_cells(drawing)
    format_bits = [int((8, column) in dark) for column in range(5)]
    level, mask = _number(format_bits[:2]) ^ 0b10, _number(format_bits[2:]) ^ 0b101
    bits = [int(((row, column) in dark) != (MASKS[mask](row, column) == 0)) for row, column in _data_cells(size)]
    return _text_of(_put_in_order(bits, (size - 17) // 4, level))


def _dark_cells(drawing: str) -> Cells:
    """Rows and columns of the strokes of the path."""
    path = drawing.rpartition(' d="')[2].partition('"')[0]
    dark: Cells = set()
    x = y = 0.0
    for command, first, second in STROKES.findall(path):
        if command == "h":
            dark |= {(int(y) - BORDER, int(x) - BORDER + step) for step in range(int(first))}
            x += int(first)
        elif command == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second)
    return dark


def _data_cells(size: int) -> Iterator[tuple[int, int]]:
    """Cells that hold data, in the order of its bits: up and down by pairs of columns, from the right."""
    # The upright timing line stands in no pair.
    for rank, right in enumerate((*range(size - 1, 6, -2), 5, 3, 1)):
        for row in range(size) if rank % 2 else reversed(range(size)):
            yield from ((row, column) for column in (right, right - 1) if _is_data(row, column, size))


def _is_data(row: int, column: int, size: int) -> bool:
    """Outside the three corners, the timing lines and the one small square."""
    far, centre = size - 8, size - 7
    in_corner = (row < 9 and (column < 9 or column >= far)) or (column < 9 and row >= far)
    in_square = abs(row - centre) <= 2 and abs(column - centre) <= 2
    return not in_corner and not in_square and row != 6


def _put_in_order(bits: list[int], version: int, level: int) -> list[int]:
    """The words of data, whose blocks are dealt out like cards."""
    kinds: Any = consts.ECC[version]  # annotated as an object by segno
    lengths = [kind.num_data for kind in kinds[level] for _ in range(kind.num_blocks)]
    words = iter(_number(bits[start : start + 8]) for start in range(0, len(bits), 8))
    blocks: list[list[int]] = [[] for _ in lengths]
    for rank in range(max(lengths)):
        for block, length in zip(blocks, lengths, strict=True):
            if rank < length:
                block.append(next(words))
    return [word for block in blocks for word in block]


def _text_of(words: list[int]) -> str:
    stream = [word >> place & 1 for word in words for place in range(7, -1, -1)]
    assert _number(stream[:4]) == BYTES
    count = _number(stream[4:12])
    return bytes(_number(stream[12 + 8 * rank : 20 + 8 * rank]) for rank in range(count)).decode()


def _number(bits: list[int]) -> int:
    return int("".join(map(str, bits)), 2)
