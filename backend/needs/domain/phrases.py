"""From what people say to what référentiels write: everyday phrases, words searched, the wording of one's own."""

import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from backend.accounts.models import Person
from backend.common.errors import NotFoundError
from backend.common.folding import fold
from backend.referentials.domain.queries import FRAMEWORK_ORDER, search_capacities
from backend.referentials.models import Capacity


@dataclass(frozen=True, slots=True)
class Phrase:
    """``notions`` are slugs, the closest first."""

    slug: str
    text: str
    notions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    slug: str
    title: str
    icon: str
    phrases: tuple[Phrase, ...]


@functools.cache
def read_themes() -> tuple[Theme, ...]:
    """The reviewed file, as it is shown."""
    text = (settings.FIXTURES_DIR / "needs" / "phrases.json").read_text(encoding="utf-8")
    return tuple(
        Theme(
            theme["slug"],
            theme["title"],
            theme["icon"],
            tuple(Phrase(row["slug"], row["text"], tuple(row["notions"])) for row in theme["phrases"]),
        )
        for theme in json.loads(text)["themes"]
    )


def find_phrase(slug: str) -> Phrase:
    """Raises ``NotFoundError``."""
    found = next((phrase for theme in read_themes() for phrase in theme.phrases if phrase.slug == slug), None)
    if found is None:
        raise NotFoundError
    return found


def search_phrases(words: str) -> list[Phrase]:
    """Phrases that hold every word, accents and case ignored."""
    wanted = fold(words).split()
    phrases = (phrase for theme in read_themes() for phrase in theme.phrases)
    return [phrase for phrase in phrases if wanted and all(word in fold(phrase.text) for word in wanted)]


def capacities_of(phrase: Phrase, person: Person) -> list[Capacity]:
    """What a phrase may ask for, the closest first, in the words of the person's own référentiel.

    Where it words none of them, the closest one that another référentiel in force does.
    """
    capacities = Capacity.objects.in_force().filter(notion__slug__in=phrase.notions)
    rows = list(capacities.select_related("notion", "competency__domain__framework").order_by(*FRAMEWORK_ORDER))
    own = [row for row in rows if row.competency.domain.framework_id == framework_of(person)]
    closest = sorted(own or rows, key=lambda row: phrase.notions.index(row.notion.slug))
    return once_per_notion(closest) if own else closest[:1]


def search_in_own_words(words: str, person: Person) -> list[Capacity]:
    """Capacities in force that hold the words in any référentiel, each notion once, as the person's own words it."""
    found = list(search_capacities(words=words))
    worded = [row for row in found if row.competency.domain.framework_id == framework_of(person)]
    return once_per_notion([*worded, *own_wordings(found, person)])


def framework_of(person: Person) -> int | None:
    """Primary key of the référentiel of one's profession."""
    return person.profession.framework_id if person.profession else None


def once_per_notion(capacities: Iterable[Capacity]) -> list[Capacity]:
    kept: dict[int, Capacity] = {}
    for capacity in capacities:
        kept.setdefault(capacity.notion_id, capacity)
    return list(kept.values())


def own_wordings(capacities: Sequence[Capacity], person: Person) -> list[Capacity]:
    """The same notions in the words of the person's own référentiel, or as they are where it has none."""
    own = Capacity.objects.filter(
        notion__in=[capacity.notion_id for capacity in capacities], competency__domain__framework=framework_of(person)
    ).select_related("notion", "competency__domain__framework")
    mine = {row.notion_id: row for row in reversed(own.order_by(*FRAMEWORK_ORDER))}
    return [mine.get(capacity.notion_id, capacity) for capacity in capacities]
