from django.db import models


class Dimension(models.TextChoices):
    """What a table of a report is broken down by."""

    PROFESSION = "profession", "Profession"
    MODE = "mode", "Mode d’exercice"
    KIND = "etablissement", "Type d’établissement"
    SITE = "lieu", "Lieu"
    TERRITORY = "territoire", "Territoire"
    NOTION = "sujet", "Sujet"
    AREA = "domaine", "Domaine"


class ListKind(models.TextChoices):
    """Lists with names, which leave Tandem only with a purpose and a trace."""

    ATTENDANCE = "attendance", "Feuille de présence"
    POINTS = "points", "Points par personne"
