"""Which entries the ledger must hold: one per person who was there, for every held session."""

from collections.abc import Iterator

from backend.credits.domain.ledger import Expected
from backend.credits.enums import EntryKind
from backend.credits.models import Account
from backend.networks.models import Network
from backend.tutoring.enums import Attendance, SessionState
from backend.tutoring.models import Session


def expected_entries(network: Network) -> Iterator[Expected]:
    """Each entry that the held sessions of a network must have left; without an account once a person is erased."""
    accounts = dict(Account.objects.exclude(person=None).values_list("person_id", "pk"))
    held = Session.objects.filter(network=network, state=SessionState.HELD).prefetch_related("participations")
    for session in held.iterator(chunk_size=500):
        yield session.source, EntryKind.TUTORING, accounts.get(session.tutor_id), session.minutes
        for part in session.participations.all():
            if part.attendance == Attendance.PRESENT:
                yield session.source, EntryKind.LEARNING, accounts.get(part.person_id), session.minutes
