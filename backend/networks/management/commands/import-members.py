# ruff: noqa: N999 (Django takes the command's name from the file's)
"""``tandem import-members``: the fate of each line of a list of members; and, without ``--dry-run``, its writing."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backend.common.errors import DomainError
from backend.networks.domain.directory import is_directory, read_directory
from backend.networks.domain.imports.candidates import list_candidates
from backend.networks.domain.imports.headers import Reading
from backend.networks.domain.imports.importing import WRITTEN, Choices, confirm_import, prepare_import, preview_lines
from backend.networks.domain.imports.lines import EVERY_LABEL, Column, Fate, Verdict
from backend.networks.domain.imports.reading import SIZE_MAX, read_file
from backend.networks.domain.imports.sheets import write_candidates
from backend.networks.models import Network

SHOWN_MAX = 200
HEADER_BYTES_MAX = 20_000
FATE_WORDS = {
    Fate.NEW: "nouvelle",
    Fate.CHANGED: "modifiée",
    Fate.KNOWN: "déjà membre",
    Fate.CANDIDATE: "à inviter (adresse à trouver)",
    Fate.REFUSED: "refusée",
}


class Command(BaseCommand):
    help = (
        "Import members from a CSV or XLSX list, all or nothing; or list people of an Annuaire Santé extraction, "
        "which holds no address and so writes nobody."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, XLSX, or PS_LibreAcces_Personne_activite_*.txt")
        parser.add_argument("--network", required=True, help="slug of the network")
        parser.add_argument("--dry-run", action="store_true", help="tell each line's fate, write nothing")
        parser.add_argument("--invite", action="store_true", help="people do not know yet: send invitations")
        parser.add_argument("--skip-refused", action="store_true", help="write the other lines all the same")
        parser.add_argument("--postcode", action="append", default=[], help="extraction: keep these; 17 is 17…")
        parser.add_argument("--profession", action="append", default=[], help="extraction: keep these codes (60…)")
        parser.add_argument("--output", type=Path, help="write the people of an extraction as a CSV to complete")

    def handle(self, **options: Any) -> None:
        console = Console(file=self.stdout, width=None if sys.stdout.isatty() else 160)  # type: ignore[arg-type]  # it writes
        network = Network.objects.filter(slug=options["network"]).first()
        if network is None:
            raise CommandError(f"No network « {options['network']} ».")
        try:
            self._run(console, network, options)
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error

    def _run(self, console: Console, network: Network, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        reading = read_path(path, options["postcode"], options["profession"])
        if reading.ignored:
            console.print(f"Colonnes non lues : {', '.join(map(escape, reading.ignored))}")
        verdicts = preview_lines(network, reading.lines)
        show_verdicts(console, verdicts)
        if options["output"]:
            options["output"].write_text(write_candidates(verdicts), encoding="utf-8", newline="")
        fates = {verdict.fate for verdict in verdicts}
        if Fate.REFUSED in fates and not options["skip_refused"]:
            raise CommandError("Des lignes sont refusées, rien n’est écrit.")
        if options["dry_run"]:
            return
        if WRITTEN.isdisjoint(fates):
            console.print("Rien à écrire.")
            return
        choices = Choices(informed=not options["invite"], skip_refused=options["skip_refused"])
        write_list(network, path.name, reading, choices)
        console.print("Écrit.")


def read_path(path: Path, postcodes: Sequence[str], professions: Sequence[str]) -> Reading:
    """An extraction as a stream, whatever its size; any other list whole."""
    with path.open("rb") as file:
        first = file.readline(HEADER_BYTES_MAX).decode("utf-8-sig", errors="replace")
        if not is_directory(first):
            file.seek(0)
            return read_file(file.read(SIZE_MAX + 1))
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as lines:
            extraction = read_directory(lines, postcodes=postcodes, professions=professions)
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: not UTF-8.") from error
    return Reading(list_candidates(extraction), [])


@transaction.atomic
def write_list(network: Network, name: str, reading: Reading, choices: Choices) -> None:
    member_import = prepare_import(network=network, author=None, file_name=name, lines=reading.lines)
    confirm_import(member_import=member_import, author=None, choices=choices)


def show_verdicts(console: Console, verdicts: Sequence[Verdict]) -> None:
    """How many of each fate, then the lines: those refused first."""
    counts = Counter(verdict.fate for verdict in verdicts)
    console.print(" · ".join(f"{FATE_WORDS[fate]} : {counts[fate]}" for fate in Fate if counts[fate]))
    table = Table("Ligne", "Personne", "Sort", "Détail")
    ordered = sorted(verdicts, key=lambda verdict: (verdict.fate != Fate.REFUSED, verdict.line.number))
    for verdict in ordered[:SHOWN_MAX]:
        table.add_row(*map(escape, describe(verdict)))
    console.print(table)
    if len(ordered) > SHOWN_MAX:
        console.print(f"… et {len(ordered) - SHOWN_MAX} autres lignes.")


def describe(verdict: Verdict) -> tuple[str, str, str, str]:
    values = verdict.line.values
    words = (values.get(column, "") for column in (Column.FIRST_NAME, Column.LAST_NAME, Column.EMAIL, Column.PLACE))
    problems = [f"{EVERY_LABEL[Column(name)]} : {' '.join(texts)}" for name, texts in verdict.problems.items()]
    details = "\n".join([*problems, *verdict.changes, *verdict.notes])
    return str(verdict.line.number), " ".join(filter(None, words)), FATE_WORDS[verdict.fate], details
