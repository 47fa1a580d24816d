"""Rules of points, the append-only ledger, certificates."""

import secrets
import uuid
from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.credits.enums import Axis, BatchState, CertificateRole, CertificateState, EntryKind, Rounding
from backend.networks.models import Network
from backend.referentials.enums import Area

# 80 bits in Crockford's base 32 without look-alikes: unguessable, and legible over the telephone.
NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_GROUPS, GROUP_LENGTH = 4, 4


class Scale(models.Model):
    """A network's rule of points from a day on; the default one stands before any."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="scales")
    valid_from = models.DateField()
    points_per_hour = models.DecimalField(max_digits=6, decimal_places=2, default=Decimal(10))
    points_per_extra_learner = models.DecimalField(max_digits=6, decimal_places=2, default=Decimal(2))
    cap_per_month = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    rounding = models.CharField(max_length=10, choices=Rounding, default=Rounding.HUNDREDTH)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["network", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["network", "valid_from"], name="scale_day_once"),
            models.CheckConstraint(
                condition=Q(points_per_hour__gte=0, points_per_extra_learner__gte=0)
                & (Q(cap_per_month=None) | Q(cap_per_month__gte=0)),
                name="scale_not_negative",
            ),
            models.CheckConstraint(condition=Q(rounding__in=Rounding.values), name="scale_rounding_known"),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.valid_from}"


class Account(models.Model):
    """Whose entries they are. Erasing a person cuts the link and rewrites no entry."""

    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.OneToOneField(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="ledger_account"
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.number)


class LedgerHead(models.Model):
    """The last link of a network's chain: a missing tail shows against it. Locked while an entry is written."""

    network = models.OneToOneField(Network, on_delete=models.PROTECT, related_name="ledger_head")
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["network"]

    def __str__(self) -> str:
        return f"{self.network_id} {self.sequence}"


class Entry(models.Model):
    """One line of the ledger. Triggers refuse UPDATE and DELETE; ``hash`` chains it to the one before.

    ``day`` is when it was earned, in the network's zone, and ``role`` on which side: a correction bears those of what
    it reverses, so that sums by period and role are right whenever it was written.
    """

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="entries")
    sequence = models.PositiveBigIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=EntryKind)
    role = models.CharField(max_length=10, choices=CertificateRole)
    day = models.DateField()
    area = models.CharField(max_length=20, choices=Area)
    points = models.DecimalField(max_digits=9, decimal_places=2)
    minutes = models.IntegerField()
    source = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    author = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["network", "sequence"]
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["network", "sequence"], name="entry_sequence_once"),
            models.UniqueConstraint(fields=["source", "account"], name="entry_source_once"),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="entry_kind_known"),
            models.CheckConstraint(condition=Q(role__in=CertificateRole.values), name="entry_role_known"),
            models.CheckConstraint(condition=Q(area__in=Area.values), name="entry_area_known"),
        ]
        indexes = [
            models.Index(fields=["account", "-created_at"], name="entry_statement"),
            models.Index(fields=["network", "day"], name="entry_day"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.points}"


def draw_certificate_number() -> str:
    """16 signs drawn at random, in four groups: ``7K2M-90QX-…``."""
    groups = ("".join(secrets.choice(NUMBER_ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(NUMBER_GROUPS))
    return "-".join(groups)


class Certificate(models.Model):
    """« Attestation d’entraide » over a period, both days included; figures as they stood when it was made.

    ``holder`` says who it is for, in words of that day (name, profession, employer): emptied when the person is erased.
    ``lines`` are the sessions it counts: source, day, area, minutes, points.
    """

    number = models.CharField(max_length=19, unique=True, default=draw_certificate_number, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="certificates")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="certificates")
    role = models.CharField(max_length=10, choices=CertificateRole)
    period_start = models.DateField()
    period_end = models.DateField()
    minutes = models.PositiveIntegerField()
    points = models.DecimalField(max_digits=9, decimal_places=2)
    holder = models.JSONField(default=dict, blank=True)
    lines = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=CertificateState, default=CertificateState.VALID)
    issued_at = models.DateTimeField(default=now, editable=False)
    issued_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="certificate_period_ordered"),
            models.CheckConstraint(condition=Q(state__in=CertificateState.values), name="certificate_state_known"),
            models.CheckConstraint(condition=Q(role__in=CertificateRole.values), name="certificate_role_known"),
        ]

    def __str__(self) -> str:
        return self.number


class CertificateTransition(models.Model):
    certificate = models.ForeignKey(Certificate, on_delete=models.CASCADE, related_name="transitions")
    source = models.CharField(max_length=10, choices=CertificateState, blank=True)
    target = models.CharField(max_length=10, choices=CertificateState)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["certificate", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class CertificateBatch(models.Model):
    """Certificates of everybody over a period, printed into one file by a job, which is effaced after some days.

    The row is the truth of the job: ``leased_until`` is for whom works on it, ``accounts`` are those left to print.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="certificate_batches")
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    role = models.CharField(max_length=10, choices=CertificateRole)
    period_start = models.DateField()
    period_end = models.DateField()
    accounts = models.JSONField(default=list)
    total = models.PositiveIntegerField()
    certificates = models.ManyToManyField(Certificate, related_name="+")
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.WAITING)
    file = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    done_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "certificate batches"
        constraints = [
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="batch_period_ordered"),
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
            models.CheckConstraint(condition=Q(role__in=CertificateRole.values), name="batch_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.period_start} – {self.period_end}"


class Indemnified(models.Model):
    """A network pays this person for the hours given, which a statement adds up."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="indemnified")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["network", "pk"]
        verbose_name_plural = "indemnified"
        constraints = [models.UniqueConstraint(fields=["network", "person"], name="indemnified_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.network_id}"


class AxisNote(models.Model):
    """Under which axis of the certification périodique a person files a domain: a note of their own, nobody else's."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="axis_notes")
    area = models.CharField(max_length=20, choices=Area)
    axis = models.PositiveSmallIntegerField(choices=Axis)

    class Meta:
        ordering = ["person", "area"]
        constraints = [
            models.UniqueConstraint(fields=["person", "area"], name="axis_note_area_once"),
            models.CheckConstraint(condition=Q(area__in=Area.values), name="axis_note_area_known"),
            models.CheckConstraint(condition=Q(axis__in=Axis.values), name="axis_note_axis_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.area} {self.axis}"
