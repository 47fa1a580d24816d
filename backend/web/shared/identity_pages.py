"""Correcting who one is, and leaving a network: pages that lead away from « Mon compte » and back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.accounts.domain.people import change_profile
from backend.common.errors import DomainError, NotFoundError
from backend.networks.domain.membership import leave_network
from backend.networks.models import Membership
from backend.web.shared.access import CONFLICT, UNPROCESSABLE, PersonRequest, acting, refuse
from backend.web.shared.identity import IdentityForm, identity_of


@acting
def edit_profile(request: PersonRequest) -> HttpResponse:
    form, status = IdentityForm(initial=identity_of(request.user)), 200
    if request.method == "POST":
        form, status = IdentityForm(request.POST), UNPROCESSABLE
        if form.is_valid():
            try:
                change_profile(person=request.user, profile=form.profile)
            except DomainError as error:
                status = refuse(form, error)
            else:
                messages.success(request, "C’est enregistré.")
                return redirect("profile")
    return render(request, "profile/edit.html", {"form": form}, status=status)


@acting
def leave(request: PersonRequest, membership_id: int) -> HttpResponse:
    """One's own way out of a network, asked twice."""
    mine = Membership.objects.select_related("network").filter(person=request.user, left_at=None)
    membership = mine.filter(pk=membership_id).first()
    if membership is None:
        raise NotFoundError
    problem = ""
    if request.method == "POST":
        try:
            leave_network(membership=membership, author=request.user)
        except DomainError as error:
            problem = error.message
        else:
            messages.success(request, f"Vous avez quitté {membership.network.name}.")
            return redirect("profile")
    context = {"membership": membership, "problem": problem}
    return render(request, "profile/leave.html", context, status=CONFLICT if problem else 200)
