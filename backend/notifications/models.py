"""What people are told, in the application and by mail."""

from django.db import models
from django.db.models import Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.notifications.enums import Kind, MailState


class Inbox(models.Model):
    """Numbers a person's notifications without holes, so that a client knows what it has missed."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="inbox")
    last_number = models.PositiveIntegerField(default=0)
    muted_kinds = models.JSONField(default=list, blank=True, help_text="Kinds of news not wanted by mail.")

    class Meta:
        ordering = ["person"]
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"{self.person_id}: {self.last_number}"


class Notification(models.Model):
    """One sentence that concerns a person, and where it leads. ``url`` is a path of this site."""

    inbox = models.ForeignKey(Inbox, on_delete=models.CASCADE, related_name="notifications")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=100, help_text="What it is about: the same news is told once.")
    kind = models.CharField(max_length=12, choices=Kind)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["inbox", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["inbox", "number"], name="notification_number_once"),
            models.UniqueConstraint(fields=["inbox", "key"], name="notification_key_once"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="notification_kind_known"),
        ]

    def __str__(self) -> str:
        return self.title


class OutboxMessage(models.Model):
    """A mail to send, written in the transaction of what it tells; sent at least once, never without commit.

    ``key`` says what it is about and for whom: the same news never makes two mails. ``leased_until`` keeps two workers
    apart; a lease that ran out belongs to whoever comes next.
    """

    key = models.CharField(max_length=120, unique=True)
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    address = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=MailState, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    leased_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [models.CheckConstraint(condition=Q(state__in=MailState.values), name="outbox_state_known")]
        indexes = [models.Index(fields=["state", "due_at"], name="outbox_due")]

    def __str__(self) -> str:
        return self.key
