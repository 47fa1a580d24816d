from django.db import models


class PracticeMode(models.TextChoices):
    INDEPENDENT = "independent", "Libéral"
    EMPLOYED = "employed", "Salarié"
    MIXED = "mixed", "Mixte"
    OTHER = "other", "Autre"
