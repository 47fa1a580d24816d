"""« Messages »: the conversations, and one of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.accounts.models import Person
from backend.common.errors import DomainError
from backend.conversations.domain.messages import (
    MESSAGE_LENGTH_MAX,
    access_conversation_for,
    mark_read,
    send_message,
)
from backend.conversations.domain.queries import conversations_for
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation, Message
from backend.tutoring.models import Session
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse

MESSAGES_SHOWN = 30


class MessageForm(forms.Form):
    """``client_id`` is drawn with the page: the same page sent twice writes one message."""

    body = forms.CharField(
        label="Votre message (ni données de patient, ni mot de passe)",
        error_messages={"required": "Écrivez un message avant d’envoyer."},
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": MESSAGE_LENGTH_MAX}),
    )
    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class Line:
    """A message as the reader sees it."""

    message: Message
    mine: bool
    read: bool

    @property
    def author(self) -> str:
        return self.message.sender.name if self.message.sender else "Personne partie"


@reading
def list_conversations(request: PersonRequest) -> HttpResponse:
    page = page_of(request, conversations_for(request.user).prefetch_related("members__person"))
    rows = [(conversation, company_of(conversation, request.user)) for conversation in page.object_list]
    return render(request, "conversations/list.html", {"page": page, "rows": rows})


@acting
def show_conversation(request: PersonRequest, conversation_id: int) -> HttpResponse:
    conversation = access_conversation_for(request.user, conversation_id)
    if request.method == "POST":
        return _write(request, conversation)
    return _draw(request, conversation, MessageForm())


def company_of(conversation: Conversation, reader: Person) -> str:
    """The others, by name; in a lounge, its own name says enough."""
    if conversation.kind == ConversationKind.LOUNGE:
        return conversation.get_kind_display()
    others = [member.person.name for member in conversation.members.all() if member.person_id != reader.pk]
    return f"avec {', '.join(others)}" if others else "vous seulement"


def _write(request: PersonRequest, conversation: Conversation) -> HttpResponse:
    form, status = MessageForm(request.POST), UNPROCESSABLE
    if form.is_valid():
        body, client_id = form.cleaned_data["body"], form.cleaned_data["client_id"]
        try:
            send_message(conversation=conversation, sender=request.user, body=body, client_id=client_id)
        except DomainError as error:
            error.fields = error.fields or {"body": [error.message]}
            status = refuse(form, error)
        else:
            return redirect(f"{reverse('conversation', args=[conversation.pk])}#ecrire")
    return _draw(request, conversation, form, status)


def _draw(request: PersonRequest, conversation: Conversation, form: MessageForm, status: int = 200) -> HttpResponse:
    before = request.GET.get("avant", "")
    prefetch_related_objects([conversation], "members__person")
    shown = _messages(conversation, int(before) if before.isdecimal() and len(before) < 10 else None)
    if shown and shown[-1].number == conversation.last_number:
        mark_read(conversation=conversation, person=request.user, number=conversation.last_number)
    context = {
        "conversation": conversation,
        "people": _people_met(conversation, request.user),
        "lines": _lines(shown, conversation, request.user),
        "earlier": shown[0].number if shown and shown[0].number > 1 else None,
        "is_past": bool(shown) and shown[-1].number < conversation.last_number,
        "company": company_of(conversation, request.user),
        "session": Session.objects.filter(conversation=conversation).first(),
        "form": form,
    }
    return render(request, "conversations/page.html", context, status=status)


def _people_met(conversation: Conversation, reader: Person) -> list[Person]:
    """The others of a talk between few; a lounge is everybody's."""
    if conversation.kind == ConversationKind.LOUNGE:
        return []
    return [member.person for member in conversation.members.all() if member.person_id != reader.pk]


def _messages(conversation: Conversation, before: int | None) -> list[Message]:
    messages = conversation.messages.select_related("sender").order_by("-number")
    earlier = messages if before is None else messages.filter(number__lt=before)
    return list(earlier[:MESSAGES_SHOWN])[::-1]


def _lines(messages: Sequence[Message], conversation: Conversation, reader: Person) -> list[Line]:
    """In a talk between few, my message is read once everybody else has read that far."""
    others = [member for member in conversation.members.all() if member.person_id != reader.pk]
    read_up_to = min((member.last_read for member in others), default=0)
    shows_reading = conversation.kind != ConversationKind.LOUNGE
    return [
        Line(message, message.sender_id == reader.pk, shows_reading and message.number <= read_up_to)
        for message in messages
    ]
