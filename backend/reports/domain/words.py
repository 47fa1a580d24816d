"""How figures are told: the columns that a page, a sheet and a printed page share."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from backend.common.formats import NBSP, format_count, format_date, format_minutes, format_number
from backend.common.spreadsheets import Value
from backend.reports.domain.figures import Figures
from backend.reports.domain.periods import Days

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """A measure: its header, the value for a sheet, the words for a page."""

    header: str
    value: Callable[[Figures], Value]
    words: Callable[[Figures], str]


def _number(header: str, read: Callable[[Figures], int]) -> Column:
    return Column(header, read, lambda figures: format_number(read(figures)))


def hours_of(minutes: int) -> Decimal:
    """Hours with two decimals, for a sheet to add up."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


def tell_percent(figures: Figures) -> str:
    share = figures.served_percent
    return NOTHING if share is None else f"{share}{NBSP}%"


def tell_delay(figures: Figures) -> str:
    return NOTHING if figures.median_days is None else format_count(figures.median_days, "jour")


COLUMNS = (
    _number("Demandes", lambda figures: figures.asked),
    _number("Avec une proposition", lambda figures: figures.proposed),
    _number("Séance confirmée", lambda figures: figures.confirmed),
    _number("Aide reçue", lambda figures: figures.held),
    _number("Retirées", lambda figures: figures.withdrawn),
    Column("Part servie (%)", lambda figures: figures.served_percent, tell_percent),
    Column("Délai médian (jours)", lambda figures: figures.median_days, tell_delay),
    Column("Heures reçues", lambda figures: hours_of(figures.minutes), lambda figures: format_minutes(figures.minutes)),
    _number("Absences", lambda figures: figures.absences),
    _number("Présences décidées par la coordination", lambda figures: figures.decided),
)
STAGE_WORDS = ("aide reçue", "séance confirmée", "séance proposée", "sans proposition", "retirée")


def tell_stages(figures: Figures) -> str:
    """« aide reçue : 3 ; retirée : 1 »."""
    told = [f"{words}{NBSP}: {total}" for words, total in zip(STAGE_WORDS, figures.stages, strict=True) if total]
    return " ; ".join(told) or "aucune demande"


def tell_days(days: Days) -> str:
    """« du 1er juillet 2026 au 30 septembre 2026 »."""
    return f"du {format_date(days.first)} au {format_date(days.last)}"
