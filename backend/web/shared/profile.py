"""« Mon compte »: who the reader is here, and the keys of their programs."""

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from backend.accounts.domain.passes import revoke_passes, usable_passes
from backend.accounts.domain.tokens import create_token, revoke_token
from backend.common.errors import DomainError
from backend.needs.domain.avoidance import avoided_by
from backend.networks.enums import Role
from backend.networks.rules import memberships_for
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse

ROLE_WORDS = {
    Role.LEARNER: "personne aidée",
    Role.TUTOR: "tutorat",
    Role.COORDINATOR: "coordination",
    Role.AUDITOR: "audit",
}


class TokenForm(forms.Form):
    """A key is only a name until it is made."""

    label = forms.CharField(
        label="À quoi servira cette clé ?",
        help_text="Par exemple : agenda du cabinet.",
        max_length=80,
        error_messages={"required": "Donnez un nom à cette clé."},
    )


class RevokeForm(forms.Form):
    token = forms.IntegerField(min_value=1)


@never_cache
@acting
def show_profile(request: PersonRequest) -> HttpResponse:
    if request.method != "POST":
        return _draw(request, TokenForm())
    match request.POST.get("action"):
        case "create":
            return _create(request)
        case "revoke":
            return _revoke(request)
        case "end-passes":
            revoke_passes(person=request.user)
            messages.success(request, "Les feuilles imprimées pour vous ne servent plus.")
            return redirect("profile")
    raise BadRequest


def _create(request: PersonRequest) -> HttpResponse:
    """The secret is on the answer to this very request, and nowhere else."""
    form, status = TokenForm(request.POST), UNPROCESSABLE
    if form.is_valid():
        try:
            _, secret = create_token(person=request.user, label=form.cleaned_data["label"])
        except DomainError as error:
            status = refuse(form, error)
        else:
            return _draw(request, TokenForm(), secret=secret)
    return _draw(request, form, status=status)


def _revoke(request: PersonRequest) -> HttpResponse:
    form = RevokeForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    revoke_token(person=request.user, token_id=form.cleaned_data["token"])
    messages.success(request, "Clé supprimée : ce qui s’en servait n’a plus accès à votre compte.")
    return redirect("profile")


def _draw(request: PersonRequest, form: TokenForm, *, secret: str = "", status: int = 200) -> HttpResponse:
    memberships = [
        (row, ", ".join(ROLE_WORDS[Role(held.role)] for held in row.roles.all()))
        for row in memberships_for(request.user)
    ]
    context = {
        "memberships": memberships,
        "is_tutor": any(held.role == Role.TUTOR for row, _ in memberships for held in row.roles.all()),
        "tokens": request.user.api_tokens.all(),
        "form": form,
        "secret": secret,
        "profession": request.user.profession,
        "avoided": avoided_by(request.user),
        "paper": usable_passes(request.user).select_related("author").first(),
    }
    return render(request, "profile/page.html", context, status=status)
