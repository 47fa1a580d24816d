"""Signing in with a sheet of paper: its QR code opens a page, and the page's button signs in."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.domain.passes import find_pass, use_pass
from backend.accounts.models import SignInPass
from backend.common.errors import DomainError
from backend.web.shared.limits import refuse_flood
from backend.web.shared.secrecy import keep_address_secret

TRIES_PER_MINUTE = 60


@never_cache
@keep_address_secret
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_on_paper(request: HttpRequest, secret: str) -> HttpResponse:
    """Reading the page signs nobody in: telephones and messengers open links by themselves to preview them."""
    if flood := refuse_flood(request, action="paper", per_minute=TRIES_PER_MINUTE):
        return flood
    try:
        if request.method == "POST":
            login(request, use_pass(secret=secret))
            return redirect("welcome")
        found: SignInPass = find_pass(secret=secret)
    except DomainError:
        return render(request, "paper/spent.html", status=404)
    return render(request, "paper/sign_in.html", {"person": found.person})
