"""What a person reads: their conversations, what is unread, the items of one."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from backend.accounts.models import Person
from backend.conversations.domain.access import (
    WHO_TALK,
    access_conversation_for,
    open_conversations_for,
    talks_of,
)
from backend.conversations.domain.opening import open_lounges
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation, ConversationMember, Message
from backend.networks.models import Membership, Network

ITEMS_MAX = 200
NOBODY = "Personne partie"


@dataclass(frozen=True, slots=True)
class Item:
    """A message as anybody may read it, or the news that one is gone: then ``target`` is that one's number."""

    conversation_id: int
    number: int
    id: int
    sender_id: int | None
    sender_name: str
    body: str
    sent_at: dt.datetime
    withdrawn: bool
    hidden: bool
    target: int | None


def messages_after(person: Person, conversation_id: int, after: int, limit: int = ITEMS_MAX) -> list[Item]:
    """Items numbered above ``after``, in order; ``NotFoundError`` for a stranger."""
    conversation = access_conversation_for(person, conversation_id)
    return items_of(_items(conversation).filter(number__gt=after).order_by("number")[:limit])


def messages_before(conversation: Conversation, before: int | None, limit: int) -> list[Item]:
    """The last messages numbered below ``before``, in order: a history, so that what is gone shows in its place."""
    messages = _items(conversation).filter(target=None).order_by("-number")
    earlier = messages if before is None else messages.filter(number__lt=before)
    return items_of(earlier[:limit])[::-1]


def items_of(messages: Iterable[Message]) -> list[Item]:
    return [
        Item(
            conversation_id=message.conversation_id,
            number=message.number,
            id=message.pk,
            sender_id=message.sender_id,
            sender_name=message.sender.name if message.sender else NOBODY,
            body="" if message.is_gone else message.body,
            sent_at=message.sent_at,
            withdrawn=message.is_gone,
            hidden=message.hidden_at is not None,
            target=message.target.number if message.target else None,
        )
        for message in messages
    ]


def item_of(message_id: int) -> Item:
    """One item, for whoever tells members of it."""
    return items_of(Message.objects.filter(pk=message_id).select_related("sender", "target"))[0]


def conversations_for(person: Person) -> QuerySet[Conversation]:
    """The person's conversations, last written first, each with ``unread``, ``last_body`` and ``last_sent_at``."""
    shown = Message.objects.filter(conversation=OuterRef("pk"), target=None).order_by("-number")
    standing = shown.filter(withdrawn_at=None, hidden_at=None)
    return (
        talks_of(person)
        .annotate(
            last_body=Subquery(standing.values("body")[:1]),
            last_sent_at=Subquery(shown.values("sent_at")[:1]),
        )
        .select_related("network")
        .order_by(F("last_sent_at").desc(nulls_last=True), "-pk")
    )


def lounges_for(person: Person) -> QuerySet[Conversation]:
    """Lounges of the person's networks, by network and domain; those a network lacks are made."""
    networks = list(Network.objects.filter(pk__in=_networks_to_talk_in(person)))
    open_lounges(networks)
    return (
        open_conversations_for(person)
        .filter(kind=ConversationKind.LOUNGE, network__in=networks)
        .select_related("network")
        .order_by("network__name", "pk")
    )


def readable_conversations_for(person: Person) -> QuerySet[Conversation]:
    """Those the person takes part in, and every lounge of their networks."""
    talks = set(talks_of(person).values_list("pk", flat=True))
    lounges = set(lounges_for(person).values_list("pk", flat=True))
    return Conversation.objects.filter(pk__in=talks | lounges)


def title_for(reader: Person, conversation: Conversation) -> str:
    """A pair is named after the other one, anything else by its title; asks for prefetched members."""
    if conversation.kind != ConversationKind.PAIR:
        return conversation.title
    others = [row.person.name for row in conversation.members.all() if row.person_id != reader.pk]
    return others[0] if others else NOBODY


def unread_among(person: Person) -> dict[int, int]:
    """How many messages wait to be read, by conversation; those without any are left out. One query.

    One's own messages do not count, nor what is gone, nor lounges one does not follow.
    """
    counts = _unread(person).order_by().values("conversation").annotate(count=Count("pk"))
    return dict(counts.values_list("conversation", "count"))


def unread_in(conversation_id: int, people: Collection[int]) -> dict[int, int]:
    """The same for one conversation and several of its people, with those who have read all; one query."""
    waiting = (
        Message.objects.filter(
            conversation=OuterRef("conversation"),
            number__gt=OuterRef("last_read"),
            target=None,
            withdrawn_at=None,
            hidden_at=None,
        )
        .exclude(sender=OuterRef("person"))
        .order_by()
        .values("conversation")
        .annotate(count=Count("pk"))
    )
    seats = ConversationMember.objects.filter(conversation=conversation_id, person__in=people, removed_at=None)
    counts = seats.order_by().values_list("person", Coalesce(Subquery(waiting.values("count")), 0))
    return dict(counts)


def count_unread(person: Person) -> int:
    """Messages the person has not read, over all conversations; one query."""
    return sum(unread_among(person).values())


def _unread(person: Person) -> QuerySet[Message]:
    return Message.objects.filter(
        Exists(talks_of(person).filter(pk=OuterRef("conversation"))),
        conversation__members__person=person,
        number__gt=F("conversation__members__last_read"),
        target=None,
        withdrawn_at=None,
        hidden_at=None,
    ).exclude(sender=person)


def _networks_to_talk_in(person: Person) -> set[int]:
    mine = Membership.objects.active().filter(person=person, roles__role__in=WHO_TALK)
    return set(mine.values_list("network", flat=True))


def _items(conversation: Conversation) -> QuerySet[Message]:
    return conversation.messages.select_related("sender", "target")
