"""Which sessions a person may see."""

from django.db.models import Prefetch, Q, QuerySet

from backend.accounts.models import Person
from backend.common.errors import NotFoundError
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.networks.rules import closed_networks_for
from backend.tutoring.models import Participation, Session


def sessions_for(person: Person) -> QuerySet[Session]:
    """Sessions the person gives or takes part in, with everything a card shows; three queries when read."""
    return with_details(Session.objects.filter(_own(person)))


def visible_sessions_for(person: Person) -> QuerySet[Session]:
    """The person's own sessions, and all those of the networks the person coordinates."""
    coordinated = Membership.objects.active().filter(person=person, roles__role=Role.COORDINATOR).values("network")
    return with_details(Session.objects.filter(_own(person) | Q(network__in=coordinated)))


def _own(person: Person) -> Q:
    """Given or taken part in, but for networks that the person left or is suspended from."""
    mine = Q(tutor=person) | Q(pk__in=Participation.objects.filter(person=person).values("session"))
    return mine & ~Q(network__in=closed_networks_for(person))


def with_details(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Join what pages and the API show of a session."""
    participations = Participation.objects.select_related("person", "request__capacity")
    return sessions.select_related("network", "tutor", "notion", "site").prefetch_related(
        Prefetch("participations", queryset=participations)
    )


def access_session_for(person: Person, session_id: int) -> Session:
    """One session the person may see; ``NotFoundError`` otherwise."""
    session = visible_sessions_for(person).filter(pk=session_id).first()
    if session is None:
        raise NotFoundError
    return session
