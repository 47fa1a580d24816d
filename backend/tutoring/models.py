"""Sessions, who takes part, and every move of their state."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.conversations.models import Conversation
from backend.needs.models import HelpRequest
from backend.networks.models import Network, Site
from backend.referentials.models import Notion
from backend.tutoring.enums import Attendance, JoinKind, Modality, OfferState, SessionState, Settlement, Useful

# What people's calendars show: the time, the place and the state.
IN_CALENDARS = frozenset({"starts_at", "ends_at", "modality", "site", "join_kind", "join_value", "state"})


class Session(models.Model):
    """A tutor helps one learner or a small group, at one time; ``[starts_at, ends_at)`` on whole cells.

    ``sequence`` and ``changed_at`` are for calendars: they rise by themselves whenever ``save`` writes what those show.
    """

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
    attendance_asked = models.PositiveSmallIntegerField(
        default=0, help_text="How often people were asked, once it was over, who was there."
    )
    no_answer = models.BooleanField(default=False, help_text="Declined by silence: may still be accepted late.")
    answer_reminded_at = models.DateTimeField(null=True, blank=True)
    eve_reminded_at = models.DateTimeField(null=True, blank=True)
    conversation = models.OneToOneField(Conversation, on_delete=models.PROTECT, related_name="session")
    created_at = models.DateTimeField(default=now, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=now, editable=False)

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

    def save(self, **options: Any) -> None:
        written = options.get("update_fields")
        if not self._state.adding and (written is None or IN_CALENDARS.intersection(written)):
            self.sequence, self.changed_at = self.sequence + 1, now()
            if written is not None:
                options["update_fields"] = {*written, "sequence", "changed_at"}
        super().save(**options)

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def source(self) -> str:
        """Name under which the session holds cells and ledger entries."""
        return f"session:{self.pk}"

    @property
    def open_offer(self) -> "TimeOffer | None":
        """The other time under discussion, if any; reads ``time_offers.all()``: prefetch it for lists."""
        return next((offer for offer in self.time_offers.all() if offer.is_open), None)


class Participation(models.Model):
    """One learner in one session. ``by_tutor`` and ``by_learner`` say present, absent or nothing yet."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="participations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    request = models.ForeignKey(HelpRequest, on_delete=models.PROTECT, related_name="participations")
    agreed_at = models.DateTimeField(null=True, blank=True)
    by_tutor = models.BooleanField(null=True, blank=True)
    by_learner = models.BooleanField(null=True, blank=True)
    decided = models.BooleanField(null=True, blank=True, help_text="What the coordinator decided, where they differ.")
    decided_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    settlement = models.CharField(max_length=12, choices=Settlement, blank=True)

    class Meta:
        ordering = ["session", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settlement__in=[*Settlement.values, ""]), name="participation_settlement_known"
            ),
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


class TimeOffer(models.Model):
    """Somebody proposes another time; the session keeps its own until every other party accepts.

    Rows stay: together they say who proposed what, when, and what became of it.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="time_offers")
    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="time_offers")
    starts_at = models.DateTimeField()
    instead_of = models.DateTimeField(help_text="When the session began at the time.")
    accepted_by = models.ManyToManyField(Person, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.OPEN)
    created_at = models.DateTimeField(default=now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["session", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OfferState.values), name="time_offer_state_known"),
            models.UniqueConstraint(
                fields=["session"], condition=Q(state=OfferState.OPEN), name="time_offer_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} → {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.state == OfferState.OPEN and self.starts_at > now()


class Feedback(models.Model):
    """What tutor and learner say to each other afterwards; nobody else ever reads it."""

    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="feedbacks")
    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    useful = models.CharField(max_length=8, choices=Useful, blank=True)
    words = models.TextField(blank=True)
    at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["participation", "pk"]
        verbose_name_plural = "feedback"
        constraints = [
            models.UniqueConstraint(fields=["participation", "author"], name="feedback_once"),
            models.CheckConstraint(condition=Q(useful__in=[*Useful.values, ""]), name="feedback_useful_known"),
        ]

    def __str__(self) -> str:
        return f"{self.author_id} on {self.participation_id}"


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
