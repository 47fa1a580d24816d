"""Campaigns, the runs of the solver, and what each run proposes."""

import datetime as dt

from django.db import models
from django.db.models import Q

from backend.accounts.models import Person
from backend.campaigns.enums import CampaignState, Preset, RunState
from backend.common.clock import now
from backend.needs.models import HelpRequest
from backend.networks.models import Network, Site
from backend.tutoring.enums import Modality
from backend.tutoring.models import Session

SESSION_MINUTES = (30, 45, 60)


class Campaign(models.Model):
    """A few weeks of one network; ``first_day`` is a Monday, in the network's own time."""

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="campaigns")
    title = models.CharField(max_length=120)
    first_day = models.DateField()
    weeks = models.PositiveSmallIntegerField(default=3)
    session_minutes = models.PositiveSmallIntegerField(default=45)
    group_size_max = models.PositiveSmallIntegerField(default=1)
    preset = models.CharField(max_length=10, choices=Preset, default=Preset.BALANCED)
    state = models.CharField(max_length=12, choices=CampaignState, default=CampaignState.DRAFT)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(weeks__range=(1, 12)), name="campaign_weeks_1_12"),
            models.CheckConstraint(condition=Q(group_size_max__range=(1, 12)), name="campaign_group_1_12"),
            models.CheckConstraint(condition=Q(session_minutes__in=SESSION_MINUTES), name="campaign_session_minutes"),
            models.CheckConstraint(condition=Q(first_day__iso_week_day=1), name="campaign_starts_on_monday"),
            models.CheckConstraint(condition=Q(state__in=CampaignState.values), name="campaign_state_known"),
            models.CheckConstraint(condition=Q(preset__in=Preset.values), name="campaign_preset_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def last_day(self) -> dt.date:
        return self.first_day + dt.timedelta(weeks=self.weeks, days=-1)


class CampaignTransition(models.Model):
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="transitions")
    source = models.CharField(max_length=12, choices=CampaignState, blank=True)
    target = models.CharField(max_length=12, choices=CampaignState)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["campaign", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class Run(models.Model):
    """One computation: its frozen inputs, how it was asked for, and what came out.

    ``instance`` and ``solution`` are the files of the matching format; ids in them are primary keys as text.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState, default=RunState.PENDING)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    seed = models.PositiveIntegerField(default=0)
    time_limit = models.FloatField(null=True, blank=True, help_text="Seconds; empty for the engine's own limit.")
    instance = models.JSONField()
    instance_hash = models.CharField(max_length=64)
    solution = models.JSONField(null=True, blank=True)
    status = models.CharField(max_length=12, blank=True)
    engine = models.CharField(max_length=40, blank=True)
    objective = models.BigIntegerField(null=True, blank=True)
    bound = models.BigIntegerField(null=True, blank=True)
    gap = models.FloatField(null=True, blank=True)
    served = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["campaign", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state_known"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(published_at__isnull=False), name="run_published_once_a_campaign"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.pk}"


class Proposal(models.Model):
    """One match of a run; ``session`` is set when the run is published."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="proposals")
    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="proposals")
    tutor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    modality = models.CharField(max_length=10, choices=Modality)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals")

    class Meta:
        ordering = ["run", "starts_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "request"], name="proposal_request_once")]

    def __str__(self) -> str:
        return f"{self.request_id} → {self.tutor_id}"


class Unserved(models.Model):
    """A request a run could not serve, with the engine's reason and its verified ways out."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="unserved")
    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="unserved")
    reason = models.CharField(max_length=20)
    detail = models.TextField(blank=True)
    unblock = models.JSONField(default=list)

    class Meta:
        ordering = ["run", "pk"]
        verbose_name_plural = "unserved"
        constraints = [models.UniqueConstraint(fields=["run", "request"], name="unserved_request_once")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.reason}"
