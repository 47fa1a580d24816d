"""The proof that nothing in a ledger was changed, lost or invented; each fault names the first bad entry."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Sum

from backend.credits.domain.ledger import CHAINED, HUNDREDTH, POINTS, correction_source, hash_values
from backend.credits.enums import EntryKind
from backend.credits.models import Account, Entry, LedgerHead
from backend.networks.models import Network

CHUNK = 5000
SEQUENCE, MINUTES, PREVIOUS = (CHAINED.index(name) for name in ("sequence", "minutes", "previous_hash"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of one network's chain found; ``fault`` names the first bad entry, or is empty."""

    network: str
    entries: int
    points: Decimal
    minutes: int
    head: str
    fault: str = ""


def verify_chain(network: Network) -> Verdict:
    """Recompute every hash, in order, and compare the last with the head, and the sums with the database's own."""
    head = LedgerHead.objects.filter(network=network).first() or LedgerHead(network=network)
    rows = Entry.objects.filter(network=network).order_by("sequence").values_list(*CHAINED, "hash")
    sequence, last, points, minutes, fault = 0, "", Decimal(0), 0, ""
    for *values, its_hash in rows.iterator(chunk_size=CHUNK):
        if fault := _find_fault(values, its_hash, sequence + 1, last):
            break
        sequence, last = values[SEQUENCE], its_hash
        points += values[POINTS]
        minutes += values[MINUTES]
    if not fault and (sequence, last) != (head.sequence, head.hash):
        fault = f"the chain ends at entry {sequence}, its head says {head.sequence}"
    if not fault and (points, minutes) != _sums_of(network):
        fault = "the sums of the database are not those of its entries"
    return Verdict(network.slug, sequence, points, minutes, head.hash, fault)


def _find_fault(values: Sequence[Any], its_hash: str, sequence: int, previous_hash: str) -> str:
    if values[SEQUENCE] != sequence:
        return f"entry {values[SEQUENCE]}: entry {sequence} is missing"
    if values[PREVIOUS] != previous_hash:
        return f"entry {values[SEQUENCE]}: does not follow the entry before it"
    if its_hash != hash_values(values):
        return f"entry {values[SEQUENCE]}: its content does not match its hash"
    return ""


def _sums_of(network: Network) -> tuple[Decimal, int]:
    sums = Entry.objects.filter(network=network).aggregate(points=Sum("points"), minutes=Sum("minutes"))
    return (sums["points"] or Decimal(0)).quantize(HUNDREDTH), sums["minutes"] or 0


# Source, kind, account (none once its person is erased: then only their number is known), minutes.
type Expected = tuple[str, EntryKind, int | None, int]


class Written(NamedTuple):
    """What the check of sources reads of an entry."""

    pk: int
    sequence: int
    kind: str
    account: int
    person: int | None
    source: str
    role: str
    area: str
    day: Any
    points: Decimal
    minutes: int

    @property
    def said(self) -> tuple[object, ...]:
        """What a correction repeats of the entry that it reverses."""
        return self.account, self.role, self.area, self.day


def verify_sources(*, network: Network, expected: Iterable[Expected]) -> str:
    """Compare the entries with those that held sessions must have left, and corrections with what they correct.

    The first fault found, in the order of the ledger, or nothing.
    """
    wanted = Counter(expected)
    written: dict[str, Written] = {}
    for entry in _read(network):
        written[correction_source(entry.pk)] = entry
        if entry.kind == EntryKind.CORRECTION:
            if not _is_opposite(entry, written.get(entry.source)):
                return f"entry {entry.sequence}: it corrects no entry ({entry.source})"
        elif not _strike_off(entry, wanted):
            return f"entry {entry.sequence}: no held session is its source ({entry.source})"
    if missing := next(wanted.elements(), None):
        return f"{missing[0]} has no entry for {_name_account(missing[2])}"
    return ""


def _read(network: Network) -> Iterator[Written]:
    people = dict(Account.objects.values_list("pk", "person_id"))
    columns = ("pk", "sequence", "kind", "account_id", "source", "role", "area", "day", "points", "minutes")
    rows = Entry.objects.filter(network=network).order_by("sequence").values_list(*columns)
    for pk, sequence, kind, account, *rest in rows.iterator(chunk_size=CHUNK):
        yield Written(pk, sequence, kind, account, people.get(account), *rest)


def _strike_off(entry: Written, wanted: Counter[Expected]) -> bool:
    key = (entry.source, EntryKind(entry.kind), entry.account if entry.person else None, entry.minutes)
    wanted[key] -= 1
    return wanted[key] >= 0


def _name_account(account: int | None) -> str:
    return f"account {account}" if account else "somebody without account"


def _is_opposite(correction: Written, entry: Written | None) -> bool:
    return (
        entry is not None
        and entry.said == correction.said
        and (entry.points, entry.minutes) == (-correction.points, -correction.minutes)
    )
