"""The référentiels, open to all: they are public texts."""

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from backend.referentials.domain.queries import get_framework, list_other_wordings, search_capacities
from backend.referentials.models import Capacity, Competency, Framework

RESULTS_PER_PAGE = 20
MAX_QUERY_LENGTH = 200


@require_safe
def list_frameworks(request: HttpRequest) -> HttpResponse:
    """The frameworks, and the search in all of them once words are given."""
    words = request.GET.get("q", "").strip()[:MAX_QUERY_LENGTH]
    slug = request.GET.get("cadre", "")
    frameworks = _frameworks_with_counts()
    context = {
        "words": words,
        "slug": slug,
        "current": frameworks.filter(superseded_by=None),
        "replaced": frameworks.exclude(superseded_by=None),
        "page": _search(request, words, slug) if words else None,
    }
    return render(request, "referentials/list.html", context)


@require_safe
def show_framework(request: HttpRequest, slug: str) -> HttpResponse:
    framework = get_framework(slug=slug)
    capacities = sum(
        len(competency.capacities.all())
        for domain in framework.domains.all()
        for competency in domain.competencies.all()
    )
    return render(request, "referentials/framework.html", {"framework": framework, "capacities": capacities})


@require_safe
def show_capacity(request: HttpRequest, key: str) -> HttpResponse:
    capacity = get_object_or_404(
        Capacity.objects.select_related("competency__domain__framework__superseded_by"), key=key
    )
    context = {
        "capacity": capacity,
        "framework": capacity.competency.domain.framework,
        "wordings": _other_wordings(capacity),
        "proofs": Competency.objects.filter(notions=capacity.notion_id, capacities=None)
        .select_related("domain__framework")
        .order_by("domain__framework__position", "domain__position", "position"),
    }
    return render(request, "referentials/capacity.html", context)


def _other_wordings(capacity: Capacity) -> dict[str, list[Capacity]]:
    """Capacities of other frameworks for the same idea, by their words."""
    by_text: dict[str, list[Capacity]] = {}
    for wording in list_other_wordings(capacities=[capacity], with_superseded=True)[capacity.pk]:
        by_text.setdefault(wording.text, []).append(wording)
    return by_text


def _frameworks_with_counts() -> QuerySet[Framework]:
    return Framework.objects.annotate(
        competency_count=Count("domains__competencies", distinct=True),
        capacity_count=Count("domains__competencies__capacities", distinct=True),
    ).order_by("position")


def _search(request: HttpRequest, words: str, slug: str) -> Page[Capacity]:
    found = search_capacities(words=words)
    if slug:
        found = found.filter(competency__domain__framework__slug=slug)
    return Paginator(found, RESULTS_PER_PAGE).get_page(request.GET.get("page"))
