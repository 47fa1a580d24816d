"""Traces of the lists with names that left, and the figures of each quarter as auditors read them, once and for all."""

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.networks.models import Network
from backend.reports.enums import ListKind


class NamedListExport(models.Model):
    """A list with names was taken out of Tandem: who, what, over which days (both included), why."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="named_list_exports")
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=ListKind)
    purpose = models.CharField(max_length=200)
    period_start = models.DateField()
    period_end = models.DateField()
    at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ListKind.values), name="named_list_kind_known"),
            models.CheckConstraint(condition=~Q(purpose=""), name="named_list_has_purpose"),
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="named_list_period_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.purpose}"


class QuarterReport(models.Model):
    """What auditors read of one quarter. Never written again: two readings that differ would tell what came between."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="quarter_reports")
    first_day = models.DateField()
    tables = models.JSONField(help_text="Only what is told: nothing that was held back is stored.")
    fixed_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["network", "-first_day"]
        constraints = [models.UniqueConstraint(fields=["network", "first_day"], name="quarter_report_once")]

    def __str__(self) -> str:
        return f"{self.network} {self.first_day}"
