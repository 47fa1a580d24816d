"""What people chose about their conversations."""

from collections.abc import Collection

from backend.accounts.models import Person
from backend.conversations.models import TalkChoices


def shows_reading(person: Person) -> bool:
    """Whether the person lets others see what they have read; nobody does unless they said so."""
    return TalkChoices.objects.filter(person=person, shows_reading=True).exists()


def who_show_reading(people: Collection[int]) -> set[int]:
    """Those of ``people`` who do."""
    return set(TalkChoices.objects.filter(person__in=people, shows_reading=True).values_list("person", flat=True))


def choose_reading_shown(*, person: Person, shown: bool) -> None:
    TalkChoices.objects.update_or_create(person=person, defaults={"shows_reading": shown})
