"""What tutors hold (credentials, claims) and where learners stand (positioning)."""

import datetime as dt
import uuid

from django.db import models
from django.db.models import Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.networks.models import Network
from backend.referentials.models import Capacity, Notion
from backend.skills.enums import ClaimState, CredentialKind, Level, PositioningLevel


class Credential(models.Model):
    """What somebody shows a network, a certificate most often: the evidence behind the claims sent with it.

    No public list ties some certificates to notions: ``state`` says where a coordinator's choice of them stands. It is
    empty for all others, whose claims say everything.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="credentials")
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=12, choices=CredentialKind)
    title = models.CharField(max_length=160)
    obtained_on = models.DateField(null=True, blank=True)
    note = models.TextField(max_length=500, blank=True, help_text="Words of whoever sent it.")
    state = models.CharField(max_length=12, choices=ClaimState, blank=True)
    # Drawn by the form: the same form sent twice makes one credential.
    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["person", "kind"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CredentialKind.values), name="credential_kind_known"),
            models.CheckConstraint(condition=Q(state__in=["", *ClaimState.values]), name="credential_state_known"),
            models.UniqueConstraint(fields=["person", "client_id"], name="credential_client_id_once"),
        ]

    def __str__(self) -> str:
        return self.title


class CredentialTransition(models.Model):
    """A step of the choice of notions that a coordinator makes."""

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="transitions")
    source = models.CharField(max_length=12, choices=ClaimState, blank=True)
    target = models.CharField(max_length=12, choices=ClaimState)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["credential", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class ClaimQuerySet(models.QuerySet["Claim"]):
    def valid_on(self, day: dt.date) -> "ClaimQuerySet":
        """Accepted and not expired: the only ones that count in matching."""
        return self.filter(state=ClaimState.ACCEPTED).filter(Q(expires_on=None) | Q(expires_on__gt=day))


class Claim(models.Model):
    """« I hold this notion at this level »; once accepted, a validated competency."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="claims")
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="claims")
    notion = models.ForeignKey(Notion, on_delete=models.PROTECT, related_name="claims")
    level = models.PositiveSmallIntegerField(choices=Level)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="claims")
    state = models.CharField(max_length=12, choices=ClaimState, default=ClaimState.AWAITING)
    expires_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="claim_level_1_3"),
            models.CheckConstraint(condition=Q(state__in=ClaimState.values), name="claim_state_known"),
            models.UniqueConstraint(
                fields=["person", "network", "notion"],
                condition=Q(state__in=[ClaimState.AWAITING, ClaimState.MORE_ASKED, ClaimState.ACCEPTED]),
                name="claim_open_once",
                violation_error_message="Cette compétence est déjà demandée ou validée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notion} · niveau {self.level}"


class ClaimTransition(models.Model):
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="transitions")
    source = models.CharField(max_length=12, choices=ClaimState, blank=True)
    target = models.CharField(max_length=12, choices=ClaimState)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["claim", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class Positioning(models.Model):
    """One dated answer of a person on a capacity; the last one counts, all are kept. Nobody else reads it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="positionings")
    capacity = models.ForeignKey(Capacity, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(choices=PositioningLevel)
    answered_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["person", "capacity", "-answered_at", "-pk"]
        indexes = [models.Index(fields=["person", "capacity", "-answered_at"], name="positioning_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=PositioningLevel.values), name="positioning_level_0_3")
        ]

    def __str__(self) -> str:
        return f"{self.capacity} · {self.level}"


class Evidence(models.Model):
    """A scanned certificate: kept outside the web root, served only through an access check.

    ``media_type`` is what the content is, not what its name claims.
    """

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="evidence")
    file = models.FileField(upload_to="evidence/%Y/%m/")
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["credential", "added_at", "pk"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.name


class Guide(models.Model):
    """« En 45 minutes »: one version of the page of a notion. The highest number is the one shown."""

    notion = models.ForeignKey(Notion, on_delete=models.CASCADE, related_name="guides")
    number = models.PositiveIntegerField()
    aims = models.TextField(max_length=2000)
    exercise = models.TextField(max_length=6000)
    links = models.JSONField(default=list, blank=True, help_text="[{label, url}, …]")
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    change = models.CharField(max_length=200, blank=True, help_text="What this version changed, in a few words.")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["notion", "-number"]
        constraints = [models.UniqueConstraint(fields=["notion", "number"], name="guide_number_once")]

    def __str__(self) -> str:
        return f"{self.notion} · {self.number}"
