"""The whole proof of a ledger: its chain, its sums, and the held sessions that its entries must come from."""

from collections.abc import Iterator
from dataclasses import replace

from backend.credits.domain.proof import Expected, Verdict, verify_chain, verify_sources
from backend.credits.enums import EntryKind
from backend.credits.models import Account
from backend.networks.models import Network
from backend.tutoring.enums import Attendance, SessionState
from backend.tutoring.models import Session


def verify_ledger(network: Network) -> Verdict:
    """The verdict on the chain and the sums and, where they are right, on the sources."""
    verdict = verify_chain(network)
    if verdict.fault:
        return verdict
    return replace(verdict, fault=verify_sources(network=network, expected=expected_entries(network)))


def expected_entries(network: Network) -> Iterator[Expected]:
    """Each entry that the held sessions of a network must have left; without an account once a person is erased."""
    accounts = dict(Account.objects.exclude(person=None).values_list("person_id", "pk"))
    held = Session.objects.filter(network=network, state=SessionState.HELD).prefetch_related("participations")
    for session in held.iterator(chunk_size=500):
        yield session.source, EntryKind.TUTORING, accounts.get(session.tutor_id), session.minutes
        for part in session.participations.all():
            if part.attendance == Attendance.PRESENT:
                yield session.source, EntryKind.LEARNING, accounts.get(part.person_id), session.minutes
