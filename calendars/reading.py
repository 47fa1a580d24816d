"""When somebody is busy, from a calendar that another program wrote."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from calendars.intervals import Interval
from calendars.sieve import RefusedCalendarError, sift

# The process limits its own processor time to two seconds; on a crowded machine those take longer on the wall.
WALL_SECONDS = 10
COMMAND = (sys.executable, "-m", "calendars.expansion")


def read_busy(data: bytes, *, window: Interval, zone: str, command: Sequence[str] = COMMAND) -> list[Interval]:
    """Busy moments inside ``window`` (seconds since the epoch), sorted and disjoint.

    Raises ``RefusedCalendarError`` for what is no calendar, too much of one, or takes more than two seconds of
    processor or 200 MB to expand.
    """
    question = {"source": sift(data), "window": window, "zone": zone}
    try:
        ended = subprocess.run(  # noqa: S603 (our own module, in our own interpreter)
            command,
            input=json.dumps(question).encode(),
            capture_output=True,
            check=False,
            timeout=WALL_SECONDS,
            cwd=Path(__file__).resolve().parent.parent,
            env={"PYTHONHASHSEED": "0"},
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedCalendarError("too_heavy") from error
    if ended.returncode:
        raise RefusedCalendarError("too_heavy")
    answer = json.loads(ended.stdout)
    if "refused" in answer:
        raise RefusedCalendarError(answer["refused"])
    return [(start, end) for start, end in answer["busy"]]
