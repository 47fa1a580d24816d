from django.apps import AppConfig


class CreditsConfig(AppConfig):
    name = "backend.credits"
