"""What learners ask for and what tutors give."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from backend.accounts.models import Person
from backend.common.clock import now
from backend.needs.enums import RequestState, Urgency
from backend.networks.models import Network, Site
from backend.referentials.models import Capacity, Notion
from backend.skills.enums import Level


class HelpRequest(models.Model):
    """A person asks for help on one capacity. ``notion`` is the capacity's own: matching is about notions.

    Without any site and not remote, nobody could meet: at least one way of meeting is required by the domain.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="help_requests")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="help_requests")
    capacity = models.ForeignKey(Capacity, on_delete=models.PROTECT, related_name="+")
    notion = models.ForeignKey(Notion, on_delete=models.PROTECT, related_name="help_requests")
    level_wanted = models.PositiveSmallIntegerField(choices=Level)
    level_start = models.PositiveSmallIntegerField(null=True, blank=True)
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.WHENEVER)
    remote = models.BooleanField(default=True)
    sites = models.ManyToManyField(Site, blank=True, related_name="+")
    group_ok = models.BooleanField(default=False)
    on_working_time = models.BooleanField(default=False)
    context = models.TextField(blank=True, max_length=1000)
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.OPEN)
    entered_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(level_wanted__in=Level.values), name="request_level_wanted_1_3"),
            models.CheckConstraint(
                condition=Q(level_start=None) | Q(level_start__range=(0, 2), level_start__lt=models.F("level_wanted")),
                name="request_level_start_below_wanted",
                violation_error_message="Le niveau de départ doit être plus bas que le niveau souhaité.",
            ),
            models.CheckConstraint(condition=Q(urgency__in=Urgency.values), name="request_urgency_known"),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="request_state_known"),
            models.UniqueConstraint(
                fields=["network", "person", "capacity"],
                condition=Q(state__in=[RequestState.UNCONFIRMED, RequestState.OPEN, RequestState.PLANNED]),
                name="request_open_once",
                violation_error_message="Vous avez déjà une demande en cours sur cette capacité.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.capacity}"


class HelpRequestTransition(models.Model):
    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="transitions")
    source = models.CharField(max_length=12, choices=RequestState, blank=True)
    target = models.CharField(max_length=12, choices=RequestState)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["request", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class TutorOffer(models.Model):
    """What a tutor gives a network each month, and how people may meet them."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="tutor_offers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tutor_offers")
    hours_per_month = models.DecimalField(max_digits=4, decimal_places=1, default=Decimal(2))
    remote = models.BooleanField(default=True)
    sites = models.ManyToManyField(Site, blank=True, related_name="+")
    room_link = models.URLField(blank=True)
    telephone = models.CharField(max_length=30, blank=True)

    class Meta:
        ordering = ["network", "person"]
        constraints = [
            models.UniqueConstraint(fields=["network", "person"], name="tutor_offer_once"),
            models.CheckConstraint(condition=Q(hours_per_month__range=(0, 40)), name="tutor_offer_hours_0_40"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.hours_per_month} h"


class RequestCode(models.Model):
    """The code by which a person confirms a request that somebody entered beside them; hashed, short-lived."""

    request = models.OneToOneField(HelpRequest, on_delete=models.CASCADE, related_name="code")
    hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["request"]

    def __str__(self) -> str:
        return f"{self.request_id}"


class AvoidedPair(models.Model):
    """« Pas avec cette personne »: seen by its author alone, without reason; the two never meet in a run."""

    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="avoided_pairs")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["author", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["author", "other"], name="avoided_pair_once"),
            models.CheckConstraint(condition=~Q(author=models.F("other")), name="avoided_pair_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.author_id} – {self.other_id}"
