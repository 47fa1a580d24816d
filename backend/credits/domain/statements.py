"""What the ledger says of a period: lines of one person, totals of a network, what another rule would have given."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet, Sum

from backend.accounts.models import Person
from backend.credits.domain.crediting import month_of
from backend.credits.domain.ledger import correction_source
from backend.credits.domain.scales import Rule, cap_points, points_for
from backend.credits.enums import CertificateRole, EntryKind
from backend.credits.models import Entry
from backend.networks.models import Network


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines of a statement; what is empty leaves nothing out. Both days are included."""

    network: Network | None = None
    role: str = ""
    first: dt.date | None = None
    last: dt.date | None = None


def statement_of(person: Person, wanted: Filter) -> QuerySet[Entry]:
    """Entries of a person, the newest day first."""
    entries = Entry.objects.filter(account__person=person)
    if wanted.network is not None:
        entries = entries.filter(network=wanted.network)
    if wanted.role:
        entries = entries.filter(role=wanted.role)
    if wanted.first is not None:
        entries = entries.filter(day__gte=wanted.first)
    if wanted.last is not None:
        entries = entries.filter(day__lte=wanted.last)
    return entries.select_related("network").order_by("-day", "-pk")


@dataclass(frozen=True, slots=True)
class Total:
    """Points and minutes of somebody over a period, corrections taken off; no person once they are erased."""

    person: int | None
    name: str
    points: Decimal
    minutes_given: int
    minutes_received: int


def totals_of(network: Network, first: dt.date, last: dt.date) -> list[Total]:
    """One line a person who gave or received, by name; one query."""
    entries = Entry.objects.filter(network=network, day__gte=first, day__lte=last).order_by()
    columns = ("account", "account__person", "account__person__first_name", "account__person__last_name", "role")
    rows = entries.values_list(*columns).annotate(points=Sum("points"), minutes=Sum("minutes"))
    found: dict[int, Total] = {}
    names: dict[int, str] = {}
    for account, person, first_name, last_name, role, points, minutes in rows:
        before = found.get(account, Total(person, "", Decimal(0), 0, 0))
        gave = minutes if role == CertificateRole.TUTOR else 0
        name = f"{first_name} {last_name}".strip() if person else "Compte effacé"
        names[account] = f"{last_name} {first_name}"
        found[account] = Total(
            person,
            name,
            before.points + points,
            before.minutes_given + gave,
            before.minutes_received + minutes - gave,
        )
    kept = [key for key, total in found.items() if total.points or total.minutes_given or total.minutes_received]
    return [found[key] for key in sorted(kept, key=lambda key: (names[key], key))]


@dataclass(frozen=True, slots=True)
class Effect:
    """Points of one tutor in a month: as they stand, and as another rule would have made them."""

    person: int | None
    name: str
    stands: Decimal
    would_be: Decimal

    @property
    def change(self) -> Decimal:
        return self.would_be - self.stands


def preview_rule(network: Network, rule: Rule, month: dt.date) -> list[Effect]:
    """What a rule would have given in the month of a day, tutor by tutor. Nothing is written. Three queries."""
    first, last = month_of(month)
    rows = _standing_entries(network, first, last)
    learners: dict[str, int] = defaultdict(int)
    for entry in rows:
        learners[entry.source] += entry.role == CertificateRole.LEARNER
    stands: dict[int, Decimal] = defaultdict(Decimal)
    would_be: dict[int, Decimal] = defaultdict(Decimal)
    for entry in rows:
        if entry.role == CertificateRole.TUTOR:
            points = points_for(rule, minutes=entry.minutes, present=max(learners[entry.source], 1))
            stands[entry.account_id] += entry.points
            would_be[entry.account_id] += cap_points(rule, points, earned=would_be[entry.account_id])
    people = {entry.account_id: entry.account.person for entry in rows}
    effects = [
        Effect(person.pk if person else None, person.name if person else "Compte effacé", stands[key], would_be[key])
        for key, person in people.items()
        if key in stands
    ]
    return sorted(effects, key=lambda effect: (effect.name, effect.person or 0))


def _standing_entries(network: Network, first: dt.date, last: dt.date) -> Sequence[Entry]:
    """Entries that no correction took away, in the order of the ledger."""
    entries = Entry.objects.filter(network=network, day__gte=first, day__lte=last).select_related("account__person")
    rows = list(entries.order_by("sequence"))
    undone = {entry.source for entry in rows if entry.kind == EntryKind.CORRECTION and _stands(entry, rows)}
    return [entry for entry in rows if entry.kind != EntryKind.CORRECTION and correction_source(entry.pk) not in undone]


def _stands(correction: Entry, rows: Sequence[Entry]) -> bool:
    """Whether a correction was not corrected in turn, and that one, and so on."""
    over = next((row for row in rows if row.source == correction_source(correction.pk)), None)
    return over is None or not _stands(over, rows)
