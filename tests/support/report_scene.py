"""Requests that came to a known end in the summer of 2026, for reports to count."""

import datetime as dt
from decimal import Decimal

from backend.accounts.models import Person
from backend.credits.domain.ledger import NewEntry, account_of, write_entries
from backend.credits.enums import EntryKind
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Membership, Network, Site
from backend.referentials.models import Notion, Profession
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session
from tests.support import factories

# A Wednesday, noon in Paris.
ASKED_AT = dt.datetime(2026, 7, 15, 10, tzinfo=dt.UTC)
WAIT = dt.timedelta(days=12)
# After all of it.
LATER = dt.datetime(2026, 12, 3, 9, tzinfo=dt.UTC)
SESSION_STATES = {
    "proposed": SessionState.PROPOSED,
    "confirmed": SessionState.CONFIRMED,
    "held": SessionState.HELD,
    "missed": SessionState.MISSED,
}
REQUEST_STATES = {
    "asked": RequestState.OPEN,
    "withdrawn": RequestState.WITHDRAWN,
    "proposed": RequestState.PLANNED,
    "confirmed": RequestState.PLANNED,
    "held": RequestState.MET,
    "missed": RequestState.OPEN,
}


def make_network(slug: str) -> Network:
    network: Network = factories.NetworkFactory.create(
        slug=slug, name=f"CPTS {slug}", created_at=dt.datetime(2026, 1, 10, tzinfo=dt.UTC)
    )
    return network


def make_help(
    network: Network,
    fate: str,
    *,
    person: Person | None = None,
    asked_at: dt.datetime = ASKED_AT,
    profession: Profession | None = None,
    mode: str = "",
    site: Site | None = None,
    notion: Notion | None = None,
) -> HelpRequest:
    """A request of somebody new, brought to its ``fate``, with a session of 45 minutes unless nobody proposed one."""
    person = person or factories.make_member(network, Role.LEARNER, profession=profession, practice_mode=mode)
    if site is not None:
        Membership.objects.filter(network=network, person=person).update(site=site)
    given = {"capacity": factories.CapacityFactory.create(notion=notion)} if notion else {}
    request: HelpRequest = factories.HelpRequestFactory.create(
        network=network, person=person, created_at=asked_at, state=REQUEST_STATES[fate], **given
    )
    if fate in SESSION_STATES:
        _make_session(request, fate)
    return request


def _make_session(request: HelpRequest, fate: str) -> Session:
    starts_at = request.created_at + WAIT
    session: Session = factories.SessionFactory.create(
        network=request.network,
        tutor=factories.make_member(request.network, Role.TUTOR),
        notion=request.notion,
        starts_at=starts_at,
        state=SESSION_STATES[fate],
    )
    session.transitions.create(target=SessionState.PROPOSED)
    if fate != "proposed":
        session.transitions.create(source=SessionState.PROPOSED, target=SessionState.CONFIRMED)
    came = {"held": True, "missed": False}.get(fate)
    factories.ParticipationFactory.create(
        session=session, person=request.person, request=request, by_tutor=came, by_learner=came
    )
    if fate == "held":
        write_minutes(session, request.person)
    return session


def write_minutes(session: Session, learner: Person) -> None:
    """The session's lines in the ledger."""
    area, source = session.notion.area, session.source
    write_entries(
        network=session.network,
        entries=[
            NewEntry(account_of(session.tutor), EntryKind.TUTORING, area, Decimal(0), 45, source),
            NewEntry(account_of(learner), EntryKind.LEARNING, area, Decimal(0), 45, source),
        ],
    )
