"""CPTS, their sites, their members and what each may do there."""

import zoneinfo

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from backend.accounts.models import Person
from backend.common.clock import now
from backend.networks.enums import Attachment, HolidayCalendar, MembershipEvent, Role, SiteKind
from backend.networks.validators import validate_timezone
from backend.referentials.models import Territory


class Network(models.Model):
    """A CPTS: the tenant. Everything a person sees belongs to one."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=60, default="Europe/Paris", validators=[validate_timezone])
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    target_level = models.PositiveSmallIntegerField(default=2)
    answer_days = models.PositiveSmallIntegerField(default=3, help_text="Working days a tutor has to answer.")
    holiday_calendar = models.CharField(
        max_length=20,
        default=HolidayCalendar.METROPOLE,
        choices=HolidayCalendar,
        help_text="Whose public holidays are kept.",
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(target_level__range=(1, 3)), name="network_target_level_1_3"),
            models.CheckConstraint(condition=Q(answer_days__range=(1, 30)), name="network_answer_days_1_30"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)


class Site(models.Model):
    """A place of a network where people work and may meet."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=SiteKind)
    address = models.CharField(max_length=200, blank=True)
    short_of_means = models.BooleanField(default=False)

    class Meta:
        ordering = ["network", "name"]
        constraints = [
            models.UniqueConstraint(fields=["network", "name"], name="site_name_once"),
            models.CheckConstraint(condition=Q(kind__in=SiteKind.values), name="site_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        """Neither left nor suspended, of people whose account is open."""
        return self.filter(left_at=None, suspended_at=None, person__is_active=True)

    def with_role(self, role: Role) -> "MembershipQuerySet":
        return self.filter(roles__role=role)


class Membership(models.Model):
    """One person in one network."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    attachment = models.CharField(max_length=10, choices=Attachment, default=Attachment.MEMBER)
    site = models.ForeignKey(Site, on_delete=models.SET_NULL, null=True, blank=True, related_name="memberships")
    joined_at = models.DateTimeField(default=now)
    suspended_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["network", "person"]
        constraints = [
            models.UniqueConstraint(fields=["network", "person"], name="membership_once"),
            models.CheckConstraint(condition=Q(attachment__in=Attachment.values), name="membership_attachment_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.network}"


class MembershipRole(models.Model):
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=12, choices=Role)
    given_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["membership", "role"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "role"], name="membership_role_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return self.get_role_display()


class Invitation(models.Model):
    """An address is asked to join. The link sent is signed, expires, and works once; a new one replaces it."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    roles = models.JSONField(default=list)
    attachment = models.CharField(max_length=10, choices=Attachment, default=Attachment.MEMBER)
    site = models.ForeignKey(Site, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "network",
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
                violation_error_message="Cette adresse est déjà invitée.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.network}"


class MembershipChange(models.Model):
    """Who joined, left, was suspended or reinstated, was given or lost a role; when, by whom and why."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="changes")
    what = models.CharField(max_length=12, choices=MembershipEvent)
    role = models.CharField(max_length=12, choices=Role, blank=True)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["membership", "at", "pk"]

    def __str__(self) -> str:
        return self.get_what_display()


class MemberImport(models.Model):
    """A file of members read but not yet written: each line's fate waits for a confirmation, then is written whole."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="member_imports")
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=160)
    lines = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now, editable=False)
    written_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name


class HolidayOverride(models.Model):
    """A day the coordinator knows better than the calendar: worked although a holiday, or the reverse."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="holiday_overrides")
    day = models.DateField()
    is_holiday = models.BooleanField()

    class Meta:
        ordering = ["network", "day"]
        constraints = [models.UniqueConstraint(fields=["network", "day"], name="holiday_override_once")]

    def __str__(self) -> str:
        return f"{self.day}"
