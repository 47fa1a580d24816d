"""Every move of a state: checked against its table, saved, and a row left that says who, when and why."""

from typing import Any

from django.db import models

from backend.common.states import MoveTable, check_move


def record_move(
    item: models.Model,
    target: str,
    *,
    table: MoveTable,
    log: models.Manager[Any],
    author: models.Model | None,
    reason: str = "",
) -> None:
    """Move ``item.state`` to ``target``; ``log`` is the related manager of its transition rows.

    Call it inside a transaction on a row that was locked, or read, there. Raises ``ForbiddenMoveError``.
    """
    source = item.state  # type: ignore[attr-defined]  # every model with transitions has a state
    check_move(table, source, target)
    item.state = target  # type: ignore[attr-defined]
    item.save(update_fields=["state"])
    log.create(source=source, target=target, author=author, reason=reason)
