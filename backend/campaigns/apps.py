from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "backend.campaigns"

    def ready(self) -> None:
        from backend.campaigns import handlers  # noqa: F401, PLC0415 (registers what listens)
