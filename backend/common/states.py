"""Tables of allowed moves between states."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from backend.common.errors import ForbiddenMoveError

type MoveTable = Mapping[str, AbstractSet[str]]


def check_move(table: MoveTable, source: str, target: str) -> None:
    """Raise ``ForbiddenMoveError`` unless ``table`` lets ``target`` follow ``source``."""
    if target not in table.get(source, frozenset()):
        raise ForbiddenMoveError(
            "Cette action n’est plus possible : la situation a changé entre-temps.",
            code=f"not_from_{source}",
        )
