"""How long a publication of five hundred sessions takes, whole or not at all.

    python -m tests.benchmarks.publication            # 500 sessions; another number may follow

Set ``DATABASE_URL`` to measure PostgreSQL instead (a test database is made there, and removed).
"""

import datetime as dt
import os
import sys
import time

import django

TARGET_SECONDS = 5.0
FIRST_DAY = dt.date(2030, 1, 7)


def main(count: int) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.settings")
    django.setup()
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 (needs the settings)

    databases = setup_databases(verbosity=0, interactive=False)
    try:
        seconds, made = publish(count)
    finally:
        teardown_databases(databases, verbosity=0)
    sys.stdout.write(f"{made} sessions published in {seconds:.2f} s, {TARGET_SECONDS:.0f} s allowed\n")
    return 0 if seconds <= TARGET_SECONDS and made == count else 1


def publish(count: int) -> tuple[float, int]:
    """Seconds, and how many sessions came out; each tutor gives ten, each learner takes one."""
    from backend.campaigns.domain.publication import publish_run  # noqa: PLC0415 (needs the settings)
    from backend.campaigns.enums import CampaignState, RunState  # noqa: PLC0415
    from backend.networks.enums import Role  # noqa: PLC0415
    from tests.support import factories  # noqa: PLC0415

    network = factories.NetworkFactory.create()
    coordinator = factories.make_member(network, Role.COORDINATOR)
    campaign = factories.CampaignFactory.create(network=network, first_day=FIRST_DAY, state=CampaignState.REVIEW)
    run = factories.RunFactory.create(campaign=campaign, state=RunState.DONE)
    notion = factories.NotionFactory.create()
    capacity = factories.CapacityFactory.create(notion=notion)
    tutors = [factories.make_member(network, Role.TUTOR) for _ in range(-(-count // 10))]
    for tutor in tutors:
        factories.TutorOfferFactory.create(network=network, person=tutor)
    for rank in range(count):
        tutor = tutors[rank // 10]
        learner = factories.make_member(network, Role.LEARNER)
        request = factories.HelpRequestFactory.create(network=network, person=learner, capacity=capacity)
        start = dt.datetime.combine(FIRST_DAY, dt.time(8), dt.UTC) + dt.timedelta(days=rank % 10)
        factories.ProposalFactory.create(run=run, request=request, tutor=tutor, starts_at=start)
    began = time.perf_counter()
    outcome = publish_run(run=run, author=coordinator)
    return time.perf_counter() - began, len(outcome.sessions)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
