# ruff: noqa: N999 (Django takes the command's name from the file's)
"""``tandem create-network``: a CPTS and its first coordinator."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.common.errors import DomainError
from backend.networks.domain.creation import Creation, create_network
from backend.networks.enums import HolidayCalendar


class Command(BaseCommand):
    help = "Make a network (CPTS) and invite its first coordinator; safe to run again."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug", help="short name for addresses, such as rive-sud")
        parser.add_argument("--name", required=True, help="name as people read it, such as « CPTS Rive-Sud »")
        parser.add_argument("--coordinator-email", required=True, help="who coordinates first")
        parser.add_argument("--timezone", default="Europe/Paris", help="IANA name; Europe/Paris unless said")
        parser.add_argument(
            "--holiday-calendar", default=HolidayCalendar.METROPOLE.value, choices=HolidayCalendar.values
        )

    def handle(self, **options: Any) -> None:
        try:
            creation = create_network(
                slug=options["slug"],
                name=options["name"],
                coordinator_email=options["coordinator_email"],
                timezone=options["timezone"],
                holiday_calendar=HolidayCalendar(options["holiday_calendar"]),
            )
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(describe(creation, options["coordinator_email"]))


def describe(creation: Creation, email: str) -> str:
    made = "Réseau créé" if creation.is_new else "Ce réseau existe déjà"
    if creation.invitation is None:
        return f"{made} : {creation.network.name}. La coordination est assurée."
    return f"{made} : {creation.network.name}. Invitation à le coordonner pour {email}, valable 14 jours."
