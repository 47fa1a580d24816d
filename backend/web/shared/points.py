"""« Mes points »: balances, entries of the ledger, hours received, attestations."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render

from backend.accounts.models import Person
from backend.credits.enums import EntryKind
from backend.credits.models import Certificate, Entry
from backend.networks.models import Network
from backend.referentials.enums import Area
from backend.tutoring.models import Session
from backend.web.shared.access import PersonRequest, page_of, reading

type Minutes = dict[tuple[int, str, str], int]

SESSION_SOURCE, CORRECTION_SOURCE = "session:", "correction:"


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


@reading
def show_points(request: PersonRequest) -> HttpResponse:
    entries = Entry.objects.filter(account__person=request.user)
    page = page_of(request, entries.select_related("network").order_by("-created_at", "-pk"))
    minutes = net_minutes(entries)
    received = {area: sum_minutes(minutes, kind=EntryKind.LEARNING, area=area) for area in Area.values}
    context = {
        "page": page,
        "lines": _lines(page.object_list),
        "balances": _balances(request.user, entries, minutes),
        "received": [(Area(area).label, total) for area, total in received.items() if total],
        "received_total": sum(received.values()),
        "certificates": _certificates(request.user),
    }
    return render(request, "points/page.html", context)


def net_minutes(entries: QuerySet[Entry]) -> Minutes:
    """Minutes per network, kind and area, less what was corrected: a correction counts with what it reverses."""
    totals: Minutes = defaultdict(int)
    kept = entries.exclude(kind=EntryKind.CORRECTION).order_by()
    for network, kind, area, minutes in kept.values_list("network", "kind", "area").annotate(total=Sum("minutes")):
        totals[network, kind, area] += minutes
    for place, minutes in _corrections(entries):
        totals[place] += minutes
    return totals


def _corrections(entries: QuerySet[Entry]) -> Iterator[tuple[tuple[int, str, str], int]]:
    """Minutes of each correction, under what it corrects; a correction may itself be corrected."""
    corrections = entries.filter(kind=EntryKind.CORRECTION).order_by("pk").values_list("pk", "source", "minutes")
    rows = [(pk, int(source.removeprefix(CORRECTION_SOURCE)), minutes) for pk, source, minutes in corrections]
    corrected = Entry.objects.filter(pk__in=[target for _, target, _ in rows]).exclude(kind=EntryKind.CORRECTION)
    found = corrected.values_list("pk", "network", "kind", "area")
    places = {pk: (network, kind, area) for pk, network, kind, area in found}
    for pk, target, minutes in rows:
        if target in places:
            places[pk] = places[target]
            yield places[target], minutes


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


def _lines(entries: Iterable[Entry]) -> list[Line]:
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
