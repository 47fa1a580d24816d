"""How long a coordinator waits for a computation, from the click to the page to review, on a demonstration's data.

    python -m tests.benchmarks.campaigns cpts           # one campaign, one idle worker: 10 s at most
    python -m tests.benchmarks.campaigns departement    # ten campaigns at once, two workers: 90 s at most

The demonstration is made in a folder of its own, or in the empty database that ``DATABASE_URL`` names. Workers are
processes, as in production. Seconds are of the clock: leave the machine alone meanwhile.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from backend.campaigns.models import Campaign, Run

TANDEM = str(Path(sys.executable).parent / "tandem")
CASES = {"cpts": (1, 1, 10.0), "departement": (10, 2, 90.0)}
MOST_QUERIES = 15
PATIENCE = 300.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scale", nargs="?", choices=CASES, default="cpts")
    scale = parser.parse_args().scale
    campaigns, workers, limit = CASES[scale]
    with TemporaryDirectory(prefix="tandem-benchmark-") as folder:
        os.environ |= {"TANDEM_VAR": folder, "DJANGO_SETTINGS_MODULE": "backend.config.settings"}
        subprocess.run([TANDEM, "demo", "--no-serve", "--scale", scale], check=True, stdout=subprocess.DEVNULL)
        django.setup()
        with ExitStack() as stack:
            for _ in range(workers):
                stack.enter_context(work())
            seconds = measure(campaigns)
        verdict = "within" if seconds <= limit else "BEYOND"
        tell(f"{scale}: {campaigns} at once, {workers} workers: {seconds:.1f} s, {verdict} {limit:.0f} s")


@contextmanager
def work() -> Iterator[None]:
    with subprocess.Popen([TANDEM, "worker", "--verbosity", "0"]) as process:
        try:
            wait_until_idle()
            yield
        finally:
            process.terminate()


def wait_until_idle() -> None:
    """A worker that has done something has loaded what it needs."""
    from django.tasks import TaskResultStatus  # noqa: PLC0415 (needs the settings)

    from backend.campaigns.tasks import tick_runs  # noqa: PLC0415

    began, asked = time.perf_counter(), tick_runs.enqueue()
    while asked.status != TaskResultStatus.SUCCESSFUL:
        if time.perf_counter() - began > PATIENCE:
            sys.exit("a worker does not work")
        time.sleep(0.1)
        asked.refresh()


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def measure(count: int) -> float:
    """Seconds from the first click to the last page read."""
    from backend.campaigns.models import Campaign  # noqa: PLC0415 (needs the settings)

    chosen = list(Campaign.objects.filter(state="collecting").select_related("network").order_by("pk")[:count])
    if len(chosen) < count:
        sys.exit(f"the demonstration has {len(chosen)} campaigns to compute, not {count}")
    began = time.perf_counter()
    runs = [click(campaign) for campaign in chosen]
    wait_for(runs)
    for campaign in chosen:
        read_review(campaign)
    return time.perf_counter() - began


def click(campaign: "Campaign") -> "Run":
    from backend.campaigns.domain.runs import start_run  # noqa: PLC0415
    from backend.networks.domain.members import coordinators_of  # noqa: PLC0415

    return start_run(campaign=campaign, author=coordinators_of(campaign.network)[0])


def wait_for(runs: Sequence["Run"]) -> None:
    began = time.perf_counter()
    while any(run.is_under_way for run in runs):
        if time.perf_counter() - began > PATIENCE:
            sys.exit("a run did not end")
        time.sleep(0.1)
        for run in runs:
            run.refresh_from_db(fields=["state"])
    for run in runs:
        run.refresh_from_db()
        tell(f"  {run}: {run.state} {run.status}, {run.served} of {run.requests}, {run.seconds:.2f} s of search")


def read_review(campaign: "Campaign") -> None:
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from backend.networks.domain.members import coordinators_of  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(coordinators_of(campaign.network)[0])
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(f"/campagnes/{campaign.pk}/")
    verdict = "within" if len(asked) <= MOST_QUERIES else "BEYOND"
    tell(f"  review of {campaign}: {answer.status_code}, {len(asked)} queries, {verdict} {MOST_QUERIES}")


if __name__ == "__main__":
    main()
