"""Which messages somebody should be reminded of by mail, each once."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from backend.accounts.models import Person
from backend.conversations.domain.queries import title_for, unread_among
from backend.conversations.models import Conversation, ConversationMember, Message


@dataclass(frozen=True, slots=True)
class Reminder:
    """Where ``count`` messages wait; ``key`` names this reminder and no later one."""

    key: str
    title: str
    conversation_id: int
    count: int


def people_to_remind(*, before: dt.datetime, limit: int) -> list[int]:
    """Whose conversations hold something unread since ``before`` that no reminder told of yet."""
    rows = _waiting(before).order_by().values_list("person", flat=True).distinct()
    return sorted(rows[:limit])


@transaction.atomic
def take_reminders(*, person: Person, before: dt.datetime) -> list[Reminder]:
    """What waits for a person, noted as told; nothing when somebody else just took it."""
    mine = list(_waiting(before).filter(person=person).order_by("pk").select_for_update(of=("self",)))
    # Locked rows are as they now are; what they had been when they were found may be past.
    due = set(_waiting(before).filter(pk__in=[row.pk for row in mine]).values_list("conversation", flat=True))
    if not due:
        return []
    unread = unread_among(person)
    talks = Conversation.objects.filter(pk__in=unread).prefetch_related("members__person").order_by("-pk")
    reminders = [
        Reminder(f"{talk.pk}:{talk.last_number}", title_for(person, talk), talk.pk, unread[talk.pk]) for talk in talks
    ]
    for talk in talks:
        ConversationMember.objects.filter(conversation=talk, person=person).update(mailed_up_to=talk.last_number)
    return reminders if due & unread.keys() else []


def _waiting(before: dt.datetime) -> QuerySet[ConversationMember]:
    """Places with something to tell; the numbers of the conversation sort out the most of them without a look."""
    untold = Message.objects.filter(
        conversation=OuterRef("conversation"),
        number__gt=OuterRef("last_read"),
        target=None,
        withdrawn_at=None,
        hidden_at=None,
        sent_at__lte=before,
    ).exclude(sender=OuterRef("person"))
    return ConversationMember.objects.filter(
        Exists(untold.filter(number__gt=OuterRef("mailed_up_to"))),
        conversation__last_number__gt=F("last_read"),
        conversation__closed_at=None,
        person__is_active=True,
        removed_at=None,
    ).filter(conversation__last_number__gt=F("mailed_up_to"))
