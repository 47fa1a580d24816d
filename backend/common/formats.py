"""How Tandem writes days, times, hours and points in French. Times never break over two lines."""

import datetime as dt
from decimal import Decimal

from backend.common.clock import now

NBSP = "\N{NO-BREAK SPACE}"
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SHORT_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
SHORT_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


def format_day_number(day: dt.date) -> str:
    """``1er`` or ``2`` … ``31``."""
    return "1er" if day.day == 1 else str(day.day)


def format_day(day: dt.date) -> str:
    """« jeudi 3 décembre », with the year when it is not the current one."""
    return _with_year(f"{DAYS[day.weekday()]} {format_day_number(day)}{NBSP}{MONTHS[day.month - 1]}", day)


def format_short_day(day: dt.date) -> str:
    """« jeu. 3 déc. », for tables."""
    text = f"{SHORT_DAYS[day.weekday()]} {format_day_number(day)} {SHORT_MONTHS[day.month - 1]}"
    return _with_year(text.replace(" ", NBSP), day)


def format_date(day: dt.date) -> str:
    """« 3 décembre 2026 », for documents."""
    return f"{format_day_number(day)} {MONTHS[day.month - 1]} {day.year}".replace(" ", NBSP)


def format_edition(printed: str) -> str:
    """« juin 2023 » for ``2023-06``, « 2022 » for ``2022``: as much as the source prints."""
    year, _, month = printed.partition("-")
    return f"{MONTHS[int(month) - 1]}{NBSP}{year}" if month else year


def format_time(instant: dt.datetime, zone: dt.tzinfo) -> str:
    """« 12 h 30 » on the clocks of ``zone``."""
    local = instant.astimezone(zone)
    return f"{local.hour}{NBSP}h{NBSP}{local.minute:02}"


def format_instant(instant: dt.datetime, zone: dt.tzinfo) -> str:
    """« jeudi 3 décembre, 12 h 30 »."""
    return f"{format_day(instant.astimezone(zone).date())}, {format_time(instant, zone)}"


def format_short_instant(instant: dt.datetime, zone: dt.tzinfo) -> str:
    """« jeu. 3 déc., 12 h 30 », for tables."""
    return f"{format_short_day(instant.astimezone(zone).date())}, {format_time(instant, zone)}"


def format_times(start: dt.datetime, end: dt.datetime, zone: dt.tzinfo) -> str:
    """« 12 h 30 – 13 h 15 »."""
    return f"{format_time(start, zone)}{NBSP}–{NBSP}{format_time(end, zone)}"


def format_span(start: dt.datetime, end: dt.datetime, zone: dt.tzinfo) -> str:
    """« jeudi 3 décembre, 12 h 30 – 13 h 15 »."""
    return f"{format_day(start.astimezone(zone).date())}, {format_times(start, end, zone)}"


def format_minutes(minutes: int) -> str:
    """« 45 min », « 1 h », « 1 h 30 », « 0 h »."""
    hours, rest = divmod(minutes, 60)
    if rest and not hours:
        return f"{rest}{NBSP}min"
    return f"{format_number(hours)}{NBSP}h{NBSP}{rest:02}" if rest else f"{format_number(hours)}{NBSP}h"


def format_number(value: Decimal | int) -> str:
    """French figures: « 1 250,5 », without useless zeros."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,d}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    whole = whole.replace(",", NBSP).replace("-", "−")
    return f"{whole},{decimals}" if decimals else whole


def format_count(value: Decimal | int, singular: str, plural: str = "") -> str:
    """« 1 demande », « 2 demandes »: in French the plural starts at 2."""
    return f"{format_number(value)}{NBSP}{singular if -2 < value < 2 else plural or singular + 's'}"


def format_points(points: Decimal | int) -> str:
    """« 12 points CPTS », « 1 point CPTS », « 12,5 points CPTS »."""
    return f"{format_count(points, 'point')}{NBSP}CPTS"


def _with_year(text: str, day: dt.date) -> str:
    return text if day.year == now().year else f"{text}{NBSP}{day.year}"
