"""Notions in the words of one's own référentiel, many at once."""

from collections.abc import Iterable

from backend.accounts.models import Person
from backend.needs.domain.phrases import framework_of
from backend.referentials.domain.queries import FRAMEWORK_ORDER
from backend.referentials.models import Capacity, Notion


def words_for(reader: Person, notions: Iterable[Notion]) -> dict[int, str]:
    """By primary key of the notion: as the reader’s référentiel words it, or its title where it does not."""
    asked = {notion.pk: notion.title for notion in notions}
    capacities = Capacity.objects.filter(notion__in=asked, competency__domain__framework=framework_of(reader))
    found = dict(capacities.order_by(*FRAMEWORK_ORDER).reverse().values_list("notion", "text"))
    return {key: _sentence(found.get(key, title)) for key, title in asked.items()}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
