"""« Mes points »: balances, the statement with its filters and export, hours received, attestations."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render

from backend.accounts.models import Person
from backend.common.spreadsheets import CSV_TYPE, SHEET_TYPE, Sheet, Value, write_csv, write_workbook
from backend.credits.domain.statements import Filter, statement_of
from backend.credits.enums import CertificateRole, EntryKind
from backend.credits.models import Certificate, Entry
from backend.networks.models import Network
from backend.referentials.enums import Area
from backend.tutoring.models import Session
from backend.web.shared.access import PersonRequest, page_of, reading
from backend.web.shared.availability_forms import DayField
from backend.web.shared.files import download

type Minutes = dict[tuple[int, str, str], int]

SESSION_SOURCE = "session:"
ROLE_OF_KIND = {EntryKind.TUTORING: CertificateRole.TUTOR, EntryKind.LEARNING: CertificateRole.LEARNER}
HEADERS = ("Jour", "Réseau", "Écriture", "Domaine", "Minutes", "Points", "Motif", "Provenance")
EXPORTS = {"xlsx", "csv"}


@dataclass(frozen=True, slots=True)
class Balance:
    """Points and hours given in one network."""

    network: Network
    points: Decimal
    minutes_given: int


@dataclass(frozen=True, slots=True)
class Line:
    """An entry and the session it comes from, unless it is a correction."""

    entry: Entry
    session: Session | None

    @property
    def minutes(self) -> int:
        """Without its sign, which a page writes itself."""
        return abs(self.entry.minutes)


class StatementForm(forms.Form):
    """What of the statement to show; a filter that makes no sense filters nothing."""

    reseau = forms.ChoiceField(label="Réseau", required=False)
    role = forms.ChoiceField(
        label="Quoi",
        required=False,
        choices=[
            ("", "Tout"),
            (CertificateRole.TUTOR, "Ce que j’ai donné"),
            (CertificateRole.LEARNER, "Ce que j’ai reçu"),
        ],
    )
    du = DayField(label="Du", required=False)
    au = DayField(label="Au", required=False)

    def __init__(self, data: Any, networks: Iterable[Network]) -> None:
        super().__init__(data)
        self.networks = {network.slug: network for network in networks}
        names = [(slug, network.name) for slug, network in self.networks.items()]
        self.fields["reseau"].choices = [("", "Tous"), *names]  # type: ignore[attr-defined]  # a choice field

    @property
    def wanted(self) -> Filter:
        self.is_valid()
        data = self.cleaned_data
        network = self.networks.get(data.get("reseau") or "")
        return Filter(network, data.get("role") or "", data.get("du"), data.get("au"))


@reading
def show_points(request: PersonRequest) -> HttpResponse:
    entries = Entry.objects.filter(account__person=request.user)
    minutes = net_minutes(entries)
    balances = _balances(request.user, entries, minutes)
    form = StatementForm(request.GET, [balance.network for balance in balances])
    statement = statement_of(request.user, form.wanted)
    if request.GET.get("format") in EXPORTS:
        return _export(statement, request.GET["format"])
    page = page_of(request, statement)
    received = {area: sum_minutes(minutes, kind=EntryKind.LEARNING, area=area) for area in Area.values}
    context = {
        "page": page,
        "lines": lines_of(page.object_list),
        "balances": balances,
        "form": form,
        "is_filtered": form.wanted != Filter(),
        "received": [(Area(area).label, total) for area, total in received.items() if total],
        "received_total": sum(received.values()),
        "certificates": _certificates(request.user),
    }
    return render(request, "points/page.html", context)


def _export(statement: QuerySet[Entry], file_format: str) -> HttpResponse:
    rows: list[list[Value]] = [
        [
            entry.day,
            entry.network.name,
            str(entry.get_kind_display()),
            str(entry.get_area_display()),
            entry.minutes,
            entry.points,
            entry.reason,
            entry.source,
        ]
        for entry in statement
    ]
    if file_format == "csv":
        return download(write_csv(HEADERS, rows), "mes-points.csv", CSV_TYPE)
    return download(write_workbook([Sheet("Mes points", HEADERS, rows)]), "mes-points.xlsx", SHEET_TYPE)


def net_minutes(entries: QuerySet[Entry]) -> Minutes:
    """Minutes per network, kind and area, less what was corrected: a correction bears the side of what it reverses."""
    rows = entries.order_by().values_list("network", "role", "area").annotate(total=Sum("minutes"))
    kinds = {role.value: kind.value for kind, role in ROLE_OF_KIND.items()}
    return {(network, kinds[role], area): total for network, role, area, total in rows}


def sum_minutes(minutes: Minutes, *, kind: str, network: int | None = None, area: str | None = None) -> int:
    """Minutes of one kind, in one network or all, in one area or all."""
    return sum(
        total
        for (its_network, its_kind, its_area), total in minutes.items()
        if its_kind == kind and network in {None, its_network} and area in {None, its_area}
    )


def _balances(person: Person, entries: QuerySet[Entry], minutes: Minutes) -> list[Balance]:
    """One per network where the person is, or has ever earned."""
    member = Q(pk__in=person.memberships.filter(left_at=None).values("network"))
    networks = Network.objects.filter(member | Q(pk__in=entries.order_by().values("network")))
    points = dict(entries.order_by().values_list("network").annotate(total=Sum("points")))
    return [
        Balance(
            network,
            points.get(network.pk, Decimal(0)),
            sum_minutes(minutes, kind=EntryKind.TUTORING, network=network.pk),
        )
        for network in networks
    ]


def lines_of(entries: Iterable[Entry]) -> list[Line]:
    """Entries with the session each comes from; one query."""
    rows = list(entries)
    keys = {session_key(entry) for entry in rows}
    sessions = Session.objects.filter(pk__in=[key for key in keys if key]).select_related("notion").in_bulk()
    return [Line(entry, sessions.get(session_key(entry) or 0)) for entry in rows]


def session_key(entry: Entry) -> int | None:
    """Primary key of the session an entry comes from."""
    key = entry.source.removeprefix(SESSION_SOURCE)
    return int(key) if key != entry.source and key.isdecimal() else None


def _certificates(person: Person) -> QuerySet[Certificate]:
    return Certificate.objects.filter(account__person=person).select_related("network").order_by("-period_end", "-pk")
