"""Campaigns, the runs of the solver, and what each run proposes."""

import datetime as dt

from django.db import models
from django.db.models import Q

from backend.accounts.models import Person
from backend.campaigns.enums import (
    UNDER_WAY,
    Audience,
    CampaignState,
    ChoiceKind,
    FavourKind,
    Preset,
    RepairState,
    RunState,
)
from backend.common.clock import now
from backend.needs.models import HelpRequest
from backend.networks.models import Agreement, Network, Site
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
    preset_name = models.CharField(max_length=40, blank=True, help_text="Of the network's own preset, as it was.")
    factors = models.JSONField(default=dict, blank=True, help_text="Multipliers of the network's own preset.")
    collect_until = models.DateField(null=True, blank=True, help_text="Last day to ask and to offer; told to all.")
    lent_tutors = models.BooleanField(default=False, help_text="Whether neighbours' lent tutors enter its runs.")
    chosen_run = models.ForeignKey(
        "Run", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="Among several, to review."
    )
    state = models.CharField(max_length=12, choices=CampaignState, default=CampaignState.DRAFT)
    repair_tried_at = models.DateTimeField(null=True, blank=True)
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
    def preset_words(self) -> str:
        """As people know it."""
        return self.preset_name or Preset(self.preset).label

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


class CampaignCall(models.Model):
    """People were asked to take part, or reminded: how often is part of good manners."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="calls")
    audience = models.CharField(max_length=10, choices=Audience)
    is_reminder = models.BooleanField(default=False)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["campaign", "at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="call_audience_known"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.audience}"


class OwnPreset(models.Model):
    """What a network weighs its own way: multipliers of the terms of the weight."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=40)
    urgency = models.PositiveSmallIntegerField(default=1)
    gap = models.PositiveSmallIntegerField(default=1)
    waiting = models.PositiveSmallIntegerField(default=1)
    site = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["network", "name"]
        constraints = [
            models.UniqueConstraint(fields=["network", "name"], name="own_preset_name_once"),
            models.CheckConstraint(
                condition=Q(urgency__lte=5, gap__lte=5, waiting__lte=5, site__lte=5), name="own_preset_0_5"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One computation: its frozen inputs, how it was asked for, who works on it, and what came out.

    ``instance`` and ``solution`` are the files of the matching format; ids in them are primary keys as text. The row
    is the truth of the job: whoever holds ``lease_key`` works on it, and must renew ``leased_until``.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState, default=RunState.QUEUED)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    # How it was asked for
    session_minutes = models.PositiveSmallIntegerField(default=45)
    group_size_max = models.PositiveSmallIntegerField(default=1)
    preset = models.CharField(max_length=10, choices=Preset, default=Preset.BALANCED)
    preset_name = models.CharField(max_length=40, blank=True)
    factors = models.JSONField(default=dict, help_text="Multipliers of the terms of the weight, as they were.")
    lent_tutors = models.BooleanField(default=False)
    previous = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    replay_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replays")
    seed = models.PositiveIntegerField(default=0)
    time_limit = models.FloatField(null=True, blank=True, help_text="Seconds; empty for the engine's own limit.")
    instance = models.JSONField()
    instance_hash = models.CharField(max_length=64)
    requests = models.PositiveIntegerField(default=0, help_text="How many it was given.")
    # Who works on it
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_key = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True, help_text="While queued: when to queue it again.")
    started_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # What came out
    solution = models.JSONField(null=True, blank=True)
    status = models.CharField(max_length=12, blank=True)
    stopped = models.CharField(max_length=10, blank=True, help_text="What cut the search short.")
    engine = models.CharField(max_length=40, blank=True)
    version = models.CharField(max_length=60, blank=True)
    objective = models.BigIntegerField(null=True, blank=True)
    bound = models.BigIntegerField(null=True, blank=True)
    gap = models.FloatField(null=True, blank=True)
    served = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["campaign", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(condition=Q(preset__in=Preset.values), name="run_preset_known"),
            models.CheckConstraint(condition=Q(session_minutes__in=SESSION_MINUTES), name="run_session_minutes"),
            models.CheckConstraint(condition=Q(group_size_max__range=(1, 12)), name="run_group_1_12"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(published_at__isnull=False), name="run_published_once_a_campaign"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.pk}"

    @property
    def preset_words(self) -> str:
        """As people know it."""
        return self.preset_name or Preset(self.preset).label

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY


class RunProgress(models.Model):
    """Where a search stood at a moment; a row only when something had changed."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="progress")
    elapsed = models.FloatField(help_text="Seconds since the search began.")
    objective = models.BigIntegerField()
    bound = models.BigIntegerField(null=True, blank=True)
    served = models.PositiveIntegerField()

    class Meta:
        ordering = ["run", "elapsed", "pk"]
        verbose_name_plural = "run progress"

    def __str__(self) -> str:
        return f"{self.elapsed:.1f} s"


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


class Repair(models.Model):
    """A re-arrangement around what was undone: to approve, or applied at once if the network says so."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="repairs")
    state = models.CharField(max_length=10, choices=RepairState, default=RepairState.PROPOSED)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    decided_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    kept = models.PositiveIntegerField(help_text="Sessions to come that stay as they are.")
    waiting = models.PositiveIntegerField(help_text="Requests that still have no proposal.")

    class Meta:
        ordering = ["campaign", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RepairState.values), name="repair_state_known"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(state=RepairState.PROPOSED), name="repair_proposed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.pk}"


class RepairMove(models.Model):
    """One request meets a tutor anew; ``before`` is the session it leaves for that, if it had one."""

    repair = models.ForeignKey(Repair, on_delete=models.CASCADE, related_name="moves")
    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="+")
    tutor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    modality = models.CharField(max_length=10, choices=Modality)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    before = models.ForeignKey(Session, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["repair", "starts_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["repair", "request"], name="repair_request_once")]

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


class FixedChoice(models.Model):
    """What a coordinator fixed by hand for all runs to come of a campaign, until it is undone."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="choices")
    kind = models.CharField(max_length=8, choices=ChoiceKind)
    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="+")
    tutor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField(null=True, blank=True, help_text="Of a pin alone.")
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["campaign", "at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "request"], condition=Q(kind="pin", undone_at=None), name="choice_one_pin"
            ),
            models.UniqueConstraint(
                fields=["campaign", "request", "tutor"], condition=Q(undone_at=None), name="choice_pair_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="pin", starts_at__isnull=False) | Q(kind="forbid", starts_at__isnull=True),
                name="choice_pin_has_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.request_id} {self.tutor_id}"


class Favour(models.Model):
    """Somebody was asked to give a little more, or another time, so that one request can be met."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="favours")
    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=FavourKind)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["campaign", "at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "request", "person", "kind"], name="favour_asked_once"),
            models.CheckConstraint(condition=Q(kind__in=FavourKind.values), name="favour_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id}"


class Loan(models.Model):
    """A tutor of a neighbour agrees to help in one campaign, up to some hours a month; taken back when they like."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="loans")
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="loans")
    tutor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="loans")
    hours_per_month = models.DecimalField(max_digits=4, decimal_places=1)
    given_at = models.DateTimeField(default=now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["campaign", "tutor"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "tutor"], name="loan_once_a_campaign"),
            models.CheckConstraint(condition=Q(hours_per_month__range=(0.5, 40)), name="loan_hours_known"),
        ]

    def __str__(self) -> str:
        return f"{self.tutor} · {self.campaign}"
