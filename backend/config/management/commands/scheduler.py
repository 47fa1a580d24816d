"""``tandem scheduler``: queues what must happen again and again, on one machine."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Queue the periodic work; a second scheduler waits for the lock in Redis."

    def handle(self, **options: Any) -> None:
        call_command("crontask", no_heartbeat=True, verbosity=options["verbosity"])
