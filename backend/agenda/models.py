"""When people are free, which cells are already taken, and the calendars that people keep elsewhere."""

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Person
from backend.agenda.enums import OutsideKind
from backend.common.clock import now
from backend.networks.validators import validate_timezone


class WeeklyWindow(models.Model):
    """« Every Thursday, 12:00 to 14:00 », in local time: ``ends`` before or at ``starts`` is refused."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="weekly_windows")
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday.")
    starts = models.TimeField()
    ends = models.TimeField()
    timezone = models.CharField(max_length=60, validators=[validate_timezone])

    class Meta:
        ordering = ["person", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="weekly_window_weekday_0_6"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="weekly_window_ends_after_start",
                violation_error_message="La fin doit venir après le début.",
            ),
            models.UniqueConstraint(fields=["person", "timezone", "weekday", "starts"], name="weekly_window_once"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}–{self.ends:%H:%M}"


class AvailabilityException(models.Model):
    """A dated change to the weekly rhythm: free time added, or taken away. Instants are in UTC."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="availability_exceptions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_free = models.BooleanField()

    class Meta:
        ordering = ["person", "starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="availability_exception_ends_after_start",
                violation_error_message="La fin doit venir après le début.",
            ),
            models.UniqueConstraint(
                fields=["person", "starts_at", "ends_at", "is_free"], name="availability_exception_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} – {self.ends_at:%Y-%m-%d %H:%M}"


class Occupancy(models.Model):
    """One taken cell of one person. Unique: this row is what makes double booking impossible.

    ``cell`` counts quarters of an hour from the Unix epoch (``common.clock``); ``source`` names the holder,
    ``session:<id>``.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="occupancies")
    cell = models.PositiveIntegerField()
    source = models.CharField(max_length=40, db_index=True)

    class Meta:
        ordering = ["person", "cell"]
        verbose_name_plural = "occupancies"
        constraints = [models.UniqueConstraint(fields=["person", "cell"], name="occupancy_cell_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.cell} {self.source}"


class CalendarFeed(models.Model):
    """The feed of one person's sessions. Its address holds ``seed`` signed with the secret key: no row gives it away.

    ``full_titles`` says whether calendars name the subject; by default a title tells nothing of what somebody cannot
    do.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="calendar_feed")
    seed = models.CharField(max_length=32, unique=True, editable=False)
    full_titles = models.BooleanField(default=False)
    renewed_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["person"]

    def __str__(self) -> str:
        return f"{self.person_id}"


class OutsideCalendar(models.Model):
    """A calendar that a person keeps elsewhere, read for its busy time alone.

    ``url`` may itself be a secret: it is shown to nobody, not even its owner, but for its host. Reading again is due at
    ``due_at``; a reader moves that on before it starts, so two never read the same calendar at once.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="outside_calendars")
    kind = models.CharField(max_length=10, choices=OutsideKind)
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=1000, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True, editable=False)
    error = models.CharField(max_length=30, blank=True, editable=False, help_text="Code of the last failure.")
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    due_at = models.DateTimeField(null=True, blank=True, default=now, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["person", "pk"]
        indexes = [models.Index(fields=["due_at"], name="outside_calendar_due")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=OutsideKind.values), name="outside_calendar_kind_known"),
            models.CheckConstraint(
                condition=(Q(kind=OutsideKind.ADDRESS) & ~Q(url="")) | Q(kind=OutsideKind.FILE, url=""),
                name="outside_calendar_url_if_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.name}"


class OutsideBusy(models.Model):
    """``[starts_at, ends_at)`` in which an outside calendar says busy, and nothing else of it."""

    calendar = models.ForeignKey(OutsideCalendar, on_delete=models.CASCADE, related_name="busy")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["calendar", "starts_at"]
        verbose_name_plural = "outside busy"
        indexes = [models.Index(fields=["calendar", "ends_at"], name="outside_busy_agenda")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="outside_busy_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} – {self.ends_at:%Y-%m-%d %H:%M}"
