"""What happened in some days, as plain facts: a dozen flat queries at any size, and every figure is counted from them.

Two kinds of facts. *Asked*: a request made in these days, and how far it has come since. *Attended*: one learner's
place in a session that began in these days. Minutes are those of the ledger, corrections taken off.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from backend.accounts.enums import PracticeMode
from backend.credits.enums import EntryKind
from backend.credits.models import Entry
from backend.needs.domain.requests import never_confirmed
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.enums import SiteKind
from backend.networks.models import Network, Site
from backend.referentials.enums import Area
from backend.reports.domain.periods import Days
from backend.tutoring.enums import Attendance, SessionState
from backend.tutoring.models import Participation, Session, SessionTransition

UNSAID = "Non précisé"
NO_SITE = "Sans lieu"
SESSION_SOURCE, CORRECTION_SOURCE = "session:", "correction:"

# Network and person.
type Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Traits:
    """What a learner's line of a table is named by: words, and the key of the site."""

    profession: str
    mode: str
    kind: str
    site: str
    territory: str
    site_id: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """``proposed``, ``confirmed``: at least one session was, whatever became of it; ``held``: help was received."""

    network: int
    person: int
    traits: Traits
    notion: str
    area: str
    proposed: bool
    confirmed: bool
    held: bool
    withdrawn: bool
    # From the request to the session where help was received.
    days: float | None


@dataclass(frozen=True, slots=True)
class Attended:
    """``decided`` by the coordinator, where others are told by both sides."""

    network: int
    session: int
    person: int
    tutor: int
    traits: Traits
    notion: str
    area: str
    state: str
    attendance: Attendance
    decided: bool
    minutes: int


@dataclass(frozen=True, slots=True)
class Facts:
    """``given``: minutes that each tutor gave, by session."""

    days: Mapping[int, Days]
    asked: Sequence[Asked] = ()
    attended: Sequence[Attended] = ()
    given: Mapping[int, int] = field(default_factory=dict)
    sites: Sequence[Site] = ()

    def of(self, network: Network) -> "Facts":
        """Those of one network alone."""
        attended = [fact for fact in self.attended if fact.network == network.pk]
        sessions = {fact.session for fact in attended}
        return Facts(
            days={network.pk: self.days[network.pk]},
            asked=[fact for fact in self.asked if fact.network == network.pk],
            attended=attended,
            given={key: minutes for key, minutes in self.given.items() if key in sessions},
            sites=[site for site in self.sites if site.network_id == network.pk],
        )


def read_facts(periods: Mapping[Network, Days]) -> Facts:
    """Each network over its own days."""
    if not periods:
        return Facts({})
    describe = _Describer(list(periods))
    minutes = _read_minutes(list(periods))
    return Facts(
        days={network.pk: days for network, days in periods.items()},
        asked=list(_read_asked(periods, describe)),
        attended=list(_read_attended(periods, describe, minutes)),
        given=minutes.given,
        sites=list(describe.sites.values()),
    )


class _Describer:
    """Finds the traits of a learner in a network; what is said of the person and the network comes with the row.

    One query: each site as often as it has members, and once without any.
    """

    def __init__(self, networks: list[Network]) -> None:
        self.sites: dict[int, Site] = {}
        self.places: dict[Place, int] = {}
        sites = Site.objects.filter(network__in=networks).annotate(member=F("memberships__person"))
        for site in sites.order_by("network_id", "name"):
            self.sites.setdefault(site.pk, site)
            if site.member is not None:
                self.places[site.network_id, site.member] = site.pk

    def traits(self, network: int, person: int, profession: str | None, mode: str, territory: str | None) -> Traits:
        site = self.sites.get(self.places.get((network, person), 0))
        return Traits(
            profession=profession or UNSAID,
            mode=str(PracticeMode(mode).label) if mode else UNSAID,
            kind=str(SiteKind(site.kind).label) if site else NO_SITE,
            site=site.name if site else NO_SITE,
            territory=territory or UNSAID,
            site_id=site.pk if site else None,
        )


def within(periods: Mapping[Network, Days], network: str, instant: str) -> Q:
    """Rows whose ``instant`` is in the days of their ``network``, on its own clocks."""
    chosen = Q(pk__in=[])
    for row, days in periods.items():
        start, end = days.bounds(row.zone)
        chosen |= Q(**{network: row, f"{instant}__gte": start, f"{instant}__lt": end})
    return chosen


def requests_within(periods: Mapping[Network, Days]) -> QuerySet[HelpRequest]:
    """Asked in these days by the person, or confirmed by them; withdrawn ones included."""
    asked = HelpRequest.objects.exclude(state=RequestState.UNCONFIRMED).exclude(never_confirmed())
    return asked.filter(within(periods, "network", "created_at"))


def _read_asked(periods: Mapping[Network, Days], describe: _Describer) -> Iterator[Asked]:
    steps = _read_steps(periods)
    rows = requests_within(periods).order_by("created_at", "pk")
    for row in rows.values_list(
        *("pk", "network", "person", "person__profession__label", "person__practice_mode"),
        *("network__territory__label", "notion__title", "notion__area", "state", "created_at"),
    ):
        key, network, person, profession, mode, territory, notion, area, state, created_at = row
        step = steps.get(key, Step())
        yield Asked(
            network=network,
            person=person,
            traits=describe.traits(network, person, profession, mode, territory),
            notion=notion,
            area=str(Area(area).label),
            proposed=step.proposed,
            confirmed=step.confirmed,
            held=state == RequestState.MET,
            withdrawn=state == RequestState.WITHDRAWN,
            days=_days_between(created_at, step.met_at) if state == RequestState.MET else None,
        )


@dataclass(slots=True)
class Step:
    """How far the sessions of one request came."""

    proposed: bool = False
    confirmed: bool = False
    met_at: dt.datetime | None = None


def _read_steps(periods: Mapping[Network, Days]) -> dict[int, Step]:
    chosen = within(periods, "request__network", "request__created_at")
    confirmed = SessionTransition.objects.filter(session=OuterRef("session"), target=SessionState.CONFIRMED)
    parts = Participation.objects.filter(chosen).annotate(was_confirmed=Exists(confirmed)).select_related("session")
    steps: defaultdict[int, Step] = defaultdict(Step)
    for part in parts.order_by("session__starts_at", "pk"):
        step = steps[part.request_id]
        step.proposed = True
        step.confirmed |= part.was_confirmed
        if part.session.state == SessionState.HELD and part.attendance == Attendance.PRESENT and step.met_at is None:
            step.met_at = part.session.starts_at
    return steps


def _days_between(asked_at: dt.datetime, met_at: dt.datetime | None) -> float | None:
    return None if met_at is None else max((met_at - asked_at).total_seconds(), 0) / 86_400


def _read_attended(periods: Mapping[Network, Days], describe: _Describer, minutes: "_Minutes") -> Iterator[Attended]:
    parts = Participation.objects.filter(within(periods, "session__network", "session__starts_at"))
    described = parts.annotate(
        profession=F("person__profession__label"),
        mode=F("person__practice_mode"),
        territory=F("session__network__territory__label"),
    )
    for part in described.select_related("session__notion").order_by("session__starts_at", "pk"):
        session: Session = part.session
        yield Attended(
            network=session.network_id,
            session=session.pk,
            person=part.person_id,
            tutor=session.tutor_id,
            traits=describe.traits(session.network_id, part.person_id, part.profession, part.mode, part.territory),
            notion=session.notion.title,
            area=str(Area(session.notion.area).label),
            state=session.state,
            attendance=part.attendance,
            decided=part.decided is not None,
            minutes=minutes.received.get((session.pk, part.person_id), 0),
        )


@dataclass(slots=True)
class _Minutes:
    """By session, and by session and learner."""

    given: dict[int, int]
    received: dict[tuple[int, int | None], int]


def _read_minutes(networks: Collection[Network]) -> _Minutes:
    """From the ledger; a correction counts with what it reverses, and may itself be corrected."""
    minutes = _Minutes(defaultdict(int), defaultdict(int))
    rows = Entry.objects.filter(network__in=networks).order_by("network", "sequence")
    origins: dict[int, tuple[str, int, int | None]] = {}
    for key, source, kind, person, count in rows.values_list("pk", "source", "kind", "account__person", "minutes"):
        origin = _origin_of(source, kind, person, origins)
        if origin is None:
            continue
        origins[key] = origin
        kind_of_origin, session, whose = origin
        if kind_of_origin == EntryKind.TUTORING:
            minutes.given[session] += count
        else:
            minutes.received[session, whose] += count
    return minutes


def _origin_of(
    source: str, kind: str, person: int | None, origins: Mapping[int, tuple[str, int, int | None]]
) -> tuple[str, int, int | None] | None:
    """Kind, session and person that an entry is about."""
    if kind == EntryKind.CORRECTION:
        corrected = source.removeprefix(CORRECTION_SOURCE)
        return origins.get(int(corrected)) if corrected.isdecimal() else None
    session = source.removeprefix(SESSION_SOURCE)
    return (kind, int(session), person) if session.isdecimal() else None
