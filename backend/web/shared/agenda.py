"""« Mon agenda »: sessions and time already taken, by day, by week or as a list; drawn by the server, fit to print."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.http import HttpResponse
from django.shortcuts import render

from backend.accounts.models import Person
from backend.agenda.models import OutsideBusy
from backend.common.clock import now
from backend.common.formats import format_day, format_instant, format_time, format_times
from backend.networks.rules import zone_of
from backend.tutoring.domain.access import own_sessions, with_details
from backend.tutoring.domain.calendar import FALLEN
from backend.web.shared.access import PersonRequest, reading
from backend.web.shared.cards import SessionCard, cards_of

DAY, WEEK, LIST = "jour", "semaine", "liste"
VIEWS = {DAY: "Jour", WEEK: "Semaine", LIST: "Liste"}
LENGTHS = {DAY: 1, WEEK: 7, LIST: 28}
# Far enough for anybody, and no day of it is out of the calendar's own range.
FIRST, LAST = dt.date(2000, 1, 1), dt.date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Taken:
    """Time that a calendar kept elsewhere says is taken."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    times: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the page; ``cards`` are sessions that begin then, ``taken`` is what touches it."""

    date: dt.date
    name: str
    is_today: bool
    cards: list[SessionCard] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that a page shows, on the clocks of ``zone``."""

    first: dt.date
    length: int
    zone: zoneinfo.ZoneInfo

    @property
    def days(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=rank) for rank in range(self.length)]

    @property
    def starts_at(self) -> dt.datetime:
        return dt.datetime.combine(self.first, dt.time(), self.zone)

    @property
    def ends_at(self) -> dt.datetime:
        return dt.datetime.combine(self.first + dt.timedelta(days=self.length), dt.time(), self.zone)


@reading
def show_agenda(request: PersonRequest) -> HttpResponse:
    person = request.user
    zone = zone_of(person)
    view = request.GET.get("vue", WEEK)
    view = view if view in VIEWS else WEEK
    today = now().astimezone(zone).date()
    wanted = read_day(request.GET.get("jour", ""), today)
    first = wanted - dt.timedelta(days=wanted.weekday()) if view == WEEK else wanted
    stretch = Stretch(first, LENGTHS[view], zone)
    days = draw_days(stretch, _cards(person, stretch), _taken(person, stretch))
    context = {
        "view": view,
        "views": VIEWS.items(),
        "days": [day for day in days if day.cards or day.taken] if view == LIST else days,
        "wanted": wanted,
        "today": today,
        "title": title_of(stretch),
        "before": first - dt.timedelta(days=stretch.length),
        "after": first + dt.timedelta(days=stretch.length),
    }
    return render(request, "agenda/page.html", context)


def read_day(text: str, today: dt.date) -> dt.date:
    """The day that an address asks for; today for what is no day."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return today
    return min(max(day, FIRST), LAST)


def title_of(stretch: Stretch) -> str:
    """« jeudi 3 décembre », « du lundi 30 novembre au dimanche 6 décembre »."""
    if stretch.length == 1:
        return format_day(stretch.first)
    return f"du {format_day(stretch.first)} au {format_day(stretch.days[-1])}"


def draw_days(stretch: Stretch, cards: Iterable[SessionCard], taken: Sequence[Taken] = ()) -> list[Day]:
    """Every day of a stretch, with what it holds in order."""
    today = now().astimezone(stretch.zone).date()
    days = {date: Day(date, format_day(date), date == today) for date in stretch.days}
    for card in cards:
        date = card.session.starts_at.astimezone(stretch.zone).date()
        if date in days:
            days[date].cards.append(card)

    def midnight(date: dt.date) -> dt.datetime:
        return dt.datetime.combine(date, dt.time(), stretch.zone)

    for row in taken:
        for date, day in days.items():
            if row.starts_at < midnight(date + dt.timedelta(days=1)) and row.ends_at > midnight(date):
                day.taken.append(row)
    return list(days.values())


def _cards(person: Person, stretch: Stretch) -> list[SessionCard]:
    sessions = own_sessions(person).filter(starts_at__lt=stretch.ends_at, starts_at__gte=stretch.starts_at)
    return cards_of(with_details(sessions.exclude(state__in=FALLEN)).order_by("starts_at", "pk"), person)


def _taken(person: Person, stretch: Stretch) -> list[Taken]:
    rows = OutsideBusy.objects.filter(
        calendar__person=person, starts_at__lt=stretch.ends_at, ends_at__gt=stretch.starts_at
    )
    return [_tell(row, stretch.zone) for row in rows.order_by("starts_at", "pk")]


def _tell(row: OutsideBusy, zone: zoneinfo.ZoneInfo) -> Taken:
    starts, ends = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    if starts.date() == ends.date():
        times = format_times(starts, ends, zone)
    elif ends == dt.datetime.combine(starts.date() + dt.timedelta(days=1), dt.time(), zone):
        times = "toute la journée" if starts.time() == dt.time() else f"à partir de {format_time(starts, zone)}"
    else:
        times = f"jusqu’au {format_instant(ends, zone)}"
    return Taken(row.starts_at, row.ends_at, times)
