"""Who talks with whom, and every message in its one order."""

from django.db import models
from django.db.models import Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.conversations.enums import ConversationKind, ReportState
from backend.networks.models import Network
from backend.referentials.enums import Area


class Conversation(models.Model):
    """``last_number`` is the number of its last item: it is locked and raised to write the next.

    A lounge has its ``area``, one each in a network; a pair has ``pair``, the keys of its two people in order.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="conversations")
    kind = models.CharField(max_length=10, choices=ConversationKind)
    title = models.CharField(max_length=200)
    area = models.CharField(max_length=20, choices=Area, blank=True)
    pair = models.CharField(max_length=50, blank=True)
    last_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ConversationKind.values), name="conversation_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=ConversationKind.LOUNGE, area__in=Area.values)
                | Q(kind__in=[ConversationKind.SESSION, ConversationKind.PAIR], area=""),
                name="conversation_area_of_lounges",
            ),
            models.UniqueConstraint(
                fields=["network", "area"], condition=~Q(area=""), name="conversation_lounge_once_an_area"
            ),
            models.UniqueConstraint(fields=["network", "pair"], condition=~Q(pair=""), name="conversation_pair_once"),
        ]

    def __str__(self) -> str:
        return self.title


class ConversationMember(models.Model):
    """Who takes part, or follows a lounge. ``removed_at``: a coordinator took the person out of a lounge."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="conversation_memberships")
    last_read = models.PositiveIntegerField(default=0)
    mailed_up_to = models.PositiveIntegerField(default=0, help_text="Last item that a digest told of.")
    joined_at = models.DateTimeField(default=now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["conversation", "pk"]
        constraints = [models.UniqueConstraint(fields=["conversation", "person"], name="conversation_member_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.conversation_id}"


class Message(models.Model):
    """An item of a conversation: a message, or, when it has a ``target``, the news that this one is gone.

    A withdrawn message keeps its place and loses its text. One that a coordinator hid keeps it, for coordinators alone.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveIntegerField()
    sender = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="messages")
    client_id = models.UUIDField(null=True, blank=True)
    body = models.TextField(max_length=4000, blank=True)
    sent_at = models.DateTimeField(default=now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    target = models.OneToOneField("self", on_delete=models.CASCADE, null=True, blank=True, related_name="disappearance")

    class Meta:
        ordering = ["conversation", "number"]
        indexes = [models.Index(fields=["sender", "sent_at"], name="message_sender_pace")]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="message_number_once"),
            models.UniqueConstraint(fields=["sender", "client_id"], name="message_client_id_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, target=None) | Q(body=""), name="message_gone_without_text"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}:{self.number}"

    @property
    def is_gone(self) -> bool:
        """Withdrawn by its author or hidden by a coordinator: nobody reads its text in the conversation."""
        return self.withdrawn_at is not None or self.hidden_at is not None


class MessageReport(models.Model):
    """Somebody asks the coordinators to look at one message, which this shows them as it was, and no other.

    ``body`` is a copy: withdrawing a message must not hide what was reported.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reports")
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=500)
    body = models.TextField(max_length=4000)
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.OPEN)
    created_at = models.DateTimeField(default=now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["message", "author"], name="message_report_once"),
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="message_report_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.state}"


class TalkChoices(models.Model):
    """What a person chose about conversations; nothing is shown of their reading unless they said so."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="talk_choices")
    shows_reading = models.BooleanField(default=False)

    class Meta:
        ordering = ["person"]
        verbose_name_plural = "talk choices"

    def __str__(self) -> str:
        return f"{self.person_id}"
