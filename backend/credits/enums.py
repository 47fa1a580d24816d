from django.db import models


class EntryKind(models.TextChoices):
    TUTORING = "tutoring", "Heures données"
    LEARNING = "learning", "Heures d’accompagnement"
    CORRECTION = "correction", "Correction"


class CertificateRole(models.TextChoices):
    TUTOR = "tutor", "Tutorat"
    LEARNER = "learner", "Personne aidée"


class CertificateState(models.TextChoices):
    VALID = "valid", "valable"
    REVOKED = "revoked", "révoquée"
