# ruff: noqa: N999 (Django takes the command's name from the file's)
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.skills.domain.guides import load_guides


class Command(BaseCommand):
    help = "Give their starter page « En 45 minutes » to the notions that have none; what people wrote stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file",
            type=Path,
            default=settings.FIXTURES_DIR / "guides" / "starter.json",
            help="the pages (default: those of the project)",
        )

    def handle(self, *, file: Path, **_: Any) -> None:
        self.stdout.write(f"{load_guides(path=file)} starter pages added.")
