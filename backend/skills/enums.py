from django.db import models

from backend.common.states import MoveTable


class Level(models.IntegerChoices):
    """What somebody holds or wants; 0 (« pas encore ») only exists in a positioning."""

    BEGINNER = 1, "débutant"
    INTERMEDIATE = 2, "intermédiaire"
    ADVANCED = 3, "avancé"


class PositioningLevel(models.IntegerChoices):
    UNKNOWN = 0, "je ne connais pas"
    WITH_HELP = 1, "je fais avec de l’aide"
    ALONE = 2, "je fais sans aide"
    CAN_EXPLAIN = 3, "je peux l’expliquer"


class CredentialKind(models.TextChoices):
    C2I2MS = "c2i2ms", "C2i niveau 2 métiers de la santé"
    PIX = "pix", "Pix+ Professionnels de santé"
    DU = "du", "DU numérique en santé"
    DIPLOMA = "diploma", "Autre diplôme ou certificat"
    OBSERVATION = "observation", "Observation de la coordination"


class ClaimState(models.TextChoices):
    AWAITING = "awaiting", "en attente de relecture"
    MORE_ASKED = "more_asked", "complément demandé"
    ACCEPTED = "accepted", "validée"
    REFUSED = "refused", "refusée"
    CANCELLED = "cancelled", "retirée par la personne"
    REVOKED = "revoked", "validation retirée"


CLAIM_MOVES: MoveTable = {
    ClaimState.AWAITING: {ClaimState.ACCEPTED, ClaimState.REFUSED, ClaimState.MORE_ASKED, ClaimState.CANCELLED},
    ClaimState.MORE_ASKED: {ClaimState.AWAITING, ClaimState.REFUSED, ClaimState.CANCELLED},
    ClaimState.ACCEPTED: {ClaimState.REVOKED},
}
