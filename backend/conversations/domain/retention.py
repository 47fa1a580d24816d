"""The end of conversations: closed to writing first, their text erased later. Which ones are due, rooms above know."""

from collections.abc import Collection

from django.db import transaction

from backend.common.clock import now
from backend.conversations.models import Conversation, Message


def close_conversations(keys: Collection[int]) -> int:
    """Let nobody write any more; how many were open."""
    return Conversation.objects.filter(pk__in=keys, closed_at=None).update(closed_at=now())


@transaction.atomic
def erase_conversations(keys: Collection[int]) -> int:
    """Delete every message, and what was reported of them; the empty conversation stays, closed. How many were not."""
    due = list(Conversation.objects.select_for_update(of=("self",)).filter(pk__in=keys, erased_at=None).order_by("pk"))
    close_conversations([conversation.pk for conversation in due])
    Message.objects.filter(conversation__in=due).delete()
    return Conversation.objects.filter(pk__in=[conversation.pk for conversation in due]).update(erased_at=now())
