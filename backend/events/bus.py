"""How news travels upwards: domain code publishes, rooms above listen.

A *transactional* handler runs there and then, in the publisher's transaction: what it writes stands or falls with what
happened. An *after commit* handler is best effort (broadcasts): nothing that must happen may depend on it.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

from backend.events.types import Event

type Handler[E: Event] = Callable[[E], None]

_transactional: dict[type[Event], list[Handler[Any]]] = defaultdict(list)
_after_commit: dict[type[Event], list[Handler[Any]]] = defaultdict(list)


def listen[E: Event](*kinds: type[E], after_commit: bool = False) -> Callable[[Handler[E]], Handler[E]]:
    """Decorate a handler of these kinds of events; import its module in ``AppConfig.ready``."""

    def register(handler: Handler[E]) -> Handler[E]:
        for kind in kinds:
            (_after_commit if after_commit else _transactional)[kind].append(handler)
        return handler

    return register


def publish(event: Event) -> None:
    """Tell every listener; call it inside the transaction of what happened."""
    for handler in _transactional[type(event)]:
        handler(event)
    for handler in _after_commit[type(event)]:
        transaction.on_commit(partial(handler, event), robust=True)
