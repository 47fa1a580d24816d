from django.db import models


class Area(models.TextChoices):
    """The five domains of the socle: every notion carries one; lounges, coverage and filters use them."""

    DATA = "data", "Données de santé"
    CYBERSECURITY = "cybersecurity", "Cybersécurité"
    COMMUNICATION = "communication", "Communication en santé"
    TOOLS = "tools", "Outils numériques en santé"
    TELEHEALTH = "telehealth", "Télésanté"


class Attribution(models.TextChoices):
    """How we know which public a framework is for."""

    PRINTED = "printed", "imprimée dans la source"
    DEDUCED = "deduced", "déduite du contenu"
