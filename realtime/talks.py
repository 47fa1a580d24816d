"""What sockets ask of conversations, and nothing else does."""

from collections.abc import Collection

from backend.accounts.models import Person
from backend.conversations.domain.access import access_conversation_for, open_pairs_among
from backend.conversations.domain.queries import unread_in
from backend.conversations.enums import PRIVATE_KINDS
from backend.conversations.models import Conversation


def read_last_number(conversation_id: int) -> int:
    """The number of a conversation's last item; whoever asks checks who may know."""
    return Conversation.objects.filter(pk=conversation_id).values_list("last_number", flat=True).first() or 0


def count_for_members(conversation_id: int, people: Collection[int]) -> dict[int, int]:
    """Unread messages of one conversation, for those of these people whose list shows it."""
    open_to = {person for person, _ in open_pairs_among(people, [conversation_id])}
    return unread_in(conversation_id, open_to)


def shows_typing(person: Person, conversation_id: int) -> bool:
    """Whether the others may see that the person writes: between few; raises ``NotFoundError`` for a stranger."""
    return access_conversation_for(person, conversation_id).kind in PRIVATE_KINDS
