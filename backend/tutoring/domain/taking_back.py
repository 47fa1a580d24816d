"""Undoing proposals that nobody has read yet."""

from collections.abc import Collection

from django.db import transaction

from backend.accounts.models import Person
from backend.agenda.models import Occupancy
from backend.conversations.models import Conversation
from backend.needs.domain.requests import move_request
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Participation, Session, TimeOffer


def has_answers(keys: Collection[int]) -> bool:
    """Whether anybody said or wrote anything about these sessions."""
    sessions = Session.objects.filter(pk__in=keys)
    return (
        sessions.exclude(state=SessionState.PROPOSED).exists()
        or Participation.objects.filter(session__in=keys, agreed_at__isnull=False).exists()
        or TimeOffer.objects.filter(session__in=keys).exists()
        or sessions.filter(conversation__last_number__gt=0).exists()
    )


@transaction.atomic
def delete_proposed(*, keys: Collection[int], author: Person) -> None:
    """Take proposed sessions, which the caller has locked, out of everybody's sight; their requests wait again."""
    for request in HelpRequest.objects.filter(participations__session__in=keys).order_by("pk"):
        move_request(request=request, target=RequestState.OPEN, author=author, reason="Publication reprise")
    Occupancy.objects.filter(source__in=[f"session:{key}" for key in keys]).delete()
    talks = list(Session.objects.filter(pk__in=keys).values_list("conversation_id", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    Conversation.objects.filter(pk__in=talks).delete()
