from django.db import models


class Kind(models.TextChoices):
    """What a notification is about; people choose per kind whether they also want a mail."""

    SESSION = "session", "Séances"
    ATTENDANCE = "attendance", "Présences"
    CLAIM = "claim", "Compétences"
    REQUEST = "request", "Demandes"
    MEMBERSHIP = "membership", "Vie du réseau"


class MailState(models.TextChoices):
    WAITING = "waiting", "à envoyer"
    SENT = "sent", "envoyé"
    FAILED = "failed", "abandonné"
