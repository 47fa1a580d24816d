"""Sessions come to be: proposed all at once, their cells held from that moment on."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from backend.accounts.models import Person
from backend.agenda.domain.occupancy import Claim, find_clashes, take_cells
from backend.common.clock import now
from backend.conversations.domain.messages import open_conversation
from backend.conversations.enums import ConversationKind
from backend.events.bus import publish
from backend.events.types import SessionProposed
from backend.needs.domain.avoidance import avoided_pairs_among, holds_avoided_pair
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest, TutorOffer
from backend.networks.models import Membership, Network, Site
from backend.referentials.models import Notion
from backend.tutoring.enums import JoinKind, Modality, SessionState
from backend.tutoring.models import Participation, Session


@dataclass(frozen=True, slots=True)
class Draft:
    """A session that does not exist yet; it helps each of ``requests``, at least one."""

    tutor: Person
    notion: Notion
    requests: tuple[HelpRequest, ...]
    starts_at: dt.datetime
    minutes: int
    modality: Modality
    site: Site | None = None

    @property
    def ends_at(self) -> dt.datetime:
        return self.starts_at + dt.timedelta(minutes=self.minutes)

    def claim(self, source: str) -> Claim:
        people = (self.tutor.pk, *(request.person_id for request in self.requests))
        return Claim(source, people, self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was proposed, and the drafts that no longer fit.

    Somebody is taken or has left the network, the request has moved on, the tutor cannot be reached, two of the people
    shall not meet, it is too late.
    """

    sessions: dict[Draft, Session]
    left_out: tuple[Draft, ...]


@transaction.atomic
def propose_sessions(
    *, network: Network, drafts: Sequence[Draft], answer_by: dt.datetime, author: Person | None
) -> Outcome:
    """Make a session of each draft that still fits, hold its cells, and move its requests on.

    Raises ``CellsTakenError``, with nothing written, when somebody takes a cell in the very same moment.
    """
    joins = _ways_to_join(network, drafts)
    fitting = _drafts_that_fit(network, [draft for draft in drafts if draft in joins])
    sessions = {draft: _create_session(network, draft, joins[draft], answer_by, author) for draft in fitting}
    take_cells(claims=[draft.claim(session.source) for draft, session in sessions.items()])
    for session in sessions.values():
        publish(SessionProposed(session.pk))
    return Outcome(sessions, tuple(draft for draft in drafts if draft not in sessions))


def _drafts_that_fit(network: Network, drafts: Sequence[Draft]) -> list[Draft]:
    claims = [draft.claim(f"draft:{rank}") for rank, draft in enumerate(drafts)]
    clashes = find_clashes(claims)
    avoided = avoided_pairs_among({person for claim in claims for person in claim.people})
    members = set(Membership.objects.active().filter(network=network).values_list("person_id", flat=True))
    asked = {request.pk for draft in drafts for request in draft.requests}
    still_open = HelpRequest.objects.select_for_update(of=("self",)).filter(pk__in=asked, state=RequestState.OPEN)
    open_keys = {request.pk for request in still_open.order_by("pk")}
    return [
        draft
        for draft, claim in zip(drafts, claims, strict=True)
        if claim.source not in clashes
        and draft.starts_at > now()
        and members.issuperset(claim.people)
        and not holds_avoided_pair(claim.people, avoided)
        and all(request.pk in open_keys for request in draft.requests)
    ]


def _create_session(
    network: Network, draft: Draft, join: tuple[JoinKind, str], answer_by: dt.datetime, author: Person | None
) -> Session:
    learners = [request.person for request in draft.requests]
    kind, value = join
    session = Session.objects.create(
        network=network,
        tutor=draft.tutor,
        notion=draft.notion,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        modality=draft.modality,
        site=draft.site,
        join_kind=kind,
        join_value=value,
        answer_by=answer_by,
        conversation=open_conversation(
            network=network, kind=ConversationKind.SESSION, title=draft.notion.title, people=[draft.tutor, *learners]
        ),
    )
    session.transitions.create(target=SessionState.PROPOSED, author=author)
    for request in draft.requests:
        Participation.objects.create(session=session, person=request.person, request=request)
        move_request(request=request, target=RequestState.PLANNED, author=author)
    return session


def _ways_to_join(network: Network, drafts: Sequence[Draft]) -> dict[Draft, tuple[JoinKind, str]]:
    """How to join each draft that can be joined; copied into the session: a later change moves none silently."""
    tutors = {draft.tutor.pk for draft in drafts}
    offers = {offer.person_id: offer for offer in TutorOffer.objects.filter(network=network, person__in=tutors)}
    ways = {draft: _way_to_join(draft, offers.get(draft.tutor.pk)) for draft in drafts}
    return {draft: way for draft, way in ways.items() if way is not None}


def _way_to_join(draft: Draft, offer: TutorOffer | None) -> tuple[JoinKind, str] | None:
    if draft.site is not None:
        return JoinKind.PLACE, ", ".join(part for part in (draft.site.name, draft.site.address) if part)
    if offer is None or not offer.remote:
        return None
    if offer.room_link:
        return JoinKind.LINK, offer.room_link
    return (JoinKind.PHONE, offer.telephone) if offer.telephone else None
