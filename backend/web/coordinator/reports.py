"""« Bilans »: the figures of a network over some days, on a page and as files."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from backend.common.errors import NotFoundError
from backend.common.pdf import PDF_TYPE
from backend.common.spreadsheets import CSV_TYPE, SHEET_TYPE
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.reports.domain.figures import Figures, Report, Row, read_report
from backend.reports.domain.files import report_csv, report_pdf, report_workbook
from backend.reports.domain.periods import Days, days_since_beginning, quarter_before, quarter_of, today_in, year_of
from backend.reports.domain.sessions import forecast_file, forecast_of
from backend.reports.domain.words import COLUMNS, STAGE_WORDS, tell_days, tell_stages
from backend.reports.enums import Dimension
from backend.web.shared.access import PersonRequest, page_of, reading
from backend.web.shared.availability_forms import DayField

FILE_TYPES = {"xlsx": SHEET_TYPE, "csv": CSV_TYPE, "pdf": PDF_TYPE}
FORMS = {"xlsx": "XLSX", "csv": "CSV", "pdf": "PDF"}
ALL_NETWORKS = "tous"
ROWS_PER_PAGE = 40
# Classes of the picture, from what was received to what was withdrawn.
STAGE_KINDS = ("3", "2", "1", "none", "0")


class PeriodForm(forms.Form):
    """All in the address; days that make no sense leave the whole."""

    du = DayField(label="Du", required=False)
    au = DayField(label="Au", required=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for: whose figures, and over which days."""

    networks: list[Network]
    wanted: str
    days: Days
    form: PeriodForm

    @property
    def title(self) -> str:
        return self.networks[0].name if len(self.networks) == 1 else "tous vos réseaux"

    @property
    def query(self) -> str:
        return urlencode({"reseau": self.wanted, "du": self.days.first.isoformat(), "au": self.days.last.isoformat()})

    def read(self) -> Report:
        return read_report(dict.fromkeys(self.networks, self.days))


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar, in hundredths of it."""

    kind: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table, and its picture."""

    name: str
    cells: list[str]
    words: str
    segments: list[Segment]


@reading
def show_reports(request: PersonRequest) -> HttpResponse:
    coordinated = networks_with_role(request.user, Role.COORDINATOR)
    choice = choose(coordinated, request.GET)
    report = choice.read()
    dimension = _dimension(request.GET.get("par", ""))
    page = page_of(request, report.tables[dimension], ROWS_PER_PAGE)
    context = {
        "choice": choice,
        "period": tell_days(choice.days),
        "networks": network_tabs(coordinated, every=True),
        "shortcuts": _shortcuts(choice),
        "report": report,
        "columns": [column.header for column in COLUMNS],
        "whole": _draw_line(Row("Ensemble", report.whole)),
        "page": page,
        "lines": [_draw_line(row) for row in page.object_list],
        "dimension": dimension,
        "dimensions": Dimension.choices,
        "key": list(zip(STAGE_KINDS, STAGE_WORDS, strict=True)),
        "forms": FORMS.items(),
    }
    return render(request, "reports/page.html", context)


@reading
def download_report(request: PersonRequest, form: str) -> HttpResponse:
    choice = choose(networks_with_role(request.user, Role.COORDINATOR), request.GET)
    known_form(form)
    report, name = choice.read(), f"bilan-{choice.days.first}-{choice.days.last}"
    match form:
        case "pdf":
            return send_file(report_pdf(report, choice.title, choice.days), name, form)
        case "xlsx":
            return send_file(report_workbook(report, choice.title, choice.days), name, form)
    return send_file(report_csv(report), name, form)


@reading
def show_forecast(request: PersonRequest) -> HttpResponse:
    coordinated = networks_with_role(request.user, Role.COORDINATOR)
    network = choose_one(coordinated, request.GET.get("reseau", ""))
    sessions = forecast_of(network)
    page = page_of(request, sessions, ROWS_PER_PAGE)
    context = {
        "network": network,
        "networks": network_tabs(coordinated),
        "page": page,
        "total": len(sessions),
        "minutes": sum(session.minutes for session in sessions),
        "forms": FORMS.items(),
    }
    return render(request, "reports/forecast.html", context)


@reading
def download_forecast(request: PersonRequest, form: str) -> HttpResponse:
    network = choose_one(networks_with_role(request.user, Role.COORDINATOR), request.GET.get("reseau", ""))
    known_form(form)
    return send_file(forecast_file(network, form), f"previsions-{today_in(network)}", form)


def choose(coordinated: list[Network], query: QueryDict) -> Choice:
    """The network and the days that the address names; the first network, since its beginning, when it names none."""
    wanted = query.get("reseau", "")
    networks = coordinated if wanted == ALL_NETWORKS else [choose_one(coordinated, wanted)]
    beginning = [days_since_beginning(network) for network in networks]
    whole = Days(min(days.first for days in beginning), max(days.last for days in beginning))
    form = PeriodForm(query)
    given = form.cleaned_data if form.is_valid() else {}
    days = Days(given.get("du") or whole.first, given.get("au") or whole.last)
    if days.last < days.first:
        days = whole
    shown = PeriodForm({"du": days.first, "au": days.last})
    return Choice(networks, wanted or networks[0].slug, days, shown)


def choose_one(coordinated: list[Network], slug: str) -> Network:
    """The network that the address names, else the first by name; another's is not found."""
    found = [network for network in coordinated if not slug or network.slug == slug]
    if not found:
        raise NotFoundError
    return found[0]


def network_tabs(coordinated: list[Network], *, every: bool = False) -> list[tuple[str, str]]:
    """Nothing for whoever coordinates one network."""
    if len(coordinated) < 2:
        return []
    tabs = [(network.slug, network.name) for network in coordinated]
    return [*tabs, (ALL_NETWORKS, "Tous")] if every else tabs


def known_form(form: str) -> None:
    if form not in FILE_TYPES:
        raise NotFoundError


def send_file(content: bytes | str, name: str, form: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return HttpResponse(content, content_type=FILE_TYPES[form], headers=headers)


def _dimension(wanted: str) -> Dimension:
    return Dimension(wanted) if wanted in Dimension.values else Dimension.PROFESSION


@dataclass(frozen=True, slots=True)
class Shortcut:
    words: str
    address: str
    current: bool


def _shortcuts(choice: Choice) -> Iterator[Shortcut]:
    today = today_in(choice.networks[0])
    periods: list[tuple[str, Days | None]] = [
        ("Depuis le début", None),
        ("Ce trimestre", quarter_of(today)),
        ("Trimestre précédent", quarter_before(today)),
        ("Cette année", year_of(today)),
    ]
    for words, days in periods:
        query = {"reseau": choice.wanted}
        if days is not None:
            query |= {"du": _iso(days.first), "au": _iso(days.last)}
        yield Shortcut(words, f"{reverse('reports')}?{urlencode(query)}", days == choice.days)


def _iso(day: dt.date) -> str:
    return day.isoformat()


def _draw_line(row: Row) -> Line:
    return Line(
        row.name,
        [column.words(row.figures) for column in COLUMNS],
        tell_stages(row.figures),
        list(_segments(row.figures)),
    )


def _segments(figures: Figures) -> Iterator[Segment]:
    start = 0
    for kind, total in zip(STAGE_KINDS, figures.stages, strict=True):
        if total:
            yield Segment(kind, f"{100 * start / figures.asked:.2f}", f"{100 * total / figures.asked:.2f}")
        start += total
