"""Writing in a conversation: sending, withdrawing, marking as read."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError, TooFastError
from backend.common.patient_numbers import refuse_patient_number, seems_about_patient
from backend.conversations.domain.access import access_conversation_for
from backend.conversations.domain.choices import shows_reading
from backend.conversations.enums import ConversationKind
from backend.conversations.models import Conversation, ConversationMember, Message
from backend.events.bus import publish
from backend.events.types import MessageSent, MessageWithdrawn, ReadMarked

MESSAGE_LENGTH_MAX = 4000
# No faster than this, over all conversations of a person.
PACE_COUNT, PACE_WINDOW = 20, dt.timedelta(seconds=10)


class MaybePatientWarning(DomainError):  # noqa: N818 (nothing went wrong: a question to the writer)
    """Nothing was stored: it looks as if it spoke of a patient, and its writer is asked to decide."""

    code = "maybe_patient"
    message = (
        "Ce message semble parler d’un patient. Tandem n’est pas fait pour cela : utilisez MSSanté. "
        "S’il ne permet de reconnaître personne, envoyez-le tout de même."
    )


@transaction.atomic
def send_message(
    *, conversation_id: int, sender: Person, client_id: uuid.UUID, body: str, confirmed: bool = False
) -> Message:
    """Store a message under the next number; the same ``client_id`` again gives the message already stored.

    The conversation's row is locked, so numbers have no holes. Raises ``NotFoundError`` for a stranger,
    ``ConflictError`` for a ``client_id`` used in another conversation, ``DomainError`` with ``empty``, ``too_long``,
    ``patient_number``, ``too_fast`` or ``closed``, and ``MaybePatientWarning`` unless ``confirmed``.
    """
    text = check_body(body)
    conversation = access_conversation_for(sender, conversation_id)
    if known := _find_sent(conversation, sender, client_id):
        return known
    if not confirmed and seems_about_patient(text):
        raise MaybePatientWarning
    locked = lock_conversation(conversation)
    # Somebody's retry may have been stored while this one waited for the lock.
    if known := _find_sent(locked, sender, client_id):
        return known
    if locked.closed_at is not None:
        raise ConflictError("Cet échange est clos : on peut encore le lire.", code="closed")
    _check_pace(sender)
    message = _append(locked, Message(sender=sender, client_id=client_id, body=text))
    if locked.kind == ConversationKind.LOUNGE:
        _follow_from(locked, sender)
    publish(MessageSent(conversation_id=locked.pk, message_id=message.pk))
    return message


@transaction.atomic
def withdraw_message(*, person: Person, conversation_id: int, number: int) -> Message:
    """Take back one's own message: its text is gone for good, its place stays; again changes nothing."""
    locked = lock_conversation(access_conversation_for(person, conversation_id))
    message = locked.messages.filter(number=number, target=None, sender=person).first()
    if message is None:
        raise NotFoundError
    if message.withdrawn_at is None:
        was_hidden = message.hidden_at is not None
        message.body, message.withdrawn_at = "", now()
        message.save(update_fields=["body", "withdrawn_at"])
        if not was_hidden:
            note_disappearance(locked, message, author=person)
    return message


@transaction.atomic
def mark_read(*, person: Person, conversation_id: int, number: int) -> None:
    """Raise the person's read mark to ``number``, at most to the last item; it never goes back.

    A lounge that the person does not follow keeps no mark. Raises ``NotFoundError`` for a stranger.
    """
    conversation = access_conversation_for(person, conversation_id)
    reached = min(number, conversation.last_number)
    mine = ConversationMember.objects.filter(conversation=conversation, person=person)
    if mine.filter(last_read__lt=reached).update(last_read=reached):
        publish(
            ReadMarked(
                conversation_id=conversation.pk,
                person_id=person.pk,
                number=reached,
                is_shown=conversation.kind != ConversationKind.LOUNGE and shows_reading(person),
            )
        )


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


def lock_conversation(conversation: Conversation) -> Conversation:
    """The same row, locked until the transaction ends and as it now stands."""
    return Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)


def note_disappearance(locked: Conversation, message: Message, *, author: Person) -> None:
    """Write that a message is gone under a number of its own, so that whoever catches up by number hears of it."""
    item = _append(locked, Message(sender=author, target=message))
    publish(MessageWithdrawn(conversation_id=locked.pk, message_id=item.pk))


def _find_sent(conversation: Conversation, sender: Person, client_id: uuid.UUID) -> Message | None:
    return conversation.messages.filter(sender=sender, client_id=client_id).first()


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


def _check_pace(sender: Person) -> None:
    recent = Message.objects.filter(sender=sender, target=None, sent_at__gt=now() - PACE_WINDOW).order_by("-sent_at")
    instants = list(recent.values_list("sent_at", flat=True)[:PACE_COUNT])
    if len(instants) == PACE_COUNT:
        raise TooFastError(
            "Vous écrivez trop vite : attendez quelques secondes, puis envoyez à nouveau.",
            wait=instants[-1] + PACE_WINDOW - now(),
        )


def _follow_from(lounge: Conversation, person: Person) -> None:
    """Whoever writes in a lounge follows it, from what they wrote on."""
    ConversationMember.objects.get_or_create(
        conversation=lounge,
        person=person,
        defaults={"last_read": lounge.last_number, "mailed_up_to": lounge.last_number},
    )
