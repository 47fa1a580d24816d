"""CPTS, their sites, their members and what each may do there."""

import zoneinfo

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from backend.accounts.models import Person
from backend.common.clock import now
from backend.networks.enums import AccordState, Attachment, HolidayCalendar, MembershipEvent, Role, SiteKind
from backend.networks.validators import validate_timezone
from backend.referentials.models import Notion, Territory


class Network(models.Model):
    """A CPTS: the tenant. Everything a person sees belongs to one."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=60, default="Europe/Paris", validators=[validate_timezone])
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    target_level = models.PositiveSmallIntegerField(default=2)
    answer_days = models.PositiveSmallIntegerField(default=3, help_text="Working days a tutor has to answer.")
    auto_repair = models.BooleanField(
        default=False, help_text="Whether what a refusal undid is proposed anew without asking the coordination."
    )
    holiday_calendar = models.CharField(
        max_length=20,
        default=HolidayCalendar.METROPOLE,
        choices=HolidayCalendar,
        help_text="Whose public holidays are kept.",
    )
    conversation_open_days = models.PositiveSmallIntegerField(
        default=90, help_text="Days after a session during which its people may still write."
    )
    conversation_kept_days = models.PositiveSmallIntegerField(
        default=365, help_text="Days after a session after which its messages are erased."
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(target_level__range=(1, 3)), name="network_target_level_1_3"),
            models.CheckConstraint(condition=Q(answer_days__range=(1, 30)), name="network_answer_days_1_30"),
            models.CheckConstraint(
                condition=Q(conversation_open_days__gte=1, conversation_kept_days__gte=F("conversation_open_days")),
                name="network_conversations_end",
                violation_error_message="On efface au plus tôt le jour où l’on ferme.",
            ),
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


class Agreement(models.Model):
    """A network lends its tutors' hours to a neighbour, once a coordinator of each has said so; either ends it.

    Without any notion it is for all of them. ``hours_per_month`` is the most that all tutors lent give together.
    """

    lender = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="agreements_as_lender")
    borrower = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="agreements_as_borrower")
    proposed_by = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="+")
    notions = models.ManyToManyField(Notion, blank=True, related_name="+")
    hours_per_month = models.DecimalField(max_digits=4, decimal_places=1)
    state = models.CharField(max_length=10, choices=AccordState, default=AccordState.PROPOSED)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(lender=F("borrower")), name="agreement_of_two"),
            models.CheckConstraint(condition=Q(hours_per_month__range=(0.5, 200)), name="agreement_hours_known"),
            models.CheckConstraint(condition=Q(state__in=AccordState.values), name="agreement_state_known"),
            models.UniqueConstraint(
                fields=["lender", "borrower"],
                condition=Q(state__in=[AccordState.PROPOSED, AccordState.ACTIVE]),
                name="agreement_standing_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lender} → {self.borrower}"


class AgreementTransition(models.Model):
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="transitions")
    source = models.CharField(max_length=10, choices=AccordState, blank=True)
    target = models.CharField(max_length=10, choices=AccordState)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["agreement", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class SharedCoordination(models.Model):
    """An overloaded network is also coordinated by ``person``, who coordinates ``neighbour``; either side ends it."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="shared_coordinations")
    neighbour = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="coordinations_lent")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="shared_coordinations")
    state = models.CharField(max_length=10, choices=AccordState, default=AccordState.PROPOSED)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(network=F("neighbour")), name="shared_coordination_of_two"),
            models.CheckConstraint(condition=Q(state__in=AccordState.values), name="shared_coordination_state_known"),
            models.UniqueConstraint(
                fields=["network", "person"],
                condition=Q(state__in=[AccordState.PROPOSED, AccordState.ACTIVE]),
                name="shared_coordination_standing_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.network}"


class SharedCoordinationTransition(models.Model):
    shared = models.ForeignKey(SharedCoordination, on_delete=models.CASCADE, related_name="transitions")
    source = models.CharField(max_length=10, choices=AccordState, blank=True)
    target = models.CharField(max_length=10, choices=AccordState)
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["shared", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
