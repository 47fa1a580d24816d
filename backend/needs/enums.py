from django.db import models

from backend.common.states import MoveTable


class Urgency(models.IntegerChoices):
    WHENEVER = 0, "quand possible"
    THIS_MONTH = 1, "ce mois-ci"
    BLOCKING = 2, "bloquant"


class RequestState(models.TextChoices):
    UNCONFIRMED = "unconfirmed", "à confirmer par la personne"
    OPEN = "open", "en attente d’une proposition"
    PLANNED = "planned", "une séance est prévue"
    MET = "met", "aide reçue"
    WITHDRAWN = "withdrawn", "retirée"


REQUEST_MOVES: MoveTable = {
    RequestState.UNCONFIRMED: {RequestState.OPEN, RequestState.WITHDRAWN},
    RequestState.OPEN: {RequestState.PLANNED, RequestState.WITHDRAWN},
    RequestState.PLANNED: {RequestState.OPEN, RequestState.MET},
}
