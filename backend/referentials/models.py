"""The official frameworks and lists, loaded from ``fixtures/referentials``; nobody edits them by hand."""

from typing import Any

from django.db import models
from django.db.models import Q

from backend.common.folding import fold
from backend.referentials.enums import Area, Attribution


class Notion(models.Model):
    """One idea that several frameworks phrase each their way."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    area = models.CharField(max_length=20, choices=Area)
    since_year = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["area", "title"]
        constraints = [models.CheckConstraint(condition=Q(area__in=Area.values), name="notion_area_known")]

    def __str__(self) -> str:
        return self.title


class FrameworkQuerySet(models.QuerySet["Framework"]):
    def in_force(self) -> "FrameworkQuerySet":
        """Without the editions that a newer one replaces."""
        return self.filter(superseded_by=None)


class Framework(models.Model):
    """One edition of a référentiel."""

    slug = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    printed_title = models.TextField(blank=True)
    version = models.CharField(max_length=40, blank=True)
    date = models.CharField(max_length=40, blank=True)
    audience = models.TextField(blank=True)
    attribution = models.CharField(max_length=10, choices=Attribution)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    hours = models.PositiveSmallIntegerField(null=True, blank=True)
    ects = models.PositiveSmallIntegerField(null=True, blank=True)
    notes = models.JSONField(default=list, blank=True)
    # What a diploma teaches outside its blocks, and the second structure that it prints.
    subjects = models.JSONField(default=list, blank=True)
    macro_competencies = models.JSONField(default=list, blank=True)

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title


class Domain(models.Model):
    """``key`` is ``framework:domain``, by position: printed numbers may be missing or repeated."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="domains")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=80, unique=True)
    number = models.CharField(max_length=10, blank=True)
    suggested_number = models.CharField(max_length=10, blank=True)
    title = models.TextField()
    printed_title = models.TextField(blank=True)
    hours = models.PositiveSmallIntegerField(null=True, blank=True)
    face_to_face = models.BooleanField(null=True, blank=True)
    notes = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["framework", "position"]
        constraints = [models.UniqueConstraint(fields=["framework", "position"], name="domain_position_once")]

    def __str__(self) -> str:
        return self.title


class Competency(models.Model):
    """A competency of a framework, or a block of the DU. ``key`` is ``framework:domain.competency``.

    ``notions`` is what holding it proves: those of its capacities, or those that the crosswalk says it covers.
    """

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="competencies")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=80, unique=True)
    number = models.CharField(max_length=10, blank=True)
    suggested_number = models.CharField(max_length=10, blank=True)
    code = models.CharField(max_length=20, blank=True)
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    title = models.TextField()
    printed_title = models.TextField(blank=True)
    introduction = models.TextField(blank=True)
    hours = models.PositiveSmallIntegerField(null=True, blank=True)
    subjects = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    notions = models.ManyToManyField(Notion, blank=True, related_name="competencies")
    coverage_note = models.TextField(blank=True)

    class Meta:
        ordering = ["domain", "position"]
        constraints = [models.UniqueConstraint(fields=["domain", "position"], name="competency_position_once")]
        verbose_name_plural = "competencies"

    def __str__(self) -> str:
        return self.title


class CapacityQuerySet(models.QuerySet["Capacity"]):
    def matching_words(self, words: str) -> "CapacityQuerySet":
        """Those that hold every word, accents and case ignored."""
        condition = Q()
        for word in fold(words).split():
            condition &= Q(folded__contains=word)
        return self.filter(condition)

    def in_force(self) -> "CapacityQuerySet":
        """Without those of the editions that a newer one replaces."""
        return self.filter(competency__domain__framework__superseded_by=None)


class Capacity(models.Model):
    """The leaf of a framework: what somebody can do. ``key`` is ``framework:domain.competency.capacity``."""

    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="capacities")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=80, unique=True)
    text = models.TextField()
    printed = models.TextField(blank=True)
    folded = models.TextField(editable=False)
    notes = models.JSONField(default=list, blank=True)
    notion = models.ForeignKey(Notion, on_delete=models.PROTECT, related_name="capacities")

    objects = CapacityQuerySet.as_manager()

    class Meta:
        ordering = ["competency", "position"]
        constraints = [models.UniqueConstraint(fields=["competency", "position"], name="capacity_position_once")]
        verbose_name_plural = "capacities"

    def __str__(self) -> str:
        return self.text

    def save(self, **options: Any) -> None:
        self.folded = fold(self.text)
        super().save(**options)


class Profession(models.Model):
    """A profession a member may have, and the framework it is positioned on."""

    slug = models.SlugField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=120)
    ans_code = models.CharField("code TRE_G15", max_length=3, blank=True)
    group = models.CharField(max_length=160, blank=True)
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Why this framework, where no document names the profession.
    framework_note = models.TextField(blank=True)
    has_rpps = models.BooleanField(default=False)
    has_order = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.label


class Formation(models.Model):
    """An initial training that the national programme targets."""

    slug = models.SlugField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=160)
    printed = models.CharField(max_length=160, blank=True)
    type = models.CharField(max_length=160)
    notes = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.label


class TransverseCategory(models.Model):
    """A column of the specialty × transverse-category matrix."""

    slug = models.SlugField(max_length=100, unique=True)
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=160)
    footnote = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "transverse categories"

    def __str__(self) -> str:
        return self.label


class Specialty(models.Model):
    """A row of the specialty × transverse-category matrix."""

    slug = models.SlugField(max_length=100, unique=True)
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=160)
    printed = models.CharField(max_length=160, blank=True)
    formation = models.CharField(max_length=120)
    printed_formation = models.CharField(max_length=120, blank=True)
    categories = models.ManyToManyField(TransverseCategory, blank=True, related_name="specialties")

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "specialties"

    def __str__(self) -> str:
        return self.label


class Territory(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=120)
    notes = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "territories"

    def __str__(self) -> str:
        return self.label


class ReferenceList(models.Model):
    """What the file of a flat list says of the list as a whole; ``slug`` is the file's name."""

    slug = models.SlugField(max_length=60, unique=True)
    reviewed = models.CharField(max_length=40, blank=True)
    notes = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug
