"""What sockets ask of conversations and news, and nothing else does."""

from collections.abc import Collection

from backend.accounts.models import Person
from backend.conversations.domain.access import access_conversation_for, open_pairs_among
from backend.conversations.domain.queries import unread_in
from backend.conversations.enums import PRIVATE_KINDS
from backend.conversations.models import Conversation
from backend.notifications.domain.notify import count_unread_notifications
from realtime.frames import Topic


def read_last_number(conversation_id: int) -> int:
    """The number of a conversation's last item; whoever asks checks who may know."""
    return Conversation.objects.filter(pk=conversation_id).values_list("last_number", flat=True).first() or 0


def count_unread(topic: Topic, people: Collection[int]) -> dict[int, int]:
    """What waits to be read under a topic, by person, for those of these people whose list shows it."""
    if topic.kind == "me":
        return {person_id: count_unread_notifications(Person(pk=person_id)) for person_id in people}
    open_to = {person for person, _ in open_pairs_among(people, [topic.number])}
    return unread_in(topic.number, open_to)


def shows_typing(person: Person, conversation_id: int) -> bool:
    """Whether the others may see that the person writes: between few; raises ``NotFoundError`` for a stranger."""
    return access_conversation_for(person, conversation_id).kind in PRIVATE_KINDS
