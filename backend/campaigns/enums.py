from django.db import models

from backend.common.states import MoveTable


class CampaignState(models.TextChoices):
    DRAFT = "draft", "préparation"
    COLLECTING = "collecting", "recueil"
    REVIEW = "review", "relecture"
    PUBLISHED = "published", "publiée"
    CLOSED = "closed", "close"
    CANCELLED = "cancelled", "annulée"


CAMPAIGN_MOVES: MoveTable = {
    CampaignState.DRAFT: {CampaignState.COLLECTING, CampaignState.CANCELLED},
    CampaignState.COLLECTING: {CampaignState.REVIEW, CampaignState.CANCELLED},
    CampaignState.REVIEW: {CampaignState.COLLECTING, CampaignState.PUBLISHED, CampaignState.CANCELLED},
    CampaignState.PUBLISHED: {CampaignState.CLOSED},
}


class RunState(models.TextChoices):
    PENDING = "pending", "en attente"
    DONE = "done", "terminé"
    FAILED = "failed", "interrompu"


class Preset(models.TextChoices):
    BALANCED = "balanced", "Équilibré"
    FAIRNESS = "fairness", "Équité"
    URGENCIES = "urgencies", "Urgences"
