"""Opening conversations, and who takes part in them."""

from collections.abc import Collection, Iterable, Sequence

from django.db import transaction

from backend.accounts.models import Person
from backend.conversations.domain.access import access_lounge_for
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation, ConversationMember
from backend.events.bus import publish
from backend.events.types import MemberRemoved
from backend.networks.models import Network
from backend.referentials.enums import Area

PAIR_TITLE = "À deux"
BATCH = 500


@transaction.atomic
def open_conversation(
    *, network: Network, kind: ConversationKind, title: str, people: Iterable[Person]
) -> Conversation:
    conversation = Conversation.objects.create(network=network, kind=kind, title=title)
    _add_members(conversation, people)
    return conversation


@transaction.atomic
def open_session_talks(*, network: Network, talks: Sequence[tuple[str, Sequence[Person]]]) -> list[Conversation]:
    """One conversation a session, in order, each with its title and people; two queries however many there are."""
    opened = Conversation.objects.bulk_create(
        [Conversation(network=network, kind=ConversationKind.SESSION, title=title) for title, _ in talks],
        batch_size=BATCH,
    )
    ConversationMember.objects.bulk_create(
        [
            ConversationMember(conversation=conversation, person=person)
            for conversation, (_, people) in zip(opened, talks, strict=True)
            for person in people
        ],
        batch_size=BATCH,
    )
    return opened


@transaction.atomic
def open_pair(*, network: Network, person: Person, other: Person) -> Conversation:
    """The one conversation of two people in a network. Whether they may have it, who calls this has checked."""
    low, high = sorted((person.pk, other.pk))
    conversation, is_new = Conversation.objects.get_or_create(
        network=network, pair=f"{low}:{high}", defaults={"kind": ConversationKind.PAIR, "title": PAIR_TITLE}
    )
    if is_new:
        _add_members(conversation, (person, other))
    return conversation


def open_lounges(networks: Collection[Network]) -> None:
    """Give each network the lounges it lacks, one a domain; safe to call twice at once."""
    known = set(
        Conversation.objects.filter(network__in=networks, kind=ConversationKind.LOUNGE)
        .order_by()
        .values_list("network_id", "area")
    )
    missing = [
        Conversation(network=network, kind=ConversationKind.LOUNGE, title=area.label, area=area)
        for network in networks
        for area in Area
        if (network.pk, area.value) not in known
    ]
    if missing:
        Conversation.objects.bulk_create(missing, ignore_conflicts=True)


@transaction.atomic
def follow_lounge(*, person: Person, conversation_id: int) -> None:
    """Count the lounge's messages from now on as unread until they are read."""
    lounge = access_lounge_for(person, conversation_id)
    ConversationMember.objects.get_or_create(
        conversation=lounge,
        person=person,
        defaults={"last_read": lounge.last_number, "mailed_up_to": lounge.last_number},
    )


@transaction.atomic
def leave_lounge(*, person: Person, conversation_id: int) -> None:
    """Follow the lounge no more; one may still read and write there."""
    lounge = access_lounge_for(person, conversation_id)
    lounge.members.filter(person=person).delete()


@transaction.atomic
def part_from(*, conversation: Conversation, person: Person) -> None:
    """Take somebody out of the conversation of a session that they left."""
    gone, _ = conversation.members.filter(person=person).delete()
    if gone:
        publish(MemberRemoved(conversation_id=conversation.pk, person_id=person.pk))


def _add_members(conversation: Conversation, people: Iterable[Person]) -> None:
    ConversationMember.objects.bulk_create(
        ConversationMember(conversation=conversation, person=person) for person in people
    )
