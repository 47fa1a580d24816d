"""« Messages »: the list of conversations, the lounges, and a first word to somebody one has met."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.accounts.models import Person
from backend.conversations.domain.moderation import reports_for
from backend.conversations.domain.queries import conversations_for, lounges_for, title_for
from backend.conversations.enums import ConversationKind, ReportState
from backend.conversations.models import Conversation, ConversationMember
from backend.networks.enums import Role
from backend.tutoring.domain.talks import open_pair_with
from backend.web.shared.access import PersonRequest, page_of, reading
from backend.web.shared.reader import reader_of


@reading
def list_conversations(request: PersonRequest) -> HttpResponse:
    page = page_of(request, conversations_for(request.user).prefetch_related("members__person"))
    unread = reader_of(request).unread_by_conversation
    rows = [
        (
            conversation,
            title_for(request.user, conversation),
            company_of(conversation, request.user),
            unread.get(conversation.pk, 0),
        )
        for conversation in page.object_list
    ]
    coordinates = Role.COORDINATOR in reader_of(request).roles
    context = {"page": page, "rows": rows, "coordinates": coordinates, "reports": _open_reports(request, coordinates)}
    return render(request, "conversations/list.html", context)


@reading
def list_lounges(request: PersonRequest) -> HttpResponse:
    """Every lounge of the reader's networks, followed or not."""
    lounges = list(lounges_for(request.user))
    mine = ConversationMember.objects.filter(person=request.user, conversation__in=lounges)
    followed = set(mine.values_list("conversation", flat=True))
    unread = reader_of(request).unread_by_conversation
    rows = [(lounge, lounge.pk in followed, unread.get(lounge.pk, 0)) for lounge in lounges]
    return render(request, "conversations/lounges.html", {"rows": rows})


@require_POST
@login_required
def write_to(request: PersonRequest, person_id: int) -> HttpResponse:
    """Go to the conversation with somebody met, made the first time."""
    conversation = open_pair_with(person=request.user, other_id=person_id)
    return redirect("conversation", conversation_id=conversation.pk)


def company_of(conversation: Conversation, reader: Person) -> str:
    """The others, by name; a pair bears the other's name already, and a lounge its own."""
    if conversation.kind != ConversationKind.SESSION:
        return conversation.get_kind_display()
    others = [member.person.name for member in conversation.members.all() if member.person_id != reader.pk]
    return f"avec {', '.join(others)}" if others else "vous seulement"


def _open_reports(request: PersonRequest, coordinates: bool) -> int:  # noqa: FBT001 (said by its name)
    return reports_for(request.user).filter(state=ReportState.OPEN).count() if coordinates else 0
