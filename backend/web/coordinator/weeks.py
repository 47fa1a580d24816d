"""The picture of a week: which tutor gives which session when; and the same as a table."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from backend.campaigns.domain.runs import access_run_for
from backend.campaigns.models import Proposal, Run
from backend.common.errors import NotFoundError
from backend.common.formats import SHORT_DAYS, format_day, format_short_day, format_short_instant
from backend.web.shared.access import PersonRequest, page_of, reading

# Of the picture, in its own units: names on the left, a column a day, a row a tutor.
NAMES, DAY, ROW, HEAD = 170, 90, 30, 26
FIRST_HOUR, LAST_HOUR = 7, 21
TUTORS_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Block:
    left: float
    top: int
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class TutorRow:
    name: str
    short_name: str
    middle: int
    blocks: list[Block]
    sessions: list[str]


@dataclass(frozen=True, slots=True)
class WeekPicture:
    days: list[tuple[str, int]]
    rows: list[TutorRow]
    lines: list[int]
    width: int
    height: int


@reading
def show_week(request: PersonRequest, campaign_id: int, run_id: int) -> HttpResponse:
    run = access_run_for(request.user, run_id)
    if run.campaign_id != campaign_id:
        raise NotFoundError
    campaign = run.campaign
    week = _week_of(request.GET.get("semaine", ""), campaign.weeks)
    monday = campaign.first_day + dt.timedelta(weeks=week - 1)
    given = _sessions(run, monday)
    page = page_of(request, sorted(given), TUTORS_A_PAGE)
    mondays = [campaign.first_day + dt.timedelta(weeks=rank) for rank in range(campaign.weeks)]
    context = {
        "run": run,
        "campaign": campaign,
        "week": week,
        "monday": monday,
        "weeks": [(rank, format_day(day)) for rank, day in enumerate(mondays, 1)],
        "page": page,
        "picture": draw_week(run, monday, {key: given[key] for key in page.object_list}),
    }
    return render(request, "campaigns/week.html", context)


def draw_week(run: Run, monday: dt.date, given: dict[tuple[str, int], list[Proposal]]) -> WeekPicture:
    days = [monday + dt.timedelta(days=rank) for rank in range(7)]
    rows = [_row(run, monday, name, rank, proposals) for rank, ((name, _), proposals) in enumerate(given.items())]
    return WeekPicture(
        days=[(format_short_day(day), NAMES + DAY * rank + DAY // 2) for rank, day in enumerate(days)],
        rows=rows,
        lines=[NAMES + DAY * rank for rank in range(8)],
        width=NAMES + DAY * len(SHORT_DAYS),
        height=HEAD + ROW * len(rows),
    )


def _week_of(text: str, weeks: int) -> int:
    """The nearest one for a number that does not exist."""
    return min(max(int(text), 1), weeks) if text.isdecimal() and len(text) < 4 else 1


def _sessions(run: Run, monday: dt.date) -> dict[tuple[str, int], list[Proposal]]:
    """Per tutor, what they would give in the week, in order; learners of a group are one session."""
    zone = run.campaign.network.zone
    first = dt.datetime.combine(monday, dt.time(), zone)
    last = dt.datetime.combine(monday + dt.timedelta(weeks=1), dt.time(), zone)
    rows = run.proposals.filter(starts_at__gte=first, starts_at__lt=last)
    given: dict[tuple[str, int], list[Proposal]] = defaultdict(list)
    for proposal in rows.select_related("tutor", "request__person").order_by("starts_at", "pk"):
        given[proposal.tutor.name, proposal.tutor_id].append(proposal)
    return given


def _row(run: Run, monday: dt.date, name: str, rank: int, proposals: list[Proposal]) -> TutorRow:
    zone = run.campaign.network.zone
    top = HEAD + ROW * rank
    groups: dict[dt.datetime, list[str]] = defaultdict(list)
    for proposal in proposals:
        groups[proposal.starts_at].append(proposal.request.person.name)
    told = {start: f"{format_short_instant(start, zone)}, {', '.join(people)}" for start, people in groups.items()}
    blocks = [_block(run, start.astimezone(zone), monday, top, words) for start, words in told.items()]
    short = name if len(name) <= 22 else f"{name[:21]}…"
    return TutorRow(name, short, top + ROW // 2 + 5, blocks, list(told.values()))


def _block(run: Run, start: dt.datetime, monday: dt.date, top: int, title: str) -> Block:
    """Hours outside the drawn day stand at its edge: the table tells them all."""
    hour = min(max(start.hour + start.minute / 60, FIRST_HOUR), LAST_HOUR - 1)
    day = (start.date() - monday).days
    scale = DAY / (LAST_HOUR - FIRST_HOUR)
    left = NAMES + DAY * day + (hour - FIRST_HOUR) * scale
    return Block(round(left, 1), top + 4, round(max(run.session_minutes / 60 * scale, 6), 1), title)
