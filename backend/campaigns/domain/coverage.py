"""What a network is asked for, who is validated for it, and the time they have in the weeks that come.

Requests are counted, never whose they are; nobody's positioning enters.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery

from backend.agenda.domain.availability import Interval, find_free_intervals
from backend.campaigns.domain.coming import coming_campaign
from backend.campaigns.domain.instance import max_sessions, period_of
from backend.campaigns.domain.standing import standing_starts
from backend.campaigns.models import Campaign
from backend.common.clock import CELL_MINUTES, now
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest, TutorOffer
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.referentials.enums import Area
from backend.referentials.models import Capacity, Notion, Profession
from backend.skills.models import Claim


@dataclass(frozen=True, slots=True)
class Cover:
    """Open requests, validated tutors, and minutes they could give in whole sessions.

    The time of a tutor counts on each subject they hold: lines do not add up.
    """

    requests: int
    tutors: int
    minutes: int


@dataclass(frozen=True, slots=True)
class NotionCover(Cover):
    notion: Notion


@dataclass(frozen=True, slots=True)
class AreaCover(Cover):
    """A whole domain; each tutor once."""

    area: Area


@dataclass(frozen=True, slots=True)
class Coverage:
    """``campaign`` says which weeks; it may be one that does not exist yet."""

    campaign: Campaign
    notions: list[NotionCover]
    areas: list[AreaCover]


@dataclass(frozen=True, slots=True)
class CoverageSearch:
    """Which subjects; an empty profession or area is all of them."""

    area: str = ""
    profession: str = ""
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Holders:
    """Who is validated for what, and the minutes each could give."""

    of_notion: dict[int, set[int]]
    minutes: dict[int, int]

    def minutes_of(self, people: Iterable[int]) -> int:
        return sum(self.minutes.get(person, 0) for person in people)


def measure_coverage(network: Network, search: CoverageSearch) -> Coverage:
    """Subjects asked for or held, or all of them. Nine queries at any size."""
    campaign = coming_campaign(network)
    holders = _find_holders(campaign)
    asked = _count_requests(network, search.profession)
    notions = list(_notions(search, asked))
    rows = [_cover(notion, asked, holders) for notion in notions]
    kept = [row for row in rows if search.everything or row.requests or row.tutors]
    return Coverage(campaign, kept, [_cover_area(area, rows, holders) for area in Area if _is_wanted(area, search)])


def holders_of(network: Network, day: dt.date) -> QuerySet[Claim]:
    """Validated competencies of the network's active tutors, on a day."""
    tutors = Membership.objects.active().with_role(Role.TUTOR).filter(network=network).values("person")
    return Claim.objects.valid_on(day).filter(network=network, person__in=tutors)


def open_requests_of(network: Network) -> QuerySet[HelpRequest]:
    """Those the next campaign would be given."""
    members = Membership.objects.active().filter(network=network).values("person")
    return HelpRequest.objects.filter(network=network, state=RequestState.OPEN, person__in=members)


def _find_holders(campaign: Campaign) -> Holders:
    """Claims with the hours offered, then the agenda of those who offer some."""
    offers = TutorOffer.objects.filter(network=campaign.network, person=OuterRef("person"))
    claims = holders_of(campaign.network, campaign.last_day).annotate(
        hours=Subquery(offers.values("hours_per_month")[:1])
    )
    of_notion: dict[int, set[int]] = defaultdict(set)
    hours: dict[int, Decimal] = {}
    for notion, person, given in claims.values_list("notion_id", "person_id", "hours"):
        of_notion[notion].add(person)
        hours[person] = given or Decimal(0)
    return Holders(of_notion, _minutes_given(campaign, {person: given for person, given in hours.items() if given}))


def _minutes_given(campaign: Campaign, hours: dict[int, Decimal]) -> dict[int, int]:
    """Per tutor, minutes in whole sessions: bounded by the hours offered, sessions that stand, and free time."""
    period, minutes = period_of(campaign), campaign.session_minutes
    free = find_free_intervals(people=hours, period=period, network=campaign.network, not_before=now())
    standing = standing_starts(campaign.network, period, hours)
    return {
        person: minutes
        * max(
            0,
            min(
                max_sessions(given, weeks=campaign.weeks, minutes=minutes) - len(standing.get(str(person), ())),
                _sessions_that_fit(free[person], minutes // CELL_MINUTES),
            ),
        )
        for person, given in hours.items()
    }


def _sessions_that_fit(intervals: Collection[Interval], cells: int) -> int:
    return sum((end - start) // cells for start, end in intervals)


def _count_requests(network: Network, profession: str) -> Counter[int]:
    requests = open_requests_of(network)
    if profession:
        requests = requests.filter(person__profession__slug=profession)
    return Counter(requests.values_list("notion_id", flat=True))


def _notions(search: CoverageSearch, asked: Counter[int]) -> QuerySet[Notion]:
    """Of a profession: what its référentiel holds, and what its people ask for."""
    notions = Notion.objects.filter(Q(area=search.area) if search.area else Q())
    if search.profession:
        framework = Profession.objects.filter(slug=search.profession).values("framework")
        of_profession = Capacity.objects.filter(competency__domain__framework__in=framework).values("notion")
        notions = notions.filter(Q(pk__in=of_profession) | Q(pk__in=list(asked)))
    return notions.order_by("title", "pk")


def _cover(notion: Notion, asked: Counter[int], holders: Holders) -> NotionCover:
    people = holders.of_notion.get(notion.pk, set())
    return NotionCover(asked[notion.pk], len(people), holders.minutes_of(people), notion)


def _cover_area(area: Area, rows: Iterable[NotionCover], holders: Holders) -> AreaCover:
    inside = [row for row in rows if row.notion.area == area]
    people = set().union(*(holders.of_notion.get(row.notion.pk, set()) for row in inside))
    return AreaCover(sum(row.requests for row in inside), len(people), holders.minutes_of(people), area)


def _is_wanted(area: Area, search: CoverageSearch) -> bool:
    return search.area in {"", area}
