"""A month in an address (« 2026-11 ») and on a page (« novembre 2026 »)."""

import datetime as dt
import re
from dataclasses import dataclass

from backend.common.formats import MONTHS, NBSP
from backend.credits.domain.crediting import month_of

PATTERN = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Month:
    first: dt.date
    last: dt.date

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def words(self) -> str:
        return f"{MONTHS[self.first.month - 1]}{NBSP}{self.first.year}"

    @property
    def before(self) -> "Month":
        return Month(*month_of(self.first - dt.timedelta(days=1)))

    @property
    def after(self) -> "Month":
        return Month(*month_of(self.last + dt.timedelta(days=1)))


def read_month(text: str, today: dt.date) -> Month:
    """The month an address asks for; the one of ``today`` for anything else."""
    found = PATTERN.fullmatch(text)
    day = dt.date(int(found[1]), int(found[2]), 1) if found else today
    return Month(*month_of(day))
