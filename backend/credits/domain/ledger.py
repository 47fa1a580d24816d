"""The append-only, hash-chained ledger: writing entries, and the proof that nothing was changed."""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError
from backend.common.patient_numbers import refuse_patient_number
from backend.credits.enums import EntryKind
from backend.credits.models import Account, Entry, LedgerHead
from backend.networks.models import Network


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be written; ``source`` and ``account`` together may exist once only."""

    account: Account
    kind: EntryKind
    area: str
    points: Decimal
    minutes: int
    source: str
    reason: str = ""
    author: Account | None = None


def account_of(person: Person) -> Account:
    """The ledger account of a person, made at first need."""
    return Account.objects.get_or_create(person=person)[0]


@transaction.atomic
def write_entries(*, network: Network, entries: Sequence[NewEntry]) -> list[Entry]:
    """Append to the network's chain, in order. Four queries, whatever the number of entries.

    The head is locked first: two writers of one network follow each other, and none sees half a chain.
    """
    LedgerHead.objects.get_or_create(network=network)
    head = LedgerHead.objects.select_for_update(of=("self",)).get(network=network)
    written = []
    for entry in entries:
        row = _chain(network, entry, after=head)
        head.sequence, head.hash = row.sequence, row.hash
        written.append(row)
    Entry.objects.bulk_create(written)
    head.save(update_fields=["sequence", "hash"])
    return written


@transaction.atomic
def reverse_entry(*, entry: Entry, reason: str, author: Person) -> Entry:
    """Undo an entry by its opposite; the entry itself stays. Raises ``ConflictError`` if it was reversed already."""
    refuse_patient_number(reason, field="reason")
    opposite = NewEntry(
        account=entry.account,
        kind=EntryKind.CORRECTION,
        area=entry.area,
        points=-entry.points,
        minutes=-entry.minutes,
        source=correction_source(entry.pk),
        reason=reason,
        author=account_of(author),
    )
    try:
        with transaction.atomic():
            return write_entries(network=entry.network, entries=[opposite])[0]
    except IntegrityError as error:
        raise ConflictError("Cette écriture a déjà été corrigée.", code="already_reversed") from error


def correction_source(entry_id: int) -> str:
    """Source of the one entry that may reverse another."""
    return f"correction:{entry_id}"


def hash_entry(entry: Entry) -> str:
    """SHA-256 of everything the entry says and of the hash before it, in canonical JSON."""
    content = [
        entry.network_id,
        entry.sequence,
        entry.account_id,
        entry.kind,
        entry.area,
        f"{entry.points:.2f}",
        entry.minutes,
        entry.source,
        entry.reason,
        entry.author_id,
        entry.created_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        entry.previous_hash,
    ]
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def balance_of(*, person: Person, network: Network) -> Decimal:
    """Points of a person in a network: the sum of the entries, nothing else."""
    total = Entry.objects.filter(account__person=person, network=network).aggregate(total=Sum("points"))["total"]
    return total or Decimal(0)


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
    """Recompute every hash, in order, and compare the last with the head."""
    head = LedgerHead.objects.filter(network=network).first() or LedgerHead(network=network)
    entries = Entry.objects.filter(network=network).order_by("sequence").iterator(chunk_size=2000)
    sequence, last, points, minutes, fault = 0, "", Decimal(0), 0, ""
    for entry in entries:
        if fault := _find_fault(entry, sequence + 1, last):
            break
        sequence, last = entry.sequence, entry.hash
        points += entry.points
        minutes += entry.minutes
    if not fault and (sequence, last) != (head.sequence, head.hash):
        fault = f"the chain ends at entry {sequence}, its head says {head.sequence}"
    return Verdict(network.slug, sequence, points, minutes, head.hash, fault)


# Source, kind, account (none once its person is erased: then only their number is known), minutes.
type Expected = tuple[str, EntryKind, int | None, int]


def verify_sources(*, network: Network, expected: Iterable[Expected]) -> str:
    """Compare the entries with those that held sessions must have left, and corrections with what they correct.

    Says the first odd one, or nothing.
    """
    entries = list(Entry.objects.filter(network=network).select_related("account").order_by("sequence"))
    wanted = Counter(expected)
    for entry in entries:
        if entry.kind != EntryKind.CORRECTION and not _strike_off(entry, wanted):
            return f"entry {entry.sequence}: no held session is its source ({entry.source})"
    if missing := next(wanted.elements(), None):
        return f"{missing[0]} has no entry for {_name_account(missing[2])}"
    by_key = {correction_source(entry.pk): entry for entry in entries}
    for entry in entries:
        if entry.kind == EntryKind.CORRECTION and not _is_opposite(entry, by_key.get(entry.source)):
            return f"entry {entry.sequence}: it corrects no entry ({entry.source})"
    return ""


def _strike_off(entry: Entry, wanted: Counter[Expected]) -> bool:
    account = entry.account_id if entry.account.person_id else None
    key = (entry.source, EntryKind(entry.kind), account, entry.minutes)
    wanted[key] -= 1
    return wanted[key] >= 0


def _name_account(account: int | None) -> str:
    return f"account {account}" if account else "somebody without account"


def _is_opposite(correction: Entry, entry: Entry | None) -> bool:
    return entry is not None and (entry.account_id, entry.area, entry.points, entry.minutes) == (
        correction.account_id,
        correction.area,
        -correction.points,
        -correction.minutes,
    )


def _chain(network: Network, entry: NewEntry, *, after: LedgerHead) -> Entry:
    row = Entry(
        network=network,
        sequence=after.sequence + 1,
        account=entry.account,
        kind=entry.kind,
        area=entry.area,
        points=entry.points.quantize(Decimal("0.01")),
        minutes=entry.minutes,
        source=entry.source,
        reason=entry.reason,
        author=entry.author,
        created_at=now(),
        previous_hash=after.hash,
    )
    row.hash = hash_entry(row)
    return row


def _find_fault(entry: Entry, sequence: int, previous_hash: str) -> str:
    if entry.sequence != sequence:
        return f"entry {entry.sequence}: entry {sequence} is missing"
    if entry.previous_hash != previous_hash:
        return f"entry {entry.sequence}: does not follow the entry before it"
    if entry.hash != hash_entry(entry):
        return f"entry {entry.sequence}: its content does not match its hash"
    return ""
