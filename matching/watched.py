"""Long calls into a solver that cannot be interrupted: the caller keeps hearing of progress and may walk away."""

import threading
from collections.abc import Callable

from matching.progress import INTERVAL


class Abandoned(Exception):  # noqa: N818 - not an error: somebody asked to stop
    """The caller was told to stop before the call came back."""


def run_watched[Answer](call: Callable[[], Answer], should_stop: Callable[[], bool]) -> Answer:
    """Run ``call`` aside and ask ``should_stop`` five times a second.

    The solver releases the interpreter while it works. A call left behind ends by its own limits; nobody reads what it
    finds.
    """
    box: list[Answer] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            box.append(call())
        except Exception as error:  # noqa: BLE001 - raised again by the caller's thread
            errors.append(error)

    thread = threading.Thread(target=work, name="matching-solver", daemon=True)
    thread.start()
    thread.join(INTERVAL)
    while thread.is_alive():
        if should_stop():
            raise Abandoned
        thread.join(INTERVAL)
    if errors:
        raise errors[0]
    return box[0]
