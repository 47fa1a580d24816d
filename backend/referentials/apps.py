from django.apps import AppConfig


class ReferentialsConfig(AppConfig):
    name = "backend.referentials"
