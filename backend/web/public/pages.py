"""Pages of plain text: what Tandem is, help, and what the law asks to say."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

# Pages of persons are behind sign-in; search engines have no business there.
ROBOTS = """User-agent: *
Disallow: /compte/
Disallow: /accueil/
Disallow: /api/
Disallow: /admin/
Disallow: /calendrier/
Disallow: /courriels/
Disallow: /verifier/
"""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "public/home.html")


@require_safe
def show_help(request: HttpRequest) -> HttpResponse:
    return render(request, "public/help.html", _publisher())


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "public/accessibility.html", _publisher())


@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "public/legal.html", _publisher())


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "public/privacy.html", _publisher())


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """What a refused sign-in answers; the shortest of its limits counts a minute."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


def _publisher() -> dict[str, str]:
    """Who answers for this installation."""
    return {"publisher": settings.PUBLISHER, "hosting": settings.HOSTING, "contact": settings.CONTACT_EMAIL}


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it on pages that name no icon, such as the admin's."""
    return redirect(static("favicon.svg"))
