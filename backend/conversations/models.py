"""Who talks with whom, and every message in its one order."""

from django.db import models
from django.db.models import Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.conversations.enums import ConversationKind
from backend.networks.models import Network


class Conversation(models.Model):
    """``last_number`` is the number of its last message: it is locked and raised to write the next."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="conversations")
    kind = models.CharField(max_length=10, choices=ConversationKind)
    title = models.CharField(max_length=200)
    last_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ConversationKind.values), name="conversation_kind_known")
        ]

    def __str__(self) -> str:
        return self.title


class ConversationMember(models.Model):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="conversation_memberships")
    last_read = models.PositiveIntegerField(default=0)
    joined_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["conversation", "pk"]
        constraints = [models.UniqueConstraint(fields=["conversation", "person"], name="conversation_member_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.conversation_id}"


class Message(models.Model):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveIntegerField()
    sender = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="messages")
    client_id = models.UUIDField()
    body = models.TextField(max_length=4000)
    sent_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["conversation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="message_number_once"),
            models.UniqueConstraint(fields=["sender", "client_id"], name="message_client_id_once"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}:{self.number}"
