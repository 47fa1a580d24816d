"""``tandem worker``: takes background work from the database, on any number of machines."""

import argparse
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

# A person who asked for a computation looks at the page.
SECONDS_BETWEEN_LOOKS = 0.5


class Command(BaseCommand):
    help = "Do the background work that is queued."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--batch", action="store_true", help="stop once nothing is queued any more")

    def handle(self, **options: Any) -> None:
        call_command(
            "db_worker",
            queue_name="*",
            batch=options["batch"],
            interval=SECONDS_BETWEEN_LOOKS,
            verbosity=options["verbosity"],
        )
