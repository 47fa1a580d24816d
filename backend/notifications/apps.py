from importlib import import_module

from django.apps import AppConfig

# Each registers what it listens to.
LISTENERS = (
    "attendance_news",
    "campaign_news",
    "claim_news",
    "handlers",
    "import_news",
    "membership_news",
    "message_news",
    "request_news",
    "session_mails",
    "neighbour_news",
)


class NotificationsConfig(AppConfig):
    name = "backend.notifications"

    def ready(self) -> None:
        for module in LISTENERS:
            import_module(f"{self.name}.{module}")
