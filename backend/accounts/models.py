"""People and their professional identity. What a person is *in a network* is a membership, in ``networks``."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from backend.accounts.enums import PracticeMode
from backend.accounts.validators import validate_rpps
from backend.common.clock import now
from backend.common.folding import fold
from backend.referentials.models import Profession, Specialty


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Make a person who signs in by ``email``; without a password, by one-time code only."""
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.full_clean(exclude=["password"])
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def bulk_create(self, objs: Iterable["Person"], *args: Any, **kwargs: Any) -> list["Person"]:
        """As Django's, which passes by ``save`` and what it keeps for the search."""
        people = list(objs)
        for person in people:
            person.fold_words()
        return super().bulk_create(people, *args, **kwargs)


class Person(AbstractBaseUser, PermissionsMixin):
    """Someone with an account, in any number of networks."""

    email = models.EmailField("adresse électronique")
    first_name = models.CharField("prénom", max_length=80)
    last_name = models.CharField("nom", max_length=80)
    profession = models.ForeignKey(Profession, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    specialty = models.ForeignKey(Specialty, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    practice_mode = models.CharField("mode d’exercice", max_length=20, choices=PracticeMode, blank=True)
    rpps = models.CharField(
        "numéro RPPS", max_length=20, unique=True, null=True, blank=True, validators=[validate_rpps]
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=now)
    folded = models.CharField(max_length=500, editable=False, default="", help_text="Name and address, for the search.")

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="person_email_once", violation_error_message="Cette adresse a déjà un compte."
            ),
            models.CheckConstraint(
                condition=Q(practice_mode__in=[*PracticeMode.values, ""]), name="person_practice_mode_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()
        self.rpps = self.rpps or None

    def save(self, **options: Any) -> None:
        self.fold_words()
        if options.get("update_fields") is not None:
            options["update_fields"] = {*options["update_fields"], "folded"}
        super().save(**options)

    def fold_words(self) -> None:
        """Keep what a search looks through: case and accents are nothing to it."""
        self.folded = fold(f"{self.first_name} {self.last_name} {self.email}")

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.first_name


class ApiToken(models.Model):
    """A program's way to sign in for a person. The secret is shown once; ``hash`` is its SHA-256.

    ``prefix`` is how the person recognises it in a list.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    label = models.CharField("nom", max_length=80)
    prefix = models.CharField(max_length=20, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"


class SignInPass(models.Model):
    """A sheet of paper with a QR code, for someone without mail at hand: signs in once, for a short while.

    ``hash`` is the SHA-256 of the secret in the code; the secret itself is only ever on paper.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_in_passes")
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "sign-in passes"

    def __str__(self) -> str:
        return f"{self.person} {self.created_at:%Y-%m-%d}"


class IdempotencyRecord(models.Model):
    """The first answer to a POST that bore an ``Idempotency-Key``: the same one again gets it back.

    The row is written in the transaction of what was asked: it exists if, and only if, that was done.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    route = models.CharField(max_length=255, help_text="The path that was asked.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was sent.")
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True, help_text="JSON, as it was sent.")
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "key", "route"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
