"""All that sockets ask of conversations."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import DomainError
from backend.conversations.domain import messages
from backend.conversations.domain.messages import access_conversation_for
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation, ConversationMember, Message
from backend.events.bus import publish
from backend.events.types import MessageSent, ReadMarked
from backend.networks.models import Membership

WARNING = "maybe_patient"
PRIVATE_KINDS = {ConversationKind.SESSION, ConversationKind.PAIR}
PACE = (20, dt.timedelta(seconds=10))


@transaction.atomic
def send_message(*, conversation_id: int, sender: Person, client_id: uuid.UUID, body: str, confirmed: bool) -> Message:  # noqa: ARG001 (X)
    conversation = access_conversation_for(sender, conversation_id)
    sent = Message.objects.filter(sender=sender)
    if not sent.filter(client_id=client_id).exists() and sent.filter(sent_at__gt=now() - PACE[1]).count() >= PACE[0]:
        raise DomainError("Vous écrivez trop vite : attendez quelques secondes.", code="too_fast")
    message = messages.send_message(conversation=conversation, sender=sender, client_id=client_id, body=body)
    publish(MessageSent(conversation_id=message.conversation_id, message_id=message.pk))
    return message


def mark_read(*, person: Person, conversation_id: int, number: int) -> None:
    conversation = access_conversation_for(person, conversation_id)
    with transaction.atomic():
        messages.mark_read(conversation=conversation, person=person, number=number)
        publish(ReadMarked(conversation_id=conversation_id, person_id=person.pk, number=number, is_shown=False))


def messages_after(person: Person, conversation_id: int, after: int, limit: int) -> tuple[Sequence[Message], int]:
    """Items above a number, in order, and the number of the last one there is."""
    conversation = access_conversation_for(person, conversation_id)
    found = conversation.messages.filter(number__gt=after).select_related("sender").order_by("number")
    return list(found[:limit]), conversation.last_number


def last_numbers(conversations: Collection[int]) -> dict[int, int]:
    return dict(Conversation.objects.filter(pk__in=conversations).values_list("pk", "last_number"))


def open_pairs_among(people: Collection[int], conversations: Collection[int]) -> set[tuple[int, int]]:
    """Which (person, conversation) of these stand open now."""
    closed = Q(left_at__isnull=False) | Q(suspended_at__isnull=False)
    shut_out = Membership.objects.filter(closed, person=OuterRef("person"), network=OuterRef("conversation__network"))
    seats = ConversationMember.objects.filter(~Exists(shut_out), person__in=people, conversation__in=conversations)
    return set(seats.order_by().values_list("person_id", "conversation_id"))


def unread_in(conversation_id: int, people: Collection[int]) -> dict[int, int]:
    """How many messages of one conversation each of these people has not read; one query."""
    seats = ConversationMember.objects.filter(conversation=conversation_id, person__in=people).order_by()
    return dict(seats.values_list("person_id", F("conversation__last_number") - F("last_read")))


def unread_among(person: Person) -> dict[int, int]:
    """Unread messages by conversation, those with some."""
    counts = (
        ConversationMember.objects.filter(person=person)
        .order_by()
        .values_list("conversation_id", F("conversation__last_number") - F("last_read"))
    )
    return {key: count for key, count in counts if count}


def shows_typing(person: Person, conversation_id: int) -> bool:
    """Whether the others may see that the person writes: between few; raises ``NotFoundError`` for a stranger."""
    return access_conversation_for(person, conversation_id).kind in PRIVATE_KINDS
