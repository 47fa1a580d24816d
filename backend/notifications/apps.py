from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "backend.notifications"

    def ready(self) -> None:
        from backend.notifications import claim_news, handlers, import_news, membership_news, request_news  # noqa: F401, PLC0415 (register what listens)
