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
    # Back to review only while a publication may be taken back.
    CampaignState.PUBLISHED: {CampaignState.CLOSED, CampaignState.REVIEW},
}


class RunState(models.TextChoices):
    QUEUED = "queued", "en attente"
    RUNNING = "running", "en cours"
    DONE = "done", "terminé"
    FAILED = "failed", "interrompu"
    CANCELLED = "cancelled", "arrêté"


# A worker that died gives its run back to the queue.
RUN_MOVES: MoveTable = {
    RunState.QUEUED: {RunState.RUNNING, RunState.CANCELLED},
    RunState.RUNNING: {RunState.DONE, RunState.FAILED, RunState.CANCELLED, RunState.QUEUED},
}
UNDER_WAY = (RunState.QUEUED, RunState.RUNNING)


class RepairState(models.TextChoices):
    PROPOSED = "proposed", "à approuver"
    APPLIED = "applied", "appliquée"
    DISMISSED = "dismissed", "laissée"


class Preset(models.TextChoices):
    BALANCED = "balanced", "Équilibré"
    FAIRNESS = "fairness", "Équité"
    URGENCIES = "urgencies", "Urgences"
    OWN = "own", "Réglage du réseau"


class Audience(models.TextChoices):
    """Whom a campaign calls."""

    EVERYONE = "everyone", "Tous les membres, et les tuteurs"
    TUTORS = "tutors", "Les tuteurs seulement"
    LEARNERS = "learners", "Les personnes à aider seulement"
    NOBODY = "nobody", "Personne pour l’instant"


class ChoiceKind(models.TextChoices):
    """What a coordinator fixed by hand."""

    PIN = "pin", "fixé par vous"
    FORBID = "forbid", "écarté par vous"


class FavourKind(models.TextChoices):
    """What somebody was asked for, so that a request could be met."""

    SESSION = "session", "une séance de plus"
    TIME = "time", "un moment libre"
