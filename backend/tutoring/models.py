"""Sessions, who takes part, and every move of their state."""

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.conversations.models import Conversation
from backend.needs.models import HelpRequest
from backend.networks.models import Network, Site
from backend.referentials.models import Notion
from backend.tutoring.enums import Attendance, JoinKind, Modality, SessionState


class Session(models.Model):
    """A tutor helps one learner or a small group, at one time; ``[starts_at, ends_at)`` on whole cells."""

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="sessions")
    tutor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="given_sessions")
    notion = models.ForeignKey(Notion, on_delete=models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    modality = models.CharField(max_length=10, choices=Modality)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    join_kind = models.CharField(max_length=10, choices=JoinKind)
    join_value = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=SessionState, default=SessionState.PROPOSED)
    answer_by = models.DateTimeField()
    conversation = models.OneToOneField(Conversation, on_delete=models.PROTECT, related_name="session")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["tutor", "starts_at"], name="session_tutor_agenda")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
            models.CheckConstraint(condition=Q(state__in=SessionState.values), name="session_state_known"),
            models.CheckConstraint(
                condition=Q(modality=Modality.REMOTE, site=None) | Q(modality=Modality.ON_SITE, site__isnull=False),
                name="session_site_when_on_site",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notion} · {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def source(self) -> str:
        """Name under which the session holds cells and ledger entries."""
        return f"session:{self.pk}"


class Participation(models.Model):
    """One learner in one session. ``by_tutor`` and ``by_learner`` say present, absent or nothing yet."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="participations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    request = models.ForeignKey(HelpRequest, on_delete=models.PROTECT, related_name="participations")
    agreed_at = models.DateTimeField(null=True, blank=True)
    by_tutor = models.BooleanField(null=True, blank=True)
    by_learner = models.BooleanField(null=True, blank=True)
    decided = models.BooleanField(null=True, blank=True, help_text="What the coordinator decided, where they differ.")

    class Meta:
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="participation_person_once"),
            models.UniqueConstraint(fields=["session", "request"], name="participation_request_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.session_id}"

    @property
    def attendance(self) -> Attendance:
        if self.decided is not None:
            return Attendance.PRESENT if self.decided else Attendance.ABSENT
        if self.by_tutor is None or self.by_learner is None:
            return Attendance.AWAITED
        if self.by_tutor != self.by_learner:
            return Attendance.DISPUTED
        return Attendance.PRESENT if self.by_tutor else Attendance.ABSENT


class SessionTransition(models.Model):
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="transitions")
    source = models.CharField(max_length=10, choices=SessionState, blank=True)
    target = models.CharField(max_length=10, choices=SessionState)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["session", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
