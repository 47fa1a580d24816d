"""``tandem worker``: takes background work from the database, on any number of machines."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Do the background work that is queued."

    def handle(self, **options: Any) -> None:
        call_command("db_worker", queue_name="*", verbosity=options["verbosity"])
