from django.db import models

from backend.common.states import MoveTable


class EntryKind(models.TextChoices):
    TUTORING = "tutoring", "Heures données"
    LEARNING = "learning", "Heures d’accompagnement"
    CORRECTION = "correction", "Correction"


class CertificateRole(models.TextChoices):
    """On which side of the help: an entry of the ledger has one too, a correction that of what it reverses."""

    TUTOR = "tutor", "Tutorat"
    LEARNER = "learner", "Personne aidée"


class CertificateState(models.TextChoices):
    VALID = "valid", "valable"
    REVOKED = "revoked", "révoquée"


CERTIFICATE_MOVES: MoveTable = {CertificateState.VALID: {CertificateState.REVOKED}}


class Rounding(models.TextChoices):
    """To what the points of a session are rounded; a half goes up."""

    HUNDREDTH = "hundredth", "au centième"
    HALF = "half", "au demi-point"
    UNIT = "unit", "au point entier"


class Axis(models.IntegerChoices):
    """Of the certification périodique (code de la santé publique, L. 4022-2)."""

    KNOWLEDGE = 1, "Actualiser les connaissances et les compétences"
    QUALITY = 2, "Renforcer la qualité des pratiques"
    RELATIONSHIP = 3, "Améliorer la relation avec les patients"
    OWN_HEALTH = 4, "Mieux prendre en compte sa propre santé"


class BatchState(models.TextChoices):
    """Where a batch of certificates stands; its file goes after some days."""

    WAITING = "waiting", "en préparation"
    DONE = "done", "prêt"
    PURGED = "purged", "effacé"
