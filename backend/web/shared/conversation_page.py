"""One conversation, read and written by plain forms; ``conversation.js`` makes the same page live."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.accounts.models import Person
from backend.common.errors import DomainError, TooFastError
from backend.conversations.domain.access import access_conversation_for
from backend.conversations.domain.choices import who_show_reading
from backend.conversations.domain.messages import (
    MESSAGE_LENGTH_MAX,
    MaybePatientWarning,
    mark_read,
    send_message,
)
from backend.conversations.domain.opening import follow_lounge, leave_lounge
from backend.conversations.domain.queries import Item, messages_before, title_for
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation, ConversationMember
from backend.skills.domain.claims import validated_tutors
from backend.tutoring.models import Session
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse
from backend.web.shared.conversations import company_of

MESSAGES_SHOWN = 30
TOO_MANY = 429


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
    """A message as the reader sees it; ``starts_new`` on the first that they had not read."""

    message: Item
    mine: bool
    read: bool
    expert: bool
    starts_new: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """The box to write in, and what was answered to what it last sent."""

    form: MessageForm
    status: int = 200
    warning: str = ""
    wait: int = 0


@acting
def show_conversation(request: PersonRequest, conversation_id: int) -> HttpResponse:
    conversation = access_conversation_for(request.user, conversation_id)
    if request.method != "POST":
        return _draw(request, conversation, Draft(MessageForm()))
    match request.POST.get("action"):
        case "follow":
            follow_lounge(person=request.user, conversation_id=conversation.pk)
            messages.success(request, "Vous suivez ce salon : ses nouveaux messages vous seront signalés.")
        case "leave":
            leave_lounge(person=request.user, conversation_id=conversation.pk)
            messages.success(request, "Vous ne suivez plus ce salon. Vous pouvez toujours le lire et y écrire.")
        case _:
            return _write(request, conversation)
    return redirect("conversation", conversation_id=conversation.pk)


def _write(request: PersonRequest, conversation: Conversation) -> HttpResponse:
    draft = _send(request, conversation, MessageForm(request.POST))
    if draft is None:
        return redirect(f"{reverse('conversation', args=[conversation.pk])}#ecrire")
    return _draw(request, conversation, draft)


def _send(request: PersonRequest, conversation: Conversation, form: MessageForm) -> Draft | None:
    """Nothing once the message is stored; else the box again, with what stood in the way."""
    if not form.is_valid():
        return Draft(form, UNPROCESSABLE)
    try:
        send_message(
            conversation_id=conversation.pk,
            sender=request.user,
            client_id=form.cleaned_data["client_id"],
            body=form.cleaned_data["body"],
            confirmed="confirmed" in request.POST,
        )
    except MaybePatientWarning as warning:
        return Draft(form, UNPROCESSABLE, warning=warning.message)
    except TooFastError as error:
        form.add_error("body", error.message)
        return Draft(form, TOO_MANY, wait=error.seconds)
    except DomainError as error:
        error.fields = error.fields or {"body": [error.message]}
        return Draft(form, refuse(form, error))
    return None


def _draw(request: PersonRequest, conversation: Conversation, draft: Draft) -> HttpResponse:
    prefetch_related_objects([conversation], "members__person")
    before = _read_number(request.GET.get("avant", ""))
    shown = messages_before(conversation, before, MESSAGES_SHOWN)
    is_past = before is not None and before <= conversation.last_number
    mine = next((row for row in conversation.members.all() if row.person_id == request.user.pk), None)
    marks = _marks_shown(conversation, request.user)
    experts = _experts_among(conversation, shown)
    context = {
        "conversation": conversation,
        "title": title_for(request.user, conversation),
        "is_lounge": conversation.kind == ConversationKind.LOUNGE,
        "follows": mine is not None,
        "people": _people_met(conversation, request.user),
        "lines": list(_lines(shown, request.user, mine, marks, experts)),
        "marks": marks,
        "experts": sorted(experts),
        "earlier": shown[0].number if shown and shown[0].number > 1 else None,
        "is_past": is_past,
        "company": company_of(conversation, request.user),
        "session": Session.objects.filter(conversation=conversation).first(),
        "form": draft.form,
        "warning": draft.warning,
    }
    if mine is not None and not is_past and mine.last_read < conversation.last_number:
        mark_read(person=request.user, conversation_id=conversation.pk, number=conversation.last_number)
    answer = render(request, "conversations/page.html", context, status=draft.status)
    if draft.wait:
        answer["Retry-After"] = str(draft.wait)
    return answer


def _read_number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _people_met(conversation: Conversation, reader: Person) -> list[Person]:
    """The others of a talk between few; a lounge is everybody's."""
    if conversation.kind == ConversationKind.LOUNGE:
        return []
    return [member.person for member in conversation.members.all() if member.person_id != reader.pk]


def _marks_shown(conversation: Conversation, reader: Person) -> dict[int, int]:
    """How far each of the others has read, in a talk between few whose others all let it be known."""
    if conversation.kind == ConversationKind.LOUNGE:
        return {}
    marks = {row.person_id: row.last_read for row in conversation.members.all() if row.person_id != reader.pk}
    return marks if marks and len(who_show_reading(marks)) == len(marks) else {}


def _experts_among(conversation: Conversation, shown: Sequence[Item]) -> set[int]:
    """Who, among those who wrote here, is a validated tutor of the lounge's domain."""
    if conversation.kind != ConversationKind.LOUNGE:
        return set()
    writers = {item.sender_id for item in shown if item.sender_id is not None}
    return validated_tutors(network=conversation.network, area=conversation.area, people=writers)


def _lines(
    shown: Sequence[Item],
    reader: Person,
    mine: ConversationMember | None,
    marks: dict[int, int],
    experts: set[int],
) -> Iterator[Line]:
    read_by_all = min(marks.values(), default=0)
    new_after, marked = mine.last_read if mine else 0, mine is None
    for item in shown:
        is_mine = item.sender_id == reader.pk
        starts_new = not marked and not is_mine and item.number > new_after
        marked = marked or starts_new
        yield Line(item, is_mine, item.number <= read_by_all, item.sender_id in experts, starts_new)
