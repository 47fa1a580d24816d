"""When people are free, and which cells are already taken."""

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Person
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
