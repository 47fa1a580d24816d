"""Who may read and write in which conversation: the one place that says so."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts.models import Person
from backend.common.errors import NotFoundError
from backend.conversations.enums import PRIVATE_KINDS, ConversationKind
from backend.conversations.models import Conversation, ConversationMember
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.networks.rules import require_role

# An auditor reads figures, never what people write.
WHO_TALK = (Role.LEARNER, Role.TUTOR, Role.COORDINATOR)


def access_conversation_for(person: Person, conversation_id: int) -> Conversation:
    """The conversation, if it is open to the person; ``NotFoundError`` for anybody else."""
    conversation = open_conversations_for(person).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFoundError
    return conversation


def access_lounge_for(person: Person, conversation_id: int) -> Conversation:
    """The same, for what only lounges know."""
    lounge = access_conversation_for(person, conversation_id)
    if lounge.kind != ConversationKind.LOUNGE:
        raise NotFoundError
    return lounge


def access_lounge_to_moderate(coordinator: Person, conversation_id: int) -> Conversation:
    """A lounge, for who coordinates its network; ``RoleRequiredError`` for its other members."""
    lounge = access_lounge_for(coordinator, conversation_id)
    require_role(coordinator, lounge.network, Role.COORDINATOR)
    return lounge


def open_conversations_for(person: Person) -> QuerySet[Conversation]:
    """All that a person may read: for an access by key. A list starts from ``talks_of``, which has an index."""
    return Conversation.objects.filter(_is_member(person) | _is_lounge_of(person))


def talks_of(person: Person) -> QuerySet[Conversation]:
    """Those the person takes part in, and the lounges that they follow."""
    mine = Conversation.objects.filter(members__person=person, members__removed_at=None)
    return mine.filter(~Q(kind=ConversationKind.LOUNGE) & ~_is_shut(person) | _is_lounge_of(person))


def open_pairs_among(people: Collection[int], conversations: Collection[int]) -> set[tuple[int, int]]:
    """Which (person, conversation) of these stand open now; two flat halves in one query, for sockets that recheck."""
    shut = Membership.objects.filter(_SHUT, person=OuterRef("person"), network=OuterRef("conversation__network"))
    few = (
        ConversationMember.objects.filter(
            person__in=people, person__is_active=True, conversation__in=conversations, removed_at=None
        )
        .filter(~Exists(shut), conversation__kind__in=PRIVATE_KINDS)
        .order_by()
        .values_list("person_id", "conversation_id")
    )
    removed = ConversationMember.objects.filter(
        person=OuterRef("person"), conversation=OuterRef("network__conversations"), removed_at__isnull=False
    )
    lounges = (
        Membership.objects.active()
        .filter(
            # In one call: the removal is asked of the conversation found here.
            ~Exists(removed),
            person__in=people,
            roles__role__in=WHO_TALK,
            network__conversations__in=conversations,
            network__conversations__kind=ConversationKind.LOUNGE,
        )
        .order_by()
        .values_list("person_id", "network__conversations")
    )
    # Rows of a union have no default order.
    return set(few.union(lounges).order_by())


_SHUT = Q(left_at__isnull=False) | Q(suspended_at__isnull=False)


def _is_member(person: Person) -> Q:
    row = ConversationMember.objects.filter(conversation=OuterRef("pk"), person=person, removed_at=None)
    return Q(Exists(row), kind__in=PRIVATE_KINDS) & ~_is_shut(person)


def _is_shut(person: Person) -> Q:
    """The person left the conversation's network, or is suspended there."""
    return Q(Exists(Membership.objects.filter(_SHUT, person=person, network=OuterRef("network"))))


def _is_lounge_of(person: Person) -> Q:
    member = Membership.objects.active().filter(person=person, network=OuterRef("network"), roles__role__in=WHO_TALK)
    removed = ConversationMember.objects.filter(conversation=OuterRef("pk"), person=person, removed_at__isnull=False)
    return Q(Exists(member), kind=ConversationKind.LOUNGE) & ~Q(Exists(removed))
