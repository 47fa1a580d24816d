"""One credential of the reader's own: where each claim stands, its files, what is asked for; and its files served."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.csp import CSP
from django.utils.http import content_disposition_header

from backend.common.errors import DomainError
from backend.skills.domain.claims import OPEN_STATES
from backend.skills.domain.credentials import access_credential_for, answer_credential, withdraw_credential
from backend.skills.domain.evidence import access_evidence_for, add_evidence, remove_evidence
from backend.skills.enums import ClaimState
from backend.skills.models import Claim, Credential
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, reading, refuse
from backend.web.shared.claim_history import steps_of_credential
from backend.web.shared.limits import refuse_flood
from backend.web.shared.notion_words import words_for
from backend.web.shared.wording import CLAIM_TAGS
from backend.web.tutor.claim_forms import AnswerForm, JoinForm
from backend.web.tutor.claims import tag_of
from backend.web.tutor.claims_add import UPLOADS_A_MINUTE


@reading
def open_evidence(request: PersonRequest, evidence_id: int) -> HttpResponse:
    """The file itself: always to be saved, never to be run, kept by no cache."""
    evidence = access_evidence_for(request.user, evidence_id)
    with evidence.file.open("rb") as file:
        response = HttpResponse(file.read(), content_type=evidence.media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=evidence.name)
    response["Content-Security-Policy"] = f"default-src {CSP.NONE}; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@acting
def show_credential(request: PersonRequest, credential_id: int) -> HttpResponse:
    credential = access_credential_for(request.user, credential_id)
    if credential.person_id != request.user.pk:
        return redirect("credential_review", credential_id=credential.pk)
    if request.method != "POST":
        return _draw(request, credential)
    act = ACTIONS.get(request.POST.get("action", ""))
    if act is None:
        raise BadRequest
    return act(request, credential)


def _answer(request: PersonRequest, credential: Credential) -> HttpResponse:
    form = AnswerForm(request.POST, request.FILES)
    return _act(
        request,
        credential,
        form,
        lambda data: answer_credential(
            credential=credential, author=request.user, text=data["text"], files=data["evidence"]
        ),
        "Merci : votre coordination va relire votre demande.",
    )


def _join(request: PersonRequest, credential: Credential) -> HttpResponse:
    form = JoinForm(request.POST, request.FILES)
    return _act(
        request,
        credential,
        form,
        lambda data: add_evidence(credential=credential, author=request.user, files=data["evidence"]),
        "Fichier joint.",
    )


def _act(
    request: PersonRequest,
    credential: Credential,
    form: forms.Form,
    perform: Callable[[dict[str, Any]], object],
    done: str,
) -> HttpResponse:
    if flood := refuse_flood(request, action=f"upload:{request.user.pk}", per_minute=UPLOADS_A_MINUTE):
        return flood
    status = UNPROCESSABLE
    if form.is_valid():
        try:
            perform(form.cleaned_data)
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, done)
            return redirect("credential", credential_id=credential.pk)
    return _draw(request, credential, form, status)


def _remove(request: PersonRequest, credential: Credential) -> HttpResponse:
    key = request.POST.get("evidence", "")
    if not key.isdecimal():
        raise BadRequest
    remove_evidence(evidence=access_evidence_for(request.user, int(key)), author=request.user)
    messages.success(request, "Fichier retiré.")
    return redirect("credential", credential_id=credential.pk)


def _withdraw(request: PersonRequest, credential: Credential) -> HttpResponse:
    withdraw_credential(credential=credential, author=request.user)
    messages.success(request, "Demande retirée. Vous pourrez la refaire quand vous voudrez.")
    return redirect("credential", credential_id=credential.pk)


ACTIONS: dict[str, Callable[[PersonRequest, Credential], HttpResponse]] = {
    "answer": _answer,
    "join": _join,
    "remove": _remove,
    "withdraw": _withdraw,
}


def _draw(
    request: PersonRequest, credential: Credential, refused: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    claims = list(credential.claims.select_related("notion").order_by("state", "notion__area", "notion__title"))
    states = {credential.state, *(claim.state for claim in claims)}
    asked = ClaimState.MORE_ASKED in states
    forms_shown: dict[str, forms.Form | None] = {"answer": AnswerForm() if asked else None, "join": JoinForm()}
    if refused is not None:
        forms_shown["answer" if isinstance(refused, AnswerForm) else "join"] = refused
    words = words_for(request.user, [claim.notion for claim in claims])
    context = {
        "credential": credential,
        "tag": CLAIM_TAGS[ClaimState(credential.state)] if credential.state else None,
        "rows": [(claim, words[claim.notion_id], tag_of(claim)) for claim in claims],
        "is_open": not states.isdisjoint(OPEN_STATES),
        "forms": forms_shown,
        "form": refused,
        "steps": steps_of_credential(credential),
        "counts": _counts(claims),
    }
    return render(request, "claims/credential.html", context, status=status)


def _counts(claims: list[Claim]) -> list[tuple[str, int]]:
    """How many claims stand where, for the head of the page."""
    states = [claim.state for claim in claims]
    return [(CLAIM_TAGS[state].text, states.count(state)) for state in ClaimState if state in states]
