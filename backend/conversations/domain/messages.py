"""Opening conversations, writing in them, reading them."""

import uuid
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Subquery, Value
from django.db.models.functions import Least

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.common.patient_numbers import refuse_patient_number
from backend.conversations.domain.queries import open_conversations_for
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation, ConversationMember, Message
from backend.networks.models import Network

MESSAGE_LENGTH_MAX = 4000


@transaction.atomic
def open_conversation(
    *, network: Network, kind: ConversationKind, title: str, people: Iterable[Person]
) -> Conversation:
    conversation = Conversation.objects.create(network=network, kind=kind, title=title)
    ConversationMember.objects.bulk_create(
        ConversationMember(conversation=conversation, person=person) for person in people
    )
    return conversation


def access_conversation_for(person: Person, conversation_id: int) -> Conversation:
    """The conversation, for its members alone; ``NotFoundError`` for anybody else."""
    conversation = open_conversations_for(person).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFoundError
    return conversation


@transaction.atomic
def send_message(*, conversation: Conversation, sender: Person, body: str, client_id: uuid.UUID) -> Message:
    """Store a message under the next number; the same ``client_id`` again gives the message already stored.

    The conversation's row is locked, so numbers have no holes. The sender has read what they answer to. Raises
    ``NotFoundError`` for a stranger, ``ConflictError`` for a ``client_id`` used in another conversation.
    """
    text = check_body(body)
    mine = open_conversations_for(sender).filter(pk=conversation.pk)
    locked = mine.select_for_update(of=("self",)).first()
    if locked is None:
        raise NotFoundError
    if known := locked.messages.filter(sender=sender, client_id=client_id).first():
        return known
    message = _append(locked, Message(sender=sender, client_id=client_id, body=text))
    mark_read(conversation=locked, person=sender, number=message.number)
    return message


def _append(locked: Conversation, message: Message) -> Message:
    locked.last_number += 1
    locked.save(update_fields=["last_number"])
    message.conversation, message.number = locked, locked.last_number
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError as error:
        raise ConflictError("Ce message a déjà été envoyé ailleurs.", code="client_id_used") from error
    return message


def check_body(body: str) -> str:
    """The text that may be stored; raises ``DomainError`` for an empty, too long or patient-bearing one."""
    # Neither zero bytes nor halves of signs: databases refuse them.
    text = body.replace("\x00", "").encode(errors="ignore").decode().strip()
    if not text:
        raise DomainError("Écrivez un message avant d’envoyer.", code="empty")
    if len(text) > MESSAGE_LENGTH_MAX:
        raise DomainError("Ce message est trop long : 4 000 caractères au plus.", code="too_long")
    refuse_patient_number(text, field="body")
    return text


def mark_read(*, conversation: Conversation, person: Person, number: int) -> None:
    """Raise the read mark to ``number``, at most to the last message; it never goes back."""
    last = Conversation.objects.filter(pk=conversation.pk).values("last_number")
    ConversationMember.objects.filter(conversation=conversation, person=person, last_read__lt=number).update(
        last_read=Least(Value(number), Subquery(last))
    )
