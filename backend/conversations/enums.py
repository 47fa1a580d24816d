from django.db import models


class ConversationKind(models.TextChoices):
    SESSION = "session", "Séance"
    PAIR = "pair", "Échange"
    LOUNGE = "lounge", "Salon d’entraide"


# Between few people: whoever is no member, coordinators included, reads nothing of it.
PRIVATE_KINDS = (ConversationKind.SESSION, ConversationKind.PAIR)


class ReportState(models.TextChoices):
    OPEN = "open", "à examiner"
    HIDDEN = "hidden", "message masqué"
    KEPT = "kept", "rien à masquer"
