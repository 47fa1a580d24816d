"""What pages and the API read: the frameworks as trees, the search by words, the other wordings of one idea.

Référentiels are public: nothing here depends on who asks.
"""

from collections.abc import Iterable

from django.db.models import BooleanField, Case, Prefetch, QuerySet, Value, When

from backend.common.errors import NotFoundError
from backend.common.folding import fold
from backend.referentials.models import Capacity, CapacityQuerySet, Competency, Framework

FRAMEWORK_ORDER = (
    "competency__domain__framework__position",
    "competency__domain__position",
    "competency__position",
    "position",
)


def list_frameworks(*, with_superseded: bool = False) -> QuerySet[Framework]:
    """Frameworks in the order they are shown, each with its whole tree, in five queries however many there are."""
    frameworks = Framework.objects.all() if with_superseded else Framework.objects.in_force()
    competencies = Competency.objects.order_by("position").prefetch_related(
        Prefetch("capacities", Capacity.objects.order_by("position").select_related("notion")), "notions"
    )
    return frameworks.select_related("supersedes", "superseded_by").prefetch_related(
        "domains", Prefetch("domains__competencies", competencies)
    )


def get_framework(*, slug: str) -> Framework:
    """One framework with its whole tree, superseded or not."""
    framework = list_frameworks(with_superseded=True).filter(slug=slug).first()
    if framework is None:
        raise NotFoundError
    return framework


def search_capacities(*, words: str, with_superseded: bool = False) -> QuerySet[Capacity]:
    """Capacities that hold every word, accents and case ignored: first those that begin so, then as frameworks go."""
    phrase = fold(words)
    if not phrase:
        return Capacity.objects.none()
    begins_so = Case(
        When(folded__startswith=phrase, then=Value(value=True)), default=Value(value=False), output_field=BooleanField()
    )
    found = _capacities(with_superseded=with_superseded).matching_words(words)
    return found.annotate(begins_so=begins_so).order_by("-begins_so", *FRAMEWORK_ORDER)


def list_other_wordings(*, capacities: Iterable[Capacity], with_superseded: bool = False) -> dict[int, list[Capacity]]:
    """How other frameworks word the same notion, by primary key of each given capacity, as frameworks go.

    The frameworks are compared through ``competency.domain``: fetch the capacities with it, as the search does.
    """
    asked = list(capacities)
    wordings: dict[int, list[Capacity]] = {}
    same = _capacities(with_superseded=with_superseded).filter(notion__in={capacity.notion_id for capacity in asked})
    for wording in same.order_by(*FRAMEWORK_ORDER):
        wordings.setdefault(wording.notion_id, []).append(wording)
    return {
        capacity.pk: [
            wording
            for wording in wordings.get(capacity.notion_id, [])
            if wording.competency.domain.framework_id != capacity.competency.domain.framework_id
        ]
        for capacity in asked
    }


def _capacities(*, with_superseded: bool) -> CapacityQuerySet:
    capacities = Capacity.objects.select_related("notion", "competency__domain__framework")
    return capacities if with_superseded else capacities.in_force()
