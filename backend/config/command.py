"""The `tandem` command: Django's own commands and ours under one name."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run ``tandem <command> …``; ``match`` needs neither settings nor database."""
    if sys.argv[1:2] == ["match"]:
        from matching.command import main as match  # noqa: PLC0415 (OR-Tools loads slowly, other commands do without)

        sys.exit(match(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"tandem: {error}")
