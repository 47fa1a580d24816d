"""Answering from a mail: its link opens a page, and the page's buttons answer. Nobody has to sign in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.models import Person
from backend.common.errors import DomainError, NotFoundError
from backend.tutoring.domain.access import access_session_for
from backend.tutoring.domain.answer_links import read_token
from backend.tutoring.models import Session
from backend.tutoring.rules import Action
from backend.web.shared.access import CONFLICT, UNPROCESSABLE, refuse
from backend.web.shared.attendance_forms import ActionForm
from backend.web.shared.cards import SessionCard
from backend.web.shared.limits import refuse_flood
from backend.web.shared.secrecy import keep_address_secret
from backend.web.shared.session_forms import COMMANDS

TRIES_PER_MINUTE = 60
# What a mail may do; the rest asks to sign in.
FROM_MAIL = (
    Action.ACCEPT,
    Action.DECLINE,
    Action.AGREE,
    Action.PROPOSE_TIME,
    Action.ACCEPT_TIME,
    Action.DECLINE_TIME,
    Action.ATTENDANCE,
    Action.CONFIRM,
)


@never_cache
@keep_address_secret
@require_http_methods(["GET", "HEAD", "POST"])
def answer_from_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Reading the page answers nothing: mailboxes open links by themselves to check them."""
    if flood := refuse_flood(request, action="answer", per_minute=TRIES_PER_MINUTE):
        return flood
    try:
        session_id, person = read_token(token)
        session = access_session_for(person, session_id)
    except NotFoundError:
        return render(request, "answering/spent.html", status=404)
    if request.method == "POST":
        return _act(request, session, person)
    return _draw(request, session, person)


def _act(request: HttpRequest, session: Session, person: Person) -> HttpResponse:
    action = request.POST.get("action", "")
    if action not in FROM_MAIL:
        return _draw(request, session, person, status=UNPROCESSABLE)
    command = COMMANDS[action]
    form, status = command.form(session, request.POST), UNPROCESSABLE
    if form.is_valid():
        try:
            command.perform(session.pk, person, form)
        except DomainError as error:
            status = refuse(form, error)
        else:
            return redirect(f"{request.path}?fait={action}")
    return _draw(request, access_session_for(person, session.pk), person, {action: form}, status)


def _draw(
    request: HttpRequest,
    session: Session,
    person: Person,
    bound: dict[str, ActionForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    card, done = SessionCard(session, person), request.GET.get("fait", "")
    actions = [action for action in card.actions if action in FROM_MAIL]
    forms = {action: COMMANDS[action].form(session) for action in actions} | (bound or {})
    gone = next((form for action, form in forms.items() if action not in actions), None)
    context = {
        "card": card,
        "session": session,
        "actions": actions,
        "forms": {str(action).replace("-", "_"): form for action, form in forms.items()},
        "problems": gone.non_field_errors() if gone else [],
        "failed": next(iter(bound.values()), None) if bound and not gone else None,
        "done": COMMANDS[done].done if done in FROM_MAIL and not bound else "",
        "person": person,
    }
    return render(request, "answering/page.html", context, status=CONFLICT if gone else status)
