"""« Mon calendrier »: the address of the reader's feed, what it tells, and the calendars read for their busy time."""

from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backend.agenda.domain.feeds import access_feed, choose_titles, feed_address, feed_of, renew_feed
from backend.agenda.domain.outside import outside_calendars_of
from backend.common.errors import DomainError, NotFoundError
from backend.tutoring.domain.access import access_own_session_for
from backend.tutoring.domain.calendar import feed_sessions, fingerprint, write_sessions
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, reading, refuse
from backend.web.shared.calendar_forms import ADDING, KEEPING, CalendarForm, lines_of
from backend.web.shared.secrecy import keep_address_secret

MEDIA_TYPE = "text/calendar; charset=utf-8"


@keep_address_secret
@require_safe
def show_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What calendar programs fetch again and again: 304 as long as nothing changed."""
    feed = access_feed(secret)
    sessions = feed_sessions(feed.person)
    etag = fingerprint(feed, sessions)
    response = get_conditional_response(request, etag=etag) or _calendar(
        write_sessions(sessions, full_titles=feed.full_titles), "tandem.ics"
    )
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


@reading
def download_session(request: PersonRequest, session_id: int) -> HttpResponse:
    """One session as a file, for a calendar that does not follow the feed."""
    session = access_own_session_for(request.user, session_id)
    data = write_sessions([session], full_titles=feed_of(request.user).full_titles)
    response = _calendar(data, f"seance-{session.pk}.ics")
    patch_cache_control(response, private=True, no_cache=True)
    return response


@never_cache
@acting
def show_calendar(request: PersonRequest) -> HttpResponse:
    if request.method != "POST":
        return _draw(request)
    action = request.POST.get("action", "")
    if action in ADDING:
        return _add(request, action)
    if action in KEEPING:
        return _keep(request, action)
    match action:
        case "renew":
            renew_feed(person=request.user)
            messages.success(request, "Nouvelle adresse prête. L’ancienne ne répond plus.")
        case "titles":
            choose_titles(person=request.user, full=request.POST.get("full") == "yes")
            messages.success(request, "Choix enregistré.")
        case _:
            raise BadRequest
    return redirect("calendar")


def _add(request: PersonRequest, action: str) -> HttpResponse:
    kind, done = ADDING[action]
    form, status = kind(request.POST, request.FILES, auto_id=f"{action}_%s"), UNPROCESSABLE
    if form.is_valid():
        try:
            form.perform(request.user)
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, done)
            return redirect("calendar")
    return _draw(request, {action: form}, status)


def _keep(request: PersonRequest, action: str) -> HttpResponse:
    """A calendar that a second press finds gone is no error of the person."""
    perform, done = KEEPING[action]
    form = CalendarForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    try:
        perform(person=request.user, calendar_id=form.cleaned_data["calendar"])
    except NotFoundError:
        messages.info(request, "Ce calendrier n’était déjà plus dans votre liste : rien n’a changé.")
    else:
        messages.success(request, done)
    return redirect("calendar")


def _draw(request: PersonRequest, bound: dict[str, forms.Form] | None = None, status: int = 200) -> HttpResponse:
    address = feed_address(request.user, request.build_absolute_uri)
    webcal = f"webcal:{address.partition(':')[2]}"
    blank = {action: kind(auto_id=f"{action}_%s") for action, (kind, _) in ADDING.items()}
    shown = blank | (bound or {})
    context = {
        "feed": feed_of(request.user),
        "address": address,
        "webcal": webcal,
        "google": f"https://calendar.google.com/calendar/render?cid={quote(webcal, safe='')}",
        "outlook": f"https://outlook.office.com/calendar/0/addfromweb?url={quote(address, safe='')}&name=Tandem",
        "calendars": lines_of(outside_calendars_of(request.user)),
        "address_form": shown["address"],
        "file_form": shown["file"],
    }
    return render(request, "calendar/page.html", context, status=status)


def _calendar(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
