"""The page of somebody one has met or shares a network with, and « Pas avec cette personne »."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from backend.needs.domain.avoidance import access_person_for, avoid_person, avoided_by, stop_avoiding
from backend.web.shared.access import PersonRequest, acting, return_address


@never_cache
@acting
def show_person(request: PersonRequest, person_id: int) -> HttpResponse:
    person = access_person_for(request.user, person_id)
    if request.method != "POST":
        avoided = avoided_by(request.user).filter(other=person).exists()
        return render(request, "people/page.html", {"person": person, "avoided": avoided})
    match request.POST.get("action"):
        case "avoid":
            avoid_person(author=request.user, other=person)
            messages.success(request, f"C’est noté : vous ne serez plus proposés ensemble, {person.name} et vous.")
            return redirect("person", person_id=person.pk)
        case "undo":
            stop_avoiding(author=request.user, other=person)
            messages.success(request, "Choix retiré : une séance ensemble est de nouveau possible.")
            return redirect(return_address(request, reverse("profile")))
    raise BadRequest
