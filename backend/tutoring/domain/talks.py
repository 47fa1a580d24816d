"""Conversations as sessions make them: between those who met, and for a time after."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import NotFoundError
from backend.conversations.domain.opening import open_pair
from backend.conversations.domain.retention import close_conversations, erase_conversations
from backend.conversations.models import Conversation
from backend.networks.models import Network
from backend.networks.rules import networks_for
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session

MET_STATES = (SessionState.CONFIRMED, SessionState.HELD)
BATCH = 200


def people_met(person: Person) -> QuerySet[Person]:
    """With whom the person shares a session that was agreed on, in any network."""
    return Person.objects.filter(pk__in=_met_in(_agreed_sessions(person))).exclude(pk=person.pk)


def open_pair_with(*, person: Person, other_id: int) -> Conversation:
    """The conversation of two people who met, made if need be; ``NotFoundError`` when they did not.

    It belongs to the network of their last session; both must still be there, or it would be closed to one of them.
    """
    networks = [network.pk for network in networks_for(person)]
    session = (
        _agreed_sessions(person)
        .filter(Q(tutor=other_id) | Q(participations__person=other_id), network__in=networks)
        .select_related("network")
        .order_by("-starts_at", "-pk")
        .first()
    )
    other = Person.objects.filter(pk=other_id, is_active=True).first()
    if session is None or other is None or other == person:
        raise NotFoundError
    return open_pair(network=session.network, person=person, other=other)


def end_past_talks() -> None:
    """Close and erase the conversations of sessions as long ago as their network says. Safe to run at any time."""
    for network in Network.objects.order_by("pk"):
        close_conversations(list(_talks_of_sessions(network, network.conversation_open_days, closed_at=None)))
        erase_conversations(list(_talks_of_sessions(network, network.conversation_kept_days, erased_at=None)))


def _talks_of_sessions(network: Network, days: int, **state: None) -> Iterator[int]:
    due = Conversation.objects.filter(
        session__network=network, session__ends_at__lte=now() - dt.timedelta(days=days), **state
    )
    return iter(due.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _agreed_sessions(person: Person) -> QuerySet[Session]:
    # Two flat halves rather than a join that would multiply rows.
    mine = Session.objects.filter(participations__person=person).values("pk")
    return Session.objects.filter(Q(tutor=person) | Q(pk__in=mine), state__in=MET_STATES)


def _met_in(sessions: QuerySet[Session]) -> set[int]:
    rows = sessions.order_by().values_list("tutor", "participations__person")
    return {person for row in rows for person in row}
