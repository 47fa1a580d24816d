"""One message and what its reader may do with it: take it back, report it, hide it, ask for help about it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.common.errors import DomainError, NotFoundError
from backend.conversations.domain.access import access_conversation_for
from backend.conversations.domain.messages import withdraw_message
from backend.conversations.domain.moderation import hide_message, remove_member, report_message
from backend.conversations.domain.queries import Item, messages_before
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation
from backend.networks.enums import Role
from backend.networks.rules import roles_in
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, ReasonField, acting, refuse


class ReportForm(forms.Form):
    reason = ReasonField(
        label="Pourquoi signaler ce message ?",
        help_text="La coordination lira votre raison et ce message, et rien d’autre de l’échange.",
    )


@acting
def show_message(request: PersonRequest, conversation_id: int, number: int) -> HttpResponse:
    conversation = access_conversation_for(request.user, conversation_id)
    item = find_message(conversation, number)
    if request.method != "POST":
        return _draw(request, conversation, item, ReportForm())
    match request.POST.get("action"):
        case "withdraw":
            withdraw_message(person=request.user, conversation_id=conversation.pk, number=number)
            messages.success(request, "Votre message est retiré : personne ne peut plus le lire.")
        case "report":
            return _report(request, conversation, item)
        case "hide":
            hide_message(coordinator=request.user, conversation_id=conversation.pk, number=number)
            messages.success(request, "Ce message est masqué pour tout le monde.")
        case "remove" if item.sender_id is not None:
            remove_member(coordinator=request.user, conversation_id=conversation.pk, person_id=item.sender_id)
            messages.success(request, f"{item.sender_name} n’a plus accès à ce salon.")
        case _:
            raise BadRequest
    return redirect(f"{reverse('conversation', args=[conversation.pk])}?avant={number + 15}#m{number}")


def find_message(conversation: Conversation, number: int) -> Item:
    """One message of a conversation that its reader may read."""
    found = messages_before(conversation, number + 1, 1)
    if not found or found[0].number != number:
        raise NotFoundError
    return found[0]


def _report(request: PersonRequest, conversation: Conversation, item: Item) -> HttpResponse:
    form, status = ReportForm(request.POST), UNPROCESSABLE
    if form.is_valid():
        try:
            report_message(
                person=request.user,
                conversation_id=conversation.pk,
                number=item.number,
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, "C’est signalé : la coordination lira ce message, et lui seul.")
            return redirect("conversation", conversation_id=conversation.pk)
    return _draw(request, conversation, item, form, status)


def _draw(
    request: PersonRequest, conversation: Conversation, item: Item, form: ReportForm, status: int = 200
) -> HttpResponse:
    is_lounge, mine = conversation.kind == ConversationKind.LOUNGE, item.sender_id == request.user.pk
    roles = roles_in(request.user, conversation.network)
    context = {
        "conversation": conversation,
        "item": item,
        "mine": mine,
        "may_ask": is_lounge and mine and Role.LEARNER in roles,
        "may_hide": is_lounge and Role.COORDINATOR in roles,
        "form": form,
    }
    return render(request, "conversations/message.html", context, status=status)
