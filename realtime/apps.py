from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        from realtime import handlers  # noqa: F401, PLC0415 (registers what listens)
