from django.db import models


class ConversationKind(models.TextChoices):
    SESSION = "session", "Séance"
    PAIR = "pair", "Échange"
    LOUNGE = "lounge", "Salon d’entraide"
