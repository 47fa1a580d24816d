"""Joining by the link of an invitation."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError
from backend.networks.domain.invitations import REFUSALS, accept_invitation, find_invitation, sign_up
from backend.networks.enums import InvitationState, Role
from backend.networks.models import Invitation
from backend.networks.rules import invitation_state
from backend.web.shared.access import UNPROCESSABLE, refuse
from backend.web.shared.identity import SignUpForm
from backend.web.shared.limits import refuse_flood
from backend.web.shared.profile import ROLE_WORDS
from backend.web.shared.secrecy import keep_address_secret

VISITS_PER_MINUTE = 60
GONE = 410


@never_cache
@keep_address_secret
@require_http_methods(["GET", "HEAD", "POST"])
def show_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A new person signs up; somebody signed in under the invited address joins with one button."""
    if flood := refuse_flood(request, action="invitation", per_minute=VISITS_PER_MINUTE):
        return flood
    invitation, person = find_invitation(token=token), request.user
    if person.is_authenticated and invitation.accepted_by_id == person.pk:
        return redirect("welcome")
    if invitation_state(invitation) != InvitationState.OPEN:
        return _draw_closed(request, invitation)
    if person.is_authenticated:
        return _meet_member(request, invitation, person, token)
    if Person.objects.filter(email=invitation.email).exists():
        return render(request, "invitations/sign_in.html", {"invitation": invitation})
    return _meet_newcomer(request, invitation, token)


def _meet_member(request: HttpRequest, invitation: Invitation, person: Person, token: str) -> HttpResponse:
    if person.email != invitation.email:
        return render(request, "invitations/other_address.html", {"invitation": invitation})
    if request.method != "POST":
        context = {"invitation": invitation, "roles": _roles_of(invitation)}
        return render(request, "invitations/accept.html", context)
    accept_invitation(token=token, person=person)
    messages.success(request, f"Vous avez rejoint {invitation.network.name}.")
    return redirect("welcome")


def _meet_newcomer(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    form, status = SignUpForm(invitation.network, initial={"site": invitation.site_id}), 200
    if request.method == "POST":
        form, status = SignUpForm(invitation.network, request.POST), UNPROCESSABLE
        if form.is_valid():
            try:
                person = _sign_up(token, form)
            except ConflictError:
                if invitation_state(find_invitation(token=token)) != InvitationState.OPEN:
                    return _draw_closed(request, find_invitation(token=token))
                raise
            except DomainError as error:
                status = refuse(form, error)
            else:
                login(request, person)
                messages.success(request, f"Bienvenue. Votre compte est ouvert dans {invitation.network.name}.")
                return redirect("welcome")
    context = {"invitation": invitation, "form": form, "roles": _roles_of(invitation)}
    return render(request, "invitations/sign_up.html", context, status=status)


def _sign_up(token: str, form: SignUpForm) -> Person:
    data = form.cleaned_data
    return sign_up(token=token, profile=form.profile, site=data.get("site"), password=data["password"] or None)


def _draw_closed(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    state = invitation_state(invitation)
    context = {"message": REFUSALS[state], "was_accepted": state == InvitationState.ACCEPTED}
    return render(request, "invitations/closed.html", context, status=GONE)


def _roles_of(invitation: Invitation) -> str:
    return ", ".join(ROLE_WORDS[Role(role)] for role in invitation.roles)
