"""« Pas avec cette personne »: said for oneself alone, without reason, and told to nobody.

No event is published and no move is logged: whatever would tell is not written.
"""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.common.errors import NotFoundError
from backend.conversations.domain.queries import open_conversations_for
from backend.needs.models import AvoidedPair
from backend.networks.enums import Role
from backend.networks.models import Membership

# An auditor reads tables, never a name.
WHO_MEET = (Role.LEARNER, Role.TUTOR, Role.COORDINATOR)

type Pair = tuple[int, int]


@transaction.atomic
def avoid_person(*, author: Person, other: Person) -> AvoidedPair:
    """Never be proposed with ``other`` from now on; sessions that stand are left alone. Twice is as once."""
    access_person_for(author, other.pk)
    pair, _ = AvoidedPair.objects.get_or_create(author=author, other=other)
    return pair


@transaction.atomic
def stop_avoiding(*, author: Person, other: Person) -> None:
    """Take one's own word back; what the other said, if anything, stands."""
    AvoidedPair.objects.filter(author=author, other=other).delete()


def avoided_by(person: Person) -> QuerySet[AvoidedPair]:
    """Whom the person avoids, for the person alone."""
    return AvoidedPair.objects.filter(author=person).select_related("other__profession").order_by("other__last_name")


def avoided_pairs_among(people: Collection[int]) -> set[Pair]:
    """Pairs (who said it, other) of primary keys; one query. For matching, never for a page."""
    pairs = AvoidedPair.objects.filter(author__in=people, other__in=people)
    return set(pairs.values_list("author_id", "other_id"))


def holds_avoided_pair(people: Collection[int], avoided: Iterable[Pair]) -> bool:
    """Whether two of ``people`` shall not meet, whoever said so."""
    return any(author in people and other in people for author, other in avoided)


def access_person_for(reader: Person, person_id: int) -> Person:
    """Somebody whom the reader shares a network or a conversation with, or avoids; ``NotFoundError`` otherwise."""
    networks = Membership.objects.active().filter(person=reader, roles__role__in=WHO_MEET).values("network")
    colleagues = Membership.objects.active().filter(network__in=networks, roles__role__in=WHO_MEET)
    met = open_conversations_for(reader).values("pk")
    known = (
        Q(pk__in=colleagues.values("person"))
        | Q(pk__in=Person.objects.filter(conversation_memberships__conversation__in=met).values("pk"))
        | Q(pk__in=AvoidedPair.objects.filter(author=reader).values("other"))
    )
    person = Person.objects.filter(known, pk=person_id).exclude(pk=reader.pk).select_related("profession").first()
    if person is None:
        raise NotFoundError
    return person
