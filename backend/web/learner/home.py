"""What a person asked for, and where each request stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.common.clock import now
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.tutoring.enums import STANDING_STATES
from backend.tutoring.models import Participation, Session
from backend.web.learner.why import Why, tell_why
from backend.web.shared.wording import REQUEST_TAGS, Tag

REQUESTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request of the reader: its state, the session that answers it, or why there is none."""

    request: HelpRequest
    session: Session | None
    why: Why | None

    @property
    def tag(self) -> Tag:
        return REQUEST_TAGS[RequestState(self.request.state)]


def requests_of(person: Person) -> QuerySet[HelpRequest]:
    return HelpRequest.objects.filter(person=person).select_related("capacity", "network")


def list_requests(person: Person) -> list[RequestLine]:
    """The person's last requests, in four queries."""
    return lines_of(requests_of(person).exclude(state=RequestState.WITHDRAWN)[:REQUESTS_SHOWN])


def lines_of(found: QuerySet[HelpRequest] | Sequence[HelpRequest]) -> list[RequestLine]:
    """Requests as a page tells them."""
    requests = list(found)
    sessions = _sessions_of(requests)
    why = tell_why([request for request in requests if request.state == RequestState.OPEN])
    return [RequestLine(request, sessions.get(request.pk), why.get(request.pk)) for request in requests]


def to_confirm(person: Person) -> list[HelpRequest]:
    """What others entered for the person, and can still be confirmed."""
    waiting = HelpRequest.objects.filter(person=person, state=RequestState.UNCONFIRMED, code__expires_at__gt=now())
    return list(waiting.select_related("entered_by", "capacity"))


def coordinators_of(networks: Sequence[int]) -> list[Membership]:
    """Whom to ask, network by network."""
    rows = Membership.objects.active().with_role(Role.COORDINATOR).filter(network__in=networks)
    return list(rows.select_related("person", "network").order_by("network__name", "person__last_name"))


def _sessions_of(requests: Sequence[HelpRequest]) -> dict[int, Session]:
    rows = Participation.objects.filter(request__in=requests, session__state__in=STANDING_STATES)
    return {part.request_id: part.session for part in rows.select_related("session__network")}
