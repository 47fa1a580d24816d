"""What an auditor sees of a network: quarters that are closed, in fixed tables, and the proof of the ledger."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backend.common.errors import NotFoundError
from backend.common.formats import format_date, format_minutes, format_number
from backend.credits.domain.proof import Verdict
from backend.networks.models import Network
from backend.reports.domain.periods import MONTHS_A_QUARTER, Days, quarter_of
from backend.reports.domain.quarters import access_quarter_for, closed_quarters, last_quarter_of
from backend.reports.domain.words import tell_days
from backend.reports.enums import Dimension
from backend.reports.models import QuarterReport
from backend.tutoring.domain.audit import verify_ledger
from backend.web.shared.access import PersonRequest, reading

TOO_FEW = "moins de 5"
NOT_TOLD = "non communiqué"
ORDINALS = ("1er", "2e", "3e", "4e")


@dataclass(frozen=True, slots=True)
class Audit:
    """One network on the auditor's home; ``figures`` are those of its last closed quarter."""

    network: Network
    verdict: Verdict
    title: str
    figures: list[tuple[str, str]]
    quarters: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    key: str
    title: str
    lines: list[tuple[str, list[str]]]


def list_audits(networks: Sequence[Network]) -> list[Audit]:
    return [_audit(network) for network in networks]


@reading
def show_quarter(request: PersonRequest, slug: str, year: int, number: int) -> HttpResponse:
    report = access_quarter_for(request.user, slug, _first_day(year, number))
    days = quarter_of(report.first_day)
    context = {
        "network": report.network,
        "title": name_quarter(days),
        "period": tell_days(days),
        "fixed_on": format_date(report.fixed_at.astimezone(report.network.zone).date()),
        "figures": _figures(report),
        "tables": list(_tables(report.tables)),
    }
    return render(request, "coordinator/quarter.html", context)


def name_quarter(days: Days) -> str:
    """« 3e trimestre 2026 »."""
    return f"{ORDINALS[_number(days) - 1]} trimestre {days.first.year}"


def _audit(network: Network) -> Audit:
    report = last_quarter_of(network)
    quarters = closed_quarters(network)
    return Audit(
        network,
        verify_ledger(network),
        name_quarter(quarters[0]) if quarters else "",
        _figures(report) if report else [],
        [(name_quarter(days), _address(network, days)) for days in quarters],
    )


def _figures(report: QuarterReport) -> list[tuple[str, str]]:
    """Figure and words of each total."""
    told = report.tables
    asked, proposed, held = (_tell(count) for count in told["totals"])
    hours = NOT_TOLD if told["hours"] is None else format_minutes(60 * told["hours"])
    return [
        (asked, "demandes"),
        (proposed, "avec une proposition"),
        (held, "aides reçues"),
        (_tell(told["helped"]), "personnes aidées"),
        (_tell(told["tutors"]), "tuteurs"),
        (NOT_TOLD if told["sessions"] is None else format_number(told["sessions"]), "séances tenues"),
        (hours, "données, à l’heure près"),
    ]


def _tables(told: dict[str, Any]) -> Iterator[Table]:
    # In the order of the dimensions: PostgreSQL keeps the keys of JSON in one of its own.
    for key, content in sorted(told["tables"].items(), key=lambda item: list(Dimension).index(Dimension(item[0]))):
        lines = [(name, [_tell(count) for count in counts]) for name, counts in content["lines"]]
        if content["others"]:
            lines.append(
                ("Toutes les autres lignes" if lines else "Toutes les lignes", [*map(_tell, content["others"])])
            )
        yield Table(key, str(Dimension(key).label), lines)


def _tell(count: int | None) -> str:
    return TOO_FEW if count is None else format_number(count)


def _number(days: Days) -> int:
    return (days.first.month - 1) // MONTHS_A_QUARTER + 1


def _first_day(year: int, number: int) -> dt.date:
    try:
        return dt.date(year, MONTHS_A_QUARTER * (number - 1) + 1, 1)
    except ValueError as error:
        raise NotFoundError from error


def _address(network: Network, days: Days) -> str:
    return reverse("quarter", args=[network.slug, days.first.year, _number(days)])
