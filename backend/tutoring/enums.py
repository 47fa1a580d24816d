from django.db import models

from backend.common.states import MoveTable


class Modality(models.TextChoices):
    REMOTE = "remote", "à distance"
    ON_SITE = "on_site", "sur place"


class SessionState(models.TextChoices):
    PROPOSED = "proposed", "proposée"
    CONFIRMED = "confirmed", "confirmée"
    HELD = "held", "tenue"
    DECLINED = "declined", "déclinée"
    CANCELLED = "cancelled", "annulée"
    MISSED = "missed", "personne n’est venu"


# `missed` is not `cancelled`: nobody came, nobody warned.
SESSION_MOVES: MoveTable = {
    SessionState.PROPOSED: {SessionState.CONFIRMED, SessionState.DECLINED, SessionState.CANCELLED},
    SessionState.CONFIRMED: {SessionState.HELD, SessionState.MISSED, SessionState.CANCELLED},
}
STANDING_STATES = (SessionState.PROPOSED, SessionState.CONFIRMED)


class JoinKind(models.TextChoices):
    LINK = "link", "lien"
    PHONE = "phone", "téléphone"
    PLACE = "place", "lieu"


class Attendance(models.TextChoices):
    """Where one learner's attendance stands, from what the tutor and the learner said."""

    AWAITED = "awaited", "à confirmer"
    PRESENT = "present", "présence confirmée"
    ABSENT = "absent", "absence confirmée"
    DISPUTED = "disputed", "à trancher par la coordination"
