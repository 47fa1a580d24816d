# ruff: noqa: N999 (Django takes the command's name from the file's)
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.referentials.domain.loading import LoadReport, load_referentials
from backend.referentials.domain.problems import ReferentialsRefusedError
from backend.referentials.domain.syncing import Changes


class Command(BaseCommand):
    help = "Load the frameworks, notions and lists from their data files: all of them, or none if a file is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.FIXTURES_DIR / "referentials",
            help="where the data files are (default: those of the project)",
        )

    def handle(self, *, folder: Path, **_: Any) -> None:
        try:
            report = load_referentials(folder=folder)
        except ReferentialsRefusedError as refusal:
            for problem in refusal.problems:
                self.stderr.write(str(problem))
            raise SystemExit(1) from refusal
        for line in describe_report(report):
            self.stdout.write(line)


def describe_report(report: LoadReport) -> Iterator[str]:
    """The report as lines: a summary for each kind, then the keys that moved."""
    width = max(map(len, report.changes))
    for kind, changes in report.changes.items():
        yield f"{kind:{width}}  {changes.total:4}  {_summarise(changes)}"
    yield from (line for kind, changes in report.changes.items() for line in _list_keys(kind, changes))
    if report.is_unchanged:
        yield "Nothing changed: the database already held all of this."


def _summarise(changes: Changes) -> str:
    counts = {"added": changes.added, "changed": changes.changed, "removed": changes.removed}
    return ", ".join(f"{len(keys)} {verb}" for verb, keys in counts.items() if keys) or "unchanged"


def _list_keys(kind: str, changes: Changes) -> Iterator[str]:
    # The keys of a table filled for the first time would say nothing.
    added = changes.added if len(changes.added) < changes.total else ()
    for verb, keys in (("added", added), ("changed", changes.changed), ("removed", changes.removed)):
        if keys:
            yield f"{kind} {verb}: {', '.join(keys)}"
