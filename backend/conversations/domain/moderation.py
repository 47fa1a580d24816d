"""What coordinators are shown and may do: one reported message at a time, and order in lounges."""

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.common.patient_numbers import refuse_patient_number
from backend.conversations.domain.access import access_conversation_for, access_lounge_to_moderate
from backend.conversations.domain.messages import lock_conversation, note_disappearance
from backend.conversations.enums import ConversationKind, ReportState
from backend.conversations.models import Conversation, ConversationMember, Message, MessageReport
from backend.events.bus import publish
from backend.events.types import MemberRemoved, MessageReported
from backend.networks.enums import Role
from backend.networks.models import Membership

REASON_LENGTH_MAX = 500


@transaction.atomic
def report_message(*, person: Person, conversation_id: int, number: int, reason: str) -> MessageReport:
    """Show one message to the coordinators, with a reason; the same person again gives the report there is."""
    text = reason.strip()
    if not text:
        raise DomainError("Dites pourquoi, en quelques mots.", code="empty", fields={"reason": ["Dites pourquoi."]})
    if len(text) > REASON_LENGTH_MAX:
        raise DomainError("500 caractères au plus.", code="too_long", fields={"reason": ["500 caractères au plus."]})
    refuse_patient_number(text, field="reason")
    conversation = access_conversation_for(person, conversation_id)
    message = _find_message(conversation, number)
    if message.sender_id == person.pk:
        raise ConflictError("Ce message est le vôtre : vous pouvez le retirer.", code="own_message")
    if message.is_gone:
        raise ConflictError("Ce message n’est plus là.", code="already_gone")
    report, is_new = MessageReport.objects.get_or_create(
        message=message, author=person, defaults={"reason": text, "body": message.body}
    )
    if is_new:
        publish(MessageReported(report_id=report.pk))
    return report


def reports_for(coordinator: Person) -> QuerySet[MessageReport]:
    """Reports of the networks somebody coordinates, newest first."""
    coordinated = Membership.objects.active().with_role(Role.COORDINATOR).filter(person=coordinator)
    return (
        MessageReport.objects.filter(message__conversation__network__in=coordinated.values("network"))
        .select_related("message__conversation__network", "message__sender", "author", "decided_by")
        .order_by("-created_at", "-pk")
    )


def access_report_for(coordinator: Person, report_id: int) -> MessageReport:
    report = reports_for(coordinator).filter(pk=report_id).first()
    if report is None:
        raise NotFoundError
    return report


@transaction.atomic
def decide_report(*, coordinator: Person, report_id: int, hide: bool) -> MessageReport:
    """Close a report, and hide its message if it stands in a lounge; what is decided stays so."""
    access_report_for(coordinator, report_id)
    report = MessageReport.objects.select_for_update(of=("self",)).get(pk=report_id)
    if report.state != ReportState.OPEN:
        raise ConflictError("Ce signalement a déjà été traité.", code="already_decided")
    if hide:
        message = report.message
        hide_message(coordinator=coordinator, conversation_id=message.conversation_id, number=message.number)
    report.state = ReportState.HIDDEN if hide else ReportState.KEPT
    report.decided_at, report.decided_by = now(), coordinator
    report.save(update_fields=["state", "decided_at", "decided_by"])
    return report


@transaction.atomic
def hide_message(*, coordinator: Person, conversation_id: int, number: int) -> Message:
    """Take a message of a lounge out of sight, for everybody; again changes nothing."""
    lounge = lock_conversation(access_lounge_to_moderate(coordinator, conversation_id))
    message = _find_message(lounge, number)
    if not message.is_gone:
        message.hidden_at = now()
        message.save(update_fields=["hidden_at"])
        note_disappearance(lounge, message, author=coordinator)
    return message


@transaction.atomic
def remove_member(*, coordinator: Person, conversation_id: int, person_id: int) -> None:
    """Take somebody out of a lounge; again changes nothing."""
    lounge = access_lounge_to_moderate(coordinator, conversation_id)
    if not Membership.objects.active().filter(person=person_id, network=lounge.network_id).exists():
        raise NotFoundError
    if person_id == coordinator.pk:
        raise ConflictError("On ne se retire pas soi-même : cessez de suivre le salon.", code="not_oneself")
    row, _ = ConversationMember.objects.get_or_create(conversation=lounge, person_id=person_id)
    if row.removed_at is None:
        row.removed_at = now()
        row.save(update_fields=["removed_at"])
        publish(MemberRemoved(conversation_id=lounge.pk, person_id=person_id))


@transaction.atomic
def readmit_member(*, coordinator: Person, conversation_id: int, person_id: int) -> None:
    """Let somebody back into a lounge."""
    lounge = access_lounge_to_moderate(coordinator, conversation_id)
    lounge.members.filter(person=person_id, removed_at__isnull=False).delete()


def removed_from_lounges(coordinator: Person) -> QuerySet[ConversationMember]:
    """Who is out of which lounge, in the networks somebody coordinates."""
    coordinated = Membership.objects.active().with_role(Role.COORDINATOR).filter(person=coordinator)
    return (
        ConversationMember.objects.filter(
            removed_at__isnull=False,
            conversation__kind=ConversationKind.LOUNGE,
            conversation__network__in=coordinated.values("network"),
        )
        .select_related("conversation__network", "person")
        .order_by("-removed_at", "-pk")
    )


def _find_message(conversation: Conversation, number: int) -> Message:
    message = conversation.messages.filter(number=number, target=None).first()
    if message is None:
        raise NotFoundError
    return message
