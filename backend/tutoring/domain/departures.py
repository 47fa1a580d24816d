"""Sessions to come of somebody who takes no part any more."""

from django.db import transaction

from backend.accounts.models import Person
from backend.common.clock import now
from backend.events.bus import publish
from backend.events.types import LearnerLeft, SessionCancelled, SessionDeclined
from backend.networks.models import Network
from backend.tutoring.domain.answers import call_off, leave_group
from backend.tutoring.enums import STANDING_STATES, SessionState
from backend.tutoring.models import Participation, Session

# Read by the others of the session: why is between the person and the coordination.
REASON = "Ne participe plus aux séances de ce réseau."


@transaction.atomic
def release_sessions(*, person: Person, network: Network) -> list[Session]:
    """Call off what has not begun, as the person would: requests wait again, cells are free, a group goes on."""
    to_come = Session.objects.filter(network=network, state__in=STANDING_STATES, starts_at__gt=now())
    given = list(to_come.filter(tutor=person).select_for_update(of=("self",)).order_by("pk"))
    taken = Participation.objects.filter(person=person).values("session")
    received = list(to_come.filter(pk__in=taken).select_for_update(of=("self",)).order_by("pk"))
    for session in given:
        _release_given(session, person)
    for session in received:
        _release_received(session, person)
    return [*given, *received]


def _release_given(session: Session, tutor: Person) -> None:
    if session.state == SessionState.PROPOSED:
        call_off(session, SessionState.DECLINED, tutor, REASON)
        publish(SessionDeclined(session.pk))
    else:
        call_off(session, SessionState.CANCELLED, tutor, REASON)
        publish(SessionCancelled(session.pk, tutor.pk))


def _release_received(session: Session, learner: Person) -> None:
    if session.participations.exclude(person=learner).exists():
        leave_group(session, learner, REASON)
        publish(LearnerLeft(session.pk, learner.pk))
    else:
        call_off(session, SessionState.CANCELLED, learner, REASON)
        publish(SessionCancelled(session.pk, learner.pk))
