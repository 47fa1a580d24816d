from django.apps import AppConfig


class TutoringConfig(AppConfig):
    name = "backend.tutoring"

    def ready(self) -> None:
        from backend.tutoring import handlers  # noqa: F401, PLC0415 (registers what listens)
