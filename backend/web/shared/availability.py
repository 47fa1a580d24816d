"""« Mes disponibilités »: the week of the reader, its exceptions, and what the next campaign makes of them."""

import datetime as dt
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.accounts.models import Person
from backend.agenda.domain.exceptions import add_exception, coming_exceptions, remove_exception
from backend.agenda.domain.windows import add_window, change_window, paint_week, remove_window, windows_of
from backend.agenda.models import AvailabilityException, WeeklyWindow
from backend.common.errors import DomainError, NotFoundError
from backend.common.formats import format_day, format_instant, format_span
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.networks.rules import memberships_for
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, refuse
from backend.web.shared.availability_forms import FREE, ExceptionForm, WindowForm
from backend.web.shared.foresight import Foresight, campaigns_ahead, foresee
from backend.web.shared.week import BOARD, draw_board, list_windows, read_board
from backend.web.shared.zones import name_zone

GONE = "Ce n’était déjà plus dans votre liste : rien n’a changé."
GIVING_OR_ASKING = {Role.LEARNER, Role.TUTOR}
NIGHTS = ", nuits comprises"


class Desk:
    """The reader and where they stand, asked of the database once a request."""

    def __init__(self, request: PersonRequest) -> None:
        self.request, self.person = request, request.user
        self.memberships = memberships_for(self.person)
        self.zones = list(dict.fromkeys(membership.network.timezone for membership in self.memberships))

    @property
    def zone(self) -> str:
        """The zone of the board: the one asked for, else the first network's."""
        wanted = self.request.GET.get("fuseau", "")
        return wanted if wanted in self.zones else self.zones[0]

    @property
    def address(self) -> str:
        """This page, with the board it shows."""
        choice = f"?fuseau={self.zone}" if len(self.zones) > 1 else ""
        return f"{reverse('availability')}{choice}"

    @property
    def is_tutor(self) -> bool:
        return any(held.role == Role.TUTOR for row in self.memberships for held in row.roles.all())

    @cached_property
    def windows(self) -> list[WeeklyWindow]:
        return windows_of(self.person)


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    exception: AvailabilityException
    words: str


@acting
def show_availability(request: PersonRequest) -> HttpResponse:
    desk = Desk(request)
    if not desk.zones:
        return render(request, "availability/nowhere.html")
    if request.method == "POST":
        return _act(desk)
    return _draw(desk)


def lacks_windows(person: Person) -> bool:
    """Whether somebody says nowhere when they are free: nothing can be proposed to them."""
    added = coming_exceptions(person).filter(is_free=True)
    return not WeeklyWindow.objects.filter(person=person).exists() and not added.exists()


def asks_without_windows(person: Person) -> bool:
    """Whether somebody waits for help without a single window; one query."""
    waiting = HelpRequest.objects.filter(person=person, state=RequestState.OPEN)
    return waiting.filter(person__weekly_windows=None).exists()


def _act(desk: Desk) -> HttpResponse:
    actions: dict[str, Callable[[Desk], HttpResponse]] = {
        "board": _paint,
        "window": _save_window,
        "remove": _remove_window,
        "exception": _add_exception,
        "forget": _remove_exception,
    }
    action = actions.get(desk.request.POST.get("action", ""))
    if action is None:
        raise BadRequest
    return action(desk)


def _paint(desk: Desk) -> HttpResponse:
    """The board says which zone it was drawn for: the address may have changed since."""
    zone = desk.request.POST.get("timezone", "")
    if zone not in desk.zones:
        raise BadRequest
    checked = read_board(desk.request.POST.getlist("cell"))
    paint_week(person=desk.person, timezone=zone, board=BOARD, checked=checked)
    return _done(desk, "Votre semaine est enregistrée.", "semaine")


def _save_window(desk: Desk) -> HttpResponse:
    changing = _window_of(desk, desk.request.POST.get("window", ""))
    zones = list(dict.fromkeys([*desk.zones, *([changing.timezone] if changing else [])]))
    form, status = WindowForm(zones, desk.request.POST, auto_id="window_%s"), UNPROCESSABLE
    if form.is_valid():
        try:
            _write_window(desk.person, form)
        except NotFoundError:
            return _gone(desk)
        except DomainError as error:
            status = refuse(form, error)
        else:
            return _done(desk, "Créneau enregistré.", "creneaux")
    return _draw(desk, window_form=form, status=status)


def _write_window(person: Person, form: WindowForm) -> None:
    if form.cleaned_data["window"]:
        change_window(person=person, window_id=form.cleaned_data["window"], span=form.span)
    else:
        add_window(person=person, span=form.span)


def _remove_window(desk: Desk) -> HttpResponse:
    try:
        remove_window(person=desk.person, window_id=_posted_id(desk, "window"))
    except NotFoundError:
        return _gone(desk)
    return _done(desk, "Créneau retiré.", "creneaux")


def _add_exception(desk: Desk) -> HttpResponse:
    form, status = ExceptionForm(desk.zones, desk.request.POST, auto_id="exception_%s"), UNPROCESSABLE
    if form.is_valid():
        data = form.cleaned_data
        try:
            add_exception(
                person=desk.person,
                starts_at=data["starts_at"],
                ends_at=data["ends_at"],
                is_free=data["kind"] == FREE,
            )
        except DomainError as error:
            error.fields = {_field_of(name): told for name, told in error.fields.items()}
            status = refuse(form, error)
        else:
            return _done(desk, "Exception enregistrée.", "exceptions")
    return _draw(desk, exception_form=form, status=status)


def _field_of(name: str) -> str:
    """The field of the form behind an instant of the domain."""
    return {"starts_at": "starts", "ends_at": "ends"}.get(name, name)


def _remove_exception(desk: Desk) -> HttpResponse:
    try:
        remove_exception(person=desk.person, exception_id=_posted_id(desk, "exception"))
    except NotFoundError:
        return _gone(desk)
    return _done(desk, "Exception retirée.", "exceptions")


def _posted_id(desk: Desk, name: str) -> int:
    text = desk.request.POST.get(name, "")
    if not text.isdecimal() or len(text) >= 18:
        raise BadRequest
    return int(text)


def _window_of(desk: Desk, text: str) -> WeeklyWindow | None:
    """A window of the reader's own, by its id as an address or a form tells it."""
    return next((window for window in desk.windows if str(window.pk) == text), None)


def _done(desk: Desk, words: str, anchor: str) -> HttpResponse:
    messages.success(desk.request, words)
    return redirect(f"{desk.address}#{anchor}")


def _gone(desk: Desk) -> HttpResponse:
    messages.info(desk.request, GONE)
    return redirect(desk.address)


def _draw(
    desk: Desk, *, window_form: WindowForm | None = None, exception_form: ExceptionForm | None = None, status: int = 200
) -> HttpResponse:
    changing = _window_of(desk, desk.request.GET.get("changer", ""))
    if window_form is None:
        window_form = (
            WindowForm.for_window(desk.zones, changing) if changing else WindowForm(desk.zones, auto_id="window_%s")
        )
    exceptions = page_of(desk.request, coming_exceptions(desk.person))
    zone = zoneinfo.ZoneInfo(desk.zone)
    context = {
        "zone": desk.zone,
        "zone_name": name_zone(desk.zone),
        "zones": [(name, name_zone(name).capitalize()) for name in desk.zones] if len(desk.zones) > 1 else [],
        "board": draw_board(desk.windows, desk.zone),
        "lines": list_windows(desk.windows, several_zones=_tells_zones(desk)),
        "minutes": _minutes_a_week(desk.windows),
        "window_form": window_form,
        "is_change": bool(window_form["window"].value()),
        "page": exceptions,
        "exceptions": [ExceptionLine(row, _exception_words(row, zone)) for row in exceptions],
        "exception_form": exception_form or ExceptionForm(desk.zones, auto_id="exception_%s"),
        "address": desk.address,
        "is_tutor": desk.is_tutor,
        **_foresight(desk, has_exceptions=bool(exceptions.paginator.count)),
    }
    return render(desk.request, "availability/page.html", context, status=status)


def _tells_zones(desk: Desk) -> bool:
    return len({*desk.zones, *(window.timezone for window in desk.windows)}) > 1


def _minutes_a_week(windows: Sequence[WeeklyWindow]) -> int:
    return sum(_minute_of_day(window.ends) - _minute_of_day(window.starts) for window in windows)


def _minute_of_day(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _foresight(desk: Desk, *, has_exceptions: bool) -> dict[str, Any]:
    """One campaign at a time: the one asked for, else the nearest."""
    networks = [row.network for row in desk.memberships if _gives_or_asks(row)]
    campaigns = list(campaigns_ahead(networks)) if networks else []
    wanted = desk.request.GET.get("campagne", "")
    shown = next((row for row in campaigns if str(row.pk) == wanted), campaigns[0] if campaigns else None)
    seen: Foresight | None = None
    if shown is not None:
        seen = foresee(shown, desk.person, has_windows=bool(desk.windows) or has_exceptions)
    return {"campaigns": campaigns, "seen": seen}


def _gives_or_asks(membership: Membership) -> bool:
    return any(held.role in GIVING_OR_ASKING for held in membership.roles.all())


def _exception_words(exception: AvailabilityException, zone: zoneinfo.ZoneInfo) -> str:
    """« jeudi 3 décembre, toute la journée », or from when to when."""
    starts, ends = exception.starts_at.astimezone(zone), exception.ends_at.astimezone(zone)
    if starts.time() == ends.time() == dt.time():
        last_day = ends.date() - dt.timedelta(days=1)
        if last_day == starts.date():
            return f"{format_day(last_day)}, toute la journée"
        words = f"du {format_day(starts.date())} au {format_day(last_day)}"
    elif starts.date() == ends.date():
        return format_span(starts, ends, zone)
    else:
        words = f"du {format_instant(starts, zone)} au {format_instant(ends, zone)}"
    return words + NIGHTS * exception.is_free
