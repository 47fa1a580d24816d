"""Around the attendance of one session: words between two people, one's own progress, the sheet of paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.accounts.models import Person
from backend.common.errors import DomainError, NotFoundError, RoleRequiredError
from backend.common.pdf import PDF_TYPE
from backend.networks.enums import Role
from backend.networks.rules import roles_in
from backend.skills.domain.positioning import answers_of, record_positioning
from backend.skills.enums import PositioningLevel
from backend.skills.models import Positioning
from backend.tutoring.domain.access import access_session_for
from backend.tutoring.domain.arbitration import may_type_sheet, type_sheet
from backend.tutoring.domain.feedback import feedback_for
from backend.tutoring.domain.sheets import print_sheet
from backend.tutoring.models import Feedback, Participation, Session
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, reading, refuse
from backend.web.shared.attendance_forms import AWAY, HERE, SheetForm
from backend.web.shared.cards import SessionCard
from backend.web.shared.files import download


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What the page of a session offers once it has taken place, to this reader."""

    words: Sequence[Feedback]
    may_note_progress: bool
    has_sheet: bool
    may_type_sheet: bool


def read_afterwards(card: SessionCard) -> Afterwards:
    session = card.session
    handles_paper = session.site_id is not None and (card.is_tutor or card.coordinates)
    return Afterwards(
        words=list(feedback_for(card.reader, session)) if card.takes_part else [],
        may_note_progress=card.mine is not None and _was_there(card.mine),
        has_sheet=handles_paper,
        may_type_sheet=card.coordinates and may_type_sheet(session),
    )


def _was_there(part: Participation) -> bool:
    return bool(part.by_learner if part.decided is None else part.decided)


@reading
def download_sheet(request: PersonRequest, session_id: int) -> HttpResponse:
    session = access_session_for(request.user, session_id)
    if session.site_id is None or not (session.tutor_id == request.user.pk or _coordinates(request.user, session)):
        raise NotFoundError
    return download(print_sheet(session), f"feuille-de-presence-{session.pk}.pdf", PDF_TYPE)


@acting
def show_sheet(request: PersonRequest, session_id: int) -> HttpResponse:
    """Type in who signed."""
    session = access_session_for(request.user, session_id)
    if not _coordinates(request.user, session):
        raise RoleRequiredError
    form, status = SheetForm(session, request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                type_sheet(
                    session_id=session.pk,
                    author=request.user,
                    signed=form.people_marked(HERE),
                    absent=form.people_marked(AWAY),
                )
            except DomainError as error:
                status = refuse(form, error)
            else:
                messages.success(request, "Feuille saisie : la séance est réglée.")
                return redirect("session", session.pk)
    context = {"session": session, "form": form, "open": may_type_sheet(session)}
    return render(request, "sessions/sheet.html", context, status=status)


def _coordinates(person: Person, session: Session) -> bool:
    return Role.COORDINATOR in roles_in(person, session.network)


class ProgressForm(forms.Form):
    level = forms.TypedChoiceField(
        label="Maintenant",
        coerce=int,
        choices=[(level.value, level.label) for level in PositioningLevel],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une des quatre réponses."},
    )


@acting
def show_progress(request: PersonRequest, session_id: int) -> HttpResponse:
    """Before and after, for the learner alone: where one stood on what the session was about."""
    session = access_session_for(request.user, session_id)
    part = next((part for part in session.participations.all() if part.person_id == request.user.pk), None)
    if part is None or not _was_there(part):
        raise NotFoundError
    before = _before(part)
    form, status = ProgressForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            record_positioning(person=request.user, capacity=part.request.capacity, level=form.cleaned_data["level"])
            messages.success(request, "C’est noté, pour vous seul ou vous seule.")
            return redirect("journey")
    context: dict[str, Any] = {"session": session, "capacity": part.request.capacity, "before": before, "form": form}
    return render(request, "sessions/progress.html", context, status=status)


def _before(part: Participation) -> Positioning | None:
    return answers_of(part.person).filter(capacity=part.request.capacity).first()
