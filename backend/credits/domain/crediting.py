"""What a session that was held leaves in the ledger: points and hours of the tutor, hours of each learner."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum

from backend.accounts.models import Person
from backend.credits.domain.ledger import NewEntry, append_entries, lock_head
from backend.credits.domain.scales import cap_points, points_for, scale_on
from backend.credits.enums import CertificateRole, EntryKind
from backend.credits.models import Account, Entry
from backend.networks.models import Network


@dataclass(frozen=True, slots=True)
class Held:
    """A session, as far as the ledger is concerned; ``day`` in the network's zone, ``learners`` who were there."""

    network: Network
    tutor: Person
    learners: Sequence[Person]
    minutes: int
    area: str
    day: dt.date
    source: str


@transaction.atomic(savepoint=False)
def credit_session(held: Held) -> list[Entry]:
    """Write what a session gives, once: the database refuses a second time. Five queries, whatever the group.

    The head is locked before anything is read: what was earned this month cannot change under the cap.
    """
    head = lock_head(held.network)
    accounts = _accounts_of(held)
    scale = scale_on(held.network, held.day)
    points = points_for(scale, minutes=held.minutes, present=len(held.learners))
    earned = getattr(accounts[held.tutor.pk], "earned", None) or Decimal(0)

    def entry(person: Person, kind: EntryKind, points: Decimal) -> NewEntry:
        account = accounts[person.pk]
        return NewEntry(account, kind, held.area, points, held.minutes, held.source, day=held.day)

    entries = [entry(held.tutor, EntryKind.TUTORING, cap_points(scale, points, earned=earned))]
    entries += [entry(person, EntryKind.LEARNING, Decimal(0)) for person in held.learners]
    return append_entries(head, held.network, entries)


def month_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """First day and last day of the month."""
    first = day.replace(day=1)
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return first, following - dt.timedelta(days=1)


def _accounts_of(held: Held) -> dict[int, Account]:
    """Accounts by person, each with the points ``earned`` in the month of the session."""
    people = [held.tutor, *held.learners]
    this_month = Q(
        entries__network=held.network, entries__role=CertificateRole.TUTOR, entries__day__range=month_of(held.day)
    )
    found = (
        Account.objects.filter(person__in=people).order_by().annotate(earned=Sum("entries__points", filter=this_month))
    )
    accounts: dict[int, Account] = {account.person_id: account for account in found if account.person_id}
    missing = [Account(person=person) for person in people if person.pk not in accounts]
    if missing:
        # Another network may make the same account at this moment: then ours is theirs.
        made = Account.objects.bulk_create(
            missing, update_conflicts=True, unique_fields=["person"], update_fields=["person"]
        )
        accounts |= {account.person_id: account for account in made if account.person_id}
    return accounts
