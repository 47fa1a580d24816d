"""What a person may read."""

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum

from backend.accounts.models import Person
from backend.conversations.models import Conversation, ConversationMember, Message
from backend.networks.rules import closed_networks_for


def open_conversations_for(person: Person) -> QuerySet[Conversation]:
    """Those the person is a member of, but for networks that they left or are suspended from."""
    return Conversation.objects.filter(members__person=person).exclude(network__in=closed_networks_for(person))


def conversations_for(person: Person) -> QuerySet[Conversation]:
    """The person's conversations, last written first, each with ``unread``, ``last_body`` and ``last_sent_at``."""
    last = Message.objects.filter(conversation=OuterRef("pk")).order_by("-number")
    return (
        open_conversations_for(person)
        .annotate(
            unread=F("last_number") - F("members__last_read"),
            last_body=Subquery(last.values("body")[:1]),
            last_sent_at=Subquery(last.values("sent_at")[:1]),
        )
        .select_related("network")
        .order_by(F("last_sent_at").desc(nulls_last=True), "-pk")
    )


def count_unread(person: Person) -> int:
    """Messages the person has not read, over all conversations; one query."""
    mine = ConversationMember.objects.filter(person=person).exclude(
        conversation__network__in=closed_networks_for(person)
    )
    return mine.aggregate(total=Sum(F("conversation__last_number") - F("last_read")))["total"] or 0
