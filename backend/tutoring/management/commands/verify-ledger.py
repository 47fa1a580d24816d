# ruff: noqa: N999 (Django takes the command's name from the file's)
"""Whether the registers of points are whole, and every entry has its source."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.credits.domain.ledger import Verdict, verify_chain, verify_sources
from backend.networks.models import Network
from backend.tutoring.domain.audit import expected_entries


class Command(BaseCommand):
    help = (
        "Recompute the chain of hashes of each network's ledger, and compare the entries with the sessions that were "
        "held. The exit status is 1 when anything is wrong; the first bad entry of each network is named."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--network", metavar="SLUG", help="check this network only")

    def handle(self, *, network: str | None, **_: Any) -> None:
        faults = [self._check(found) for found in _find_networks(network)]
        if wrong := sum(faults):
            raise CommandError(f"The ledger of {wrong} of {len(faults)} networks is not what it should be.")

    def _check(self, network: Network) -> bool:
        """Print the verdict on one network; whether something is wrong."""
        verdict = verify_chain(network)
        fault = verdict.fault or verify_sources(network=network, expected=expected_entries(network))
        if fault:
            self.stdout.write(self.style.ERROR(f"{network.slug}: WRONG: {fault}"))
        else:
            self.stdout.write(self.style.SUCCESS(f"{network.slug}: {_describe(verdict)}"))
        return bool(fault)


def _find_networks(slug: str | None) -> list[Network]:
    networks = Network.objects.order_by("slug")
    if slug is None:
        return list(networks)
    chosen = list(networks.filter(slug=slug))
    if not chosen:
        raise CommandError(f"There is no network {slug!r}.")
    return chosen


def _describe(verdict: Verdict) -> str:
    head = verdict.head[:12] or "none"
    return f"ok, {verdict.entries} entries, {verdict.points} points, {verdict.minutes} minutes, head {head}"
