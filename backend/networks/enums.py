from django.db import models


class Role(models.TextChoices):
    LEARNER = "learner", "Personne aidée"
    TUTOR = "tutor", "Tutorat"
    COORDINATOR = "coordinator", "Coordination"
    AUDITOR = "auditor", "Audit"


class Attachment(models.TextChoices):
    """How someone belongs to a CPTS: by right, or as staff of a member establishment."""

    MEMBER = "member", "Membre"
    ATTACHED = "attached", "Personne rattachée"


class SiteKind(models.TextChoices):
    PRACTICE = "practice", "Cabinet ou maison de santé"
    PHARMACY = "pharmacy", "Pharmacie"
    HOSPITAL = "hospital", "Hôpital ou clinique"
    CARE_HOME = "care_home", "EHPAD ou résidence"
    HOME_CARE = "home_care", "Soins à domicile"
    SOCIAL = "social", "Établissement social ou médico-social"
    TRANSPORT = "transport", "Transport sanitaire"
    OTHER = "other", "Autre"


class MemberState(models.TextChoices):
    """Where a membership stands; worked out, not stored."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspendue"
    LEFT = "left", "Terminée"


class InvitationState(models.TextChoices):
    """Where an invitation stands; worked out, not stored."""

    OPEN = "open", "En attente"
    ACCEPTED = "accepted", "Acceptée"
    EXPIRED = "expired", "Expirée"
    REVOKED = "revoked", "Retirée"


class MembershipEvent(models.TextChoices):
    JOINED = "joined", "a rejoint le réseau"
    LEFT = "left", "a quitté le réseau"
    SUSPENDED = "suspended", "participation suspendue"
    REINSTATED = "reinstated", "participation reprise"
    ROLE_GIVEN = "role_given", "rôle confié"
    ROLE_TAKEN = "role_taken", "rôle retiré"


class HolidayCalendar(models.TextChoices):
    """Public holidays differ by place: two more in Alsace-Moselle, the abolition of slavery overseas."""

    METROPOLE = "metropole", "France métropolitaine"
    ALSACE_MOSELLE = "alsace_moselle", "Alsace-Moselle"
    GUADELOUPE = "guadeloupe", "Guadeloupe"
    MARTINIQUE = "martinique", "Martinique"
    GUYANE = "guyane", "Guyane"
    REUNION = "reunion", "La Réunion"
    MAYOTTE = "mayotte", "Mayotte"
    SAINT_PIERRE = "saint_pierre", "Saint-Pierre-et-Miquelon"
    SAINT_BARTHELEMY = "saint_barthelemy", "Saint-Barthélemy"
    SAINT_MARTIN = "saint_martin", "Saint-Martin"
    NONE = "none", "aucun jour férié"
