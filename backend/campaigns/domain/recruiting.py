"""Whom to recruit: what one more tutor on a subject, at some times of the day, would let be served.

Subjects are ranked by the engine's prices; what each would unlock is then solved, not guessed: the requests that an
answer leaves out, before a newcomer, with nothing else moved. A new answer to everything could only do better.
"""

import datetime as dt
import math
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from django.core.cache import cache

import matching
from backend.accounts.models import Person
from backend.campaigns.domain.coming import coming_campaign
from backend.campaigns.domain.instance import build_problem, max_sessions, period_of
from backend.campaigns.domain.runs import hash_instance
from backend.campaigns.domain.standing import cut_intervals
from backend.campaigns.models import Campaign
from backend.common.clock import now
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role
from backend.referentials.models import Notion
from matching.records import Interval

HOURS_A_MONTH = Decimal(4)
SUBJECTS = 6
# A page waits for the answer: what cannot be verified by then is left out, and said to be.
BUDGET = 1.5
KEPT_SECONDS = 7 * 24 * 3600
NEWCOMER = "newcomer"
SOLVING = matching.SolveParameters(time_limit=0.2)


class Band(StrEnum):
    """A part of the day, on the clocks of the network."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


BAND_HOURS = {Band.MORNING: (8, 12), Band.NOON: (12, 14), Band.AFTERNOON: (14, 18), Band.EVENING: (18, 21)}


@dataclass(frozen=True, slots=True)
class Advice:
    """One more tutor on a notion, free in one part of the day, would let ``served`` more requests be served."""

    slug: str
    title: str
    level: int
    band: Band
    served: int


@dataclass(frozen=True, slots=True)
class Recruiting:
    """What unlocks most first; not ``is_complete`` when time ran out before every subject was tried."""

    computed_at: dt.datetime
    requests: int
    advices: tuple[Advice, ...]
    is_complete: bool


def last_recruiting(network: Network) -> Recruiting | None:
    """What was last computed for the network; nothing is computed, no question is asked of the database."""
    key = cache.get(_pointer(network))
    return None if key is None else cache.get(key)


def compute_recruiting(*, network: Network, author: Person, budget: float = BUDGET) -> Recruiting:
    """Price and verify on the problem of the coming campaign as it stands now; the same problem is solved once."""
    require_role(author, network, Role.COORDINATOR)
    campaign = coming_campaign(network)
    problem = build_problem(campaign, not_before=now())
    key = f"recruiting:{network.pk}:{hash_instance(matching.problem_to_json(problem))}"
    found: Recruiting | None = cache.get(key)
    if found is None or not found.is_complete:
        found = _advise(campaign, problem, time.perf_counter() + budget)
        cache.set(key, found, KEPT_SECONDS)
    cache.set(_pointer(network), key, KEPT_SECONDS)
    return found


def _pointer(network: Network) -> str:
    return f"recruiting:{network.pk}:last"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The requests that an answer leaves out, by notion, and their learners with the time they have left."""

    campaign: Campaign
    problem: matching.Problem
    requests: dict[str, list[matching.Request]]
    people: dict[str, matching.Person]


def _advise(campaign: Campaign, problem: matching.Problem, deadline: float) -> Recruiting:
    """Price every subject on an answer, then try the dearest ones against what that answer leaves out."""
    answer = matching.solve(problem, matching.SolveParameters(time_limit=BUDGET / 2))
    prices = matching.price_notions(problem, answer, verify=0) if answer.unserved else ()
    dear = [price for price in prices if price.estimate][:SUBJECTS]
    notions = Notion.objects.in_bulk([int(price.notion) for price in dear])
    left_out = _what_is_left_out(campaign, problem, answer)
    advices: list[Advice] = []
    tried = 0
    for price in dear:
        if time.perf_counter() > deadline:
            break
        tried += 1
        if best := _best_band(left_out, price):
            notion = notions[int(price.notion)]
            advices.append(Advice(notion.slug, notion.title, price.level, *best))
    advices.sort(key=lambda advice: -advice.served)
    return Recruiting(now(), len(problem.requests), tuple(advices), is_complete=tried == len(dear))


def _what_is_left_out(campaign: Campaign, problem: matching.Problem, answer: matching.Result) -> LeftOut:
    missing = {row.request for row in answer.unserved}
    requests: dict[str, list[matching.Request]] = defaultdict(list)
    for row in problem.requests:
        if row.id in missing:
            requests[row.notion].append(row)
    return LeftOut(campaign, problem, requests, _free_people(problem, answer))


def _free_people(problem: matching.Problem, answer: matching.Result) -> dict[str, matching.Person]:
    """Everybody, free but for the sessions that the answer gives them, in whichever role."""
    learners = {row.id: row.person for row in problem.requests}
    tutors = {row.id: row.person for row in problem.tutors}
    busy: dict[str, list[Interval]] = defaultdict(list)
    for match in answer.matches:
        for person in (learners[match.request], tutors[match.tutor]):
            busy[person].append((match.start, match.start + problem.session_cells))
    return {
        person.id: replace(person, available=tuple(cut_intervals(person.available, busy[person.id])))
        for person in problem.people
    }


def _best_band(left_out: LeftOut, price: matching.NotionPrice) -> tuple[Band, int] | None:
    """The part of the day at which a newcomer would serve most, nothing else being moved, and how many."""
    if price.notion not in left_out.requests:
        return None
    served = {band: matching.solve(_with_newcomer(left_out, price, band), SOLVING).served for band in Band}
    band = max(Band, key=lambda band: served[band])
    return (band, served[band]) if served[band] else None


def _with_newcomer(left_out: LeftOut, price: matching.NotionPrice, band: Band) -> matching.Problem:
    """These requests alone before somebody who gives four hours a month, wherever they can be met."""
    campaign, requests = left_out.campaign, left_out.requests[price.notion]
    sessions = max_sessions(HOURS_A_MONTH, weeks=campaign.weeks, minutes=campaign.session_minutes)
    newcomer = matching.Tutor(
        id=NEWCOMER,
        person=NEWCOMER,
        skills={price.notion: price.level},
        max_sessions=sessions,
        max_sessions_per_week=math.ceil(sessions / 2),
        modalities=tuple(dict.fromkeys(place for row in requests for place in row.modalities)),
    )
    learners = (left_out.people[person] for person in sorted({row.person for row in requests}))
    return replace(
        left_out.problem,
        people=(*learners, matching.Person(NEWCOMER, tuple(_band_cells(campaign, band)))),
        tutors=(newcomer,),
        requests=tuple(requests),
        excluded=(),
        pinned=(),
        previous=(),
    )


def _band_cells(campaign: Campaign, band: Band) -> Iterator[Interval]:
    """The cells of a part of each day."""
    period = period_of(campaign)
    first_hour, end_hour = (dt.time(hour) for hour in BAND_HOURS[band])
    for day in range(campaign.weeks * 7):
        date = campaign.first_day + dt.timedelta(days=day)
        cells = period.within(
            dt.datetime.combine(date, first_hour, period.zone), dt.datetime.combine(date, end_hour, period.zone)
        )
        if cells.start < cells.stop:
            yield cells.start, cells.stop
