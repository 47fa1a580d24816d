"""``tandem demo``: the main job end to end, on the real référentiels, then served."""

import argparse
import itertools
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from rich import box
from rich.console import Console
from rich.table import Table

import matching
from backend.campaigns.models import Campaign, Run
from backend.config.demo.build import CampaignFigures, NotOurDatabaseError, build_demo, count_figures, is_built
from backend.config.demo.story import PASSWORD, SCALES, read_story
from backend.config.management.commands.serve import check_port_is_free, tell_public_url
from backend.referentials.domain.loading import load_referentials
from backend.skills.domain.guides import load_guides


class TerminalNarrator:
    """Steps as they begin, and the solver's two numbers closing in."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def step(self, text: str) -> None:
        self.console.print(f"[bold]•[/bold] {text}")

    def progress(self, progress: matching.Progress) -> None:
        bound = "?" if progress.bound is None else f"{progress.bound}"
        self.console.print(
            f"    {progress.elapsed:5.2f} s  {progress.served} demandes avec une proposition, "
            f"valeur {progress.objective}, maximum {bound}",
            style="dim",
        )

    def solved(self, campaign: Campaign, run: Run) -> None:
        proof = "maximum démontré" if run.status == "optimal" else f"écart {run.gap:.2%}"
        asked = len(run.instance["requests"])
        self.console.print(f"    {campaign.title} : {run.served} demandes sur {asked}, {proof}")


class Command(BaseCommand):
    help = "Make a demonstration network end to end, and serve it."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-serve", action="store_true", help="stop once the story is told")
        parser.add_argument("--fresh", action="store_true", help="forget the demonstration that is there")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--scale", choices=SCALES, default="small")

    def handle(self, **options: Any) -> None:
        console = Console()
        if not options["no_serve"]:
            check_port_is_free(options["host"], options["port"])
        tell_public_url(options["host"], options["port"])
        try:
            self._prepare(console, options)
        except NotOurDatabaseError:
            raise CommandError(
                "Cette base contient déjà autre chose qu’une démonstration : elle reste intacte. "
                "Choisissez une base vide (DATABASE_URL), ou un autre dossier (TANDEM_VAR)."
            ) from None
        except DatabaseError as error:
            raise CommandError(f"La base de données ne s’ouvre pas ({error}). {where_it_is()}") from None
        show_figures(console)
        show_accounts(console, options)
        if not options["no_serve"]:
            call_command("serve", host=options["host"], port=options["port"], jobs=True)

    def _prepare(self, console: Console, options: dict[str, Any]) -> None:
        narrator = TerminalNarrator(console)
        if options["fresh"]:
            narrator.step("On recommence à zéro")
            forget_demo()
        narrator.step("Base de données")
        call_command("migrate", verbosity=0, interactive=False)
        if is_built():
            console.print("La démonstration est déjà là ; « --fresh » la recommence.")
            return
        narrator.step("Référentiels officiels")
        load_referentials(folder=settings.FIXTURES_DIR / "referentials")
        load_guides(path=settings.FIXTURES_DIR / "guides" / "starter.json")
        build_demo(scale_name=options["scale"], seed=options["seed"], narrator=narrator)


def forget_demo() -> None:
    """Empty the database if it is a demonstration's, and the folder of its mails."""
    if connection.vendor == "sqlite":
        connection.close()
        for path in Path(settings.VAR_DIR).glob("tandem.sqlite3*"):
            path.unlink()
    elif "accounts_person" in connection.introspection.table_names():
        is_built()
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    for path in Path(settings.EML_DIR).glob("*.eml"):
        path.unlink()


def where_it_is() -> str:
    if settings.EMBEDDED:
        return f"Elle est dans {settings.VAR_DIR} : vérifiez les droits, ou recommencez avec « --fresh »."
    return "Vérifiez DATABASE_URL."


def show_figures(console: Console) -> None:
    table = Table(
        title="Ce qui s’est passé",
        caption="✓ : maximum démontré, rien de mieux n’était possible.",
        box=box.SIMPLE_HEAD,
        collapse_padding=True,
    )
    for heading in ("Campagne", "État"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Demandes", "Proposées", "À venir", "Tenues", "Points"):
        table.add_column(heading, justify="right", no_wrap=True)
    for network, rows in itertools.groupby(count_figures(), key=lambda row: row.network):
        table.add_row(f"[bold]{network}[/bold]")
        for row in rows:
            table.add_row(row.title, row.state, str(row.requests), *_outcome(row))
        table.add_section()
    console.print(table)


def _outcome(row: CampaignFigures) -> tuple[str, ...]:
    if not row.computed:
        return ("à calculer",)
    return f"{row.proposed}{' ✓' if row.proven else '  '}", str(row.to_come), str(row.held), row.points


def show_accounts(console: Console, options: dict[str, Any]) -> None:
    story = read_story()
    table = Table(title=f"Pour se connecter, mot de passe « {PASSWORD} »")
    table.add_column("Adresse")
    table.add_column("Rôle")
    roles = {"coordinator": "coordination", "tutor": "tutorat", "learner": "aide reçue", "auditor": "audit"}
    for account in (*story["accounts"], story["neighbour_coordinator"]):
        table.add_row(account["email"], ", ".join(roles[role] for role in account["roles"]))
    table.add_row("admin@demo.example", "administration technique")
    console.print(table)
    if not options["no_serve"]:
        console.print(f"\nOuvrez [bold]http://{options['host']}:{options['port']}/[/bold] (Ctrl+C pour arrêter)")
