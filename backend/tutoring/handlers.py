"""What news from below means for sessions; all in the transaction of what happened."""

from backend.events.bus import listen
from backend.events.types import MemberLeft, MemberSuspended
from backend.networks.models import Membership
from backend.tutoring.domain.departures import release_sessions


@listen(MemberLeft)
def release_sessions_of_departed(event: MemberLeft) -> None:
    _release(event.membership_id)


@listen(MemberSuspended)
def release_sessions_of_suspended(event: MemberSuspended) -> None:
    _release(event.membership_id)


def _release(membership_id: int) -> None:
    membership = Membership.objects.select_related("network", "person").get(pk=membership_id)
    release_sessions(person=membership.person, network=membership.network)
