from django.db import models


class OutsideKind(models.TextChoices):
    ADDRESS = "address", "adresse"
    FILE = "file", "fichier"
