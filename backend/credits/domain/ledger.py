"""The append-only, hash-chained ledger: writing entries, correcting them, and sums."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError
from backend.common.patient_numbers import refuse_patient_number
from backend.credits.enums import CertificateRole, EntryKind
from backend.credits.models import Account, Entry, LedgerHead
from backend.networks.models import Network

HUNDREDTH = Decimal("0.01")
# Made once: it writes every entry that is hashed.
write_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# What an entry says and its hash proves, in the order of the hash.
CHAINED = (
    "network_id",
    "sequence",
    "account_id",
    "kind",
    "role",
    "area",
    "points",
    "minutes",
    "day",
    "source",
    "reason",
    "author_id",
    "created_at",
    "previous_hash",
)
POINTS, DAY, CREATED_AT = CHAINED.index("points"), CHAINED.index("day"), CHAINED.index("created_at")


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be written; ``source`` and ``account`` together may exist once only.

    Without a ``day`` it is earned today; the ``role`` follows from the kind, but for a correction.
    """

    account: Account
    kind: EntryKind
    area: str
    points: Decimal
    minutes: int
    source: str
    reason: str = ""
    author: Account | None = None
    day: dt.date | None = None
    role: str = ""


def account_of(person: Person) -> Account:
    """The ledger account of a person, made at first need."""
    return Account.objects.get_or_create(person=person)[0]


@transaction.atomic
def write_entries(*, network: Network, entries: Sequence[NewEntry]) -> list[Entry]:
    """Append to the network's chain, in order. Three queries, whatever the number of entries."""
    return append_entries(lock_head(network), network, entries)


def lock_head(network: Network) -> LedgerHead:
    """The end of the network's chain, ours alone until the transaction ends.

    Two writers of one network follow each other, and none sees half a chain.
    """
    heads = LedgerHead.objects.select_for_update(of=("self",)).filter(network=network)
    head = heads.first()
    if head is None:
        LedgerHead.objects.get_or_create(network=network)
        head = heads.get()
    return head


def append_entries(head: LedgerHead, network: Network, entries: Sequence[NewEntry]) -> list[Entry]:
    """Write behind a head that is locked."""
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
    if not reason.strip():
        message = "Dites pourquoi vous corrigez cette écriture."
        raise DomainError(message, code="reason", fields={"reason": [message]})
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
        day=entry.day,
        role=entry.role,
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
    return hash_values([getattr(entry, name) for name in CHAINED])


def hash_values(values: Sequence[Any]) -> str:
    """As ``hash_entry``, for the values of ``CHAINED`` in its order."""
    content = list(values)
    content[POINTS] = f"{content[POINTS]:.2f}"
    content[DAY] = content[DAY].isoformat()
    content[CREATED_AT] = content[CREATED_AT].astimezone(dt.UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(write_json(content).encode()).hexdigest()


def balance_of(*, person: Person, network: Network) -> Decimal:
    """Points of a person in a network: the sum of the entries, nothing else."""
    total = Entry.objects.filter(account__person=person, network=network).aggregate(total=Sum("points"))["total"]
    return total or Decimal(0)


def _chain(network: Network, entry: NewEntry, *, after: LedgerHead) -> Entry:
    instant = now()
    row = Entry(
        network=network,
        sequence=after.sequence + 1,
        account=entry.account,
        kind=entry.kind,
        role=entry.role or _role_of(entry.kind),
        area=entry.area,
        points=entry.points.quantize(HUNDREDTH),
        minutes=entry.minutes,
        day=entry.day or instant.astimezone(network.zone).date(),
        source=entry.source,
        reason=entry.reason,
        author=entry.author,
        created_at=instant,
        previous_hash=after.hash,
    )
    row.hash = hash_entry(row)
    return row


def _role_of(kind: EntryKind) -> CertificateRole:
    return CertificateRole.LEARNER if kind == EntryKind.LEARNING else CertificateRole.TUTOR
