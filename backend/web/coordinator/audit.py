"""What an auditor sees of a network: totals and the proof of the ledger, never a name."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from backend.common.formats import format_number
from backend.credits.domain.ledger import Verdict, verify_chain
from backend.credits.enums import EntryKind
from backend.credits.models import Entry
from backend.networks.models import Network
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session
from backend.web.shared.points import net_minutes, sum_minutes

# A count of people under this says who they are to anybody who knows the network.
FEWEST_PEOPLE = 5
TOO_FEW = "moins de 5"


@dataclass(frozen=True, slots=True)
class Audit:
    """Totals of one network; counts of people are words already, for the small ones are not told."""

    network: Network
    verdict: Verdict
    sessions: int
    minutes_given: int
    minutes_received: int
    tutors: str
    learners: str


def list_audits(networks: Sequence[Network]) -> list[Audit]:
    minutes = net_minutes(Entry.objects.filter(network__in=networks))
    people = _people_of(networks)
    held = Session.objects.filter(network__in=networks, state=SessionState.HELD).order_by()
    sessions = dict(held.values_list("network").annotate(total=Count("pk")))
    return [
        Audit(
            network,
            verify_chain(network),
            sessions.get(network.pk, 0),
            sum_minutes(minutes, kind=EntryKind.TUTORING, network=network.pk),
            sum_minutes(minutes, kind=EntryKind.LEARNING, network=network.pk),
            *people.get(network.pk, (TOO_FEW, TOO_FEW)),
        )
        for network in networks
    ]


def tell_people(total: int) -> str:
    """A count of people, or « moins de 5 », nobody included."""
    return format_number(total) if total >= FEWEST_PEOPLE else TOO_FEW


def _people_of(networks: Sequence[Network]) -> dict[int, tuple[str, str]]:
    def distinct(kind: EntryKind) -> Count:
        return Count("account", distinct=True, filter=Q(kind=kind))

    rows = Entry.objects.filter(network__in=networks).order_by().values("network")
    counted = rows.annotate(tutors=distinct(EntryKind.TUTORING), learners=distinct(EntryKind.LEARNING))
    return {row["network"]: (tell_people(row["tutors"]), tell_people(row["learners"])) for row in counted}
