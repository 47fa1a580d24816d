"""Rules of points, the append-only ledger, certificates."""

import secrets
import uuid
from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.credits.enums import CertificateRole, CertificateState, EntryKind
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

    class Meta:
        ordering = ["network", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["network", "valid_from"], name="scale_day_once"),
            models.CheckConstraint(
                condition=Q(points_per_hour__gte=0, points_per_extra_learner__gte=0), name="scale_not_negative"
            ),
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
    """One line of the ledger. Triggers refuse UPDATE and DELETE; ``hash`` chains it to the one before."""

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="entries")
    sequence = models.PositiveBigIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=EntryKind)
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
            models.CheckConstraint(condition=Q(area__in=Area.values), name="entry_area_known"),
        ]
        indexes = [models.Index(fields=["account", "-created_at"], name="entry_statement")]

    def __str__(self) -> str:
        return f"{self.source} {self.points}"


def draw_certificate_number() -> str:
    """16 signs drawn at random, in four groups: ``7K2M-90QX-…``."""
    groups = ("".join(secrets.choice(NUMBER_ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(NUMBER_GROUPS))
    return "-".join(groups)


class Certificate(models.Model):
    """« Attestation d’entraide » over a period, both days included; figures as they stood when it was made."""

    number = models.CharField(max_length=19, unique=True, default=draw_certificate_number, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="certificates")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="certificates")
    role = models.CharField(max_length=10, choices=CertificateRole)
    period_start = models.DateField()
    period_end = models.DateField()
    minutes = models.PositiveIntegerField()
    points = models.DecimalField(max_digits=9, decimal_places=2)
    state = models.CharField(max_length=10, choices=CertificateState, default=CertificateState.VALID)
    issued_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="certificate_period_ordered"),
            models.CheckConstraint(condition=Q(state__in=CertificateState.values), name="certificate_state_known"),
            models.CheckConstraint(condition=Q(role__in=CertificateRole.values), name="certificate_role_known"),
        ]

    def __str__(self) -> str:
        return self.number
