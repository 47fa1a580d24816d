"""``tandem serve``: the web server."""

import argparse
import socket
from typing import Any

from daphne.cli import CommandLineInterface
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.config.jobs import EmbeddedJobs


class Command(BaseCommand):
    help = "Serve Tandem with daphne."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--jobs",
            action="store_true",
            default=settings.EMBEDDED,
            help="do the background work too, in a thread; without DATABASE_URL always so",
        )

    def handle(self, **options: Any) -> None:
        check_port_is_free(options["host"], options["port"])
        tell_public_url(options["host"], options["port"])
        if options["jobs"]:
            EmbeddedJobs().start()
        arguments = ["-b", options["host"], "-p", str(options["port"]), "-v", "0"]
        CommandLineInterface().run([*arguments, "backend.config.asgi:application"])


def tell_public_url(host: str, port: int) -> None:
    """Links in mails lead to this very server, unless the environment says better."""
    if not settings.PUBLIC_URL:
        settings.PUBLIC_URL = f"http://{host}:{port}"


def check_port_is_free(host: str, port: int) -> None:
    """Raise ``CommandError`` with one sentence when nothing can listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Le port {port} de {host} n’est pas libre ({error.strerror}). "
                f"Choisissez-en un autre : --port {port + 1}"
            ) from None
