"""How long calendars take, as the targets say it: ``python -m tests.benchmarks.calendars``.

It makes a database of its own and removes it: a feed of 1,000 sessions, a 304 of it, and 20 outside calendars of 2,000
events each taken out of the free time of a campaign of six weeks.
"""

import datetime as dt
import os
import tempfile
import time
import zoneinfo
from collections.abc import Callable
from pathlib import Path

import django

SESSIONS, CALENDARS, EVENTS, WEEKS, TRIES = 1000, 20, 2000, 6, 5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("DATABASE_URL", None)
        os.environ |= {"TANDEM_VAR": folder, "DJANGO_SETTINGS_MODULE": "backend.config.settings"}
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415 (Django must be set up)

        call_command("migrate", verbosity=0)
        measure_feed()
        measure_busy()


def measure_feed() -> None:
    from django.test import Client  # noqa: PLC0415

    from backend.agenda.domain.feeds import feed_of, secret_of  # noqa: PLC0415
    from tests.support import factories  # noqa: PLC0415

    network, tutor = factories.NetworkFactory.create(), factories.PersonFactory.create()
    notion = factories.NotionFactory.create()
    factories.SessionFactory.create_batch(SESSIONS, network=network, tutor=tutor, notion=notion)
    address, client = f"/calendrier/{secret_of(feed_of(tutor))}.ics", Client(headers={"Host": "localhost"})
    etag = client.get(address)["ETag"]
    report(f"feed of {SESSIONS:,} sessions (target 150 ms, 5 queries)", lambda: client.get(address).status_code)
    headers = {"If-None-Match": etag, "Host": "localhost"}
    report("304 of it (target 2 queries)", lambda: client.get(address, headers=headers).status_code)


def measure_busy() -> None:
    from backend.agenda.domain.availability import Period, find_free_intervals  # noqa: PLC0415
    from backend.agenda.models import OutsideBusy  # noqa: PLC0415
    from tests.support import factories  # noqa: PLC0415

    network = factories.NetworkFactory.create()
    people = factories.PersonFactory.create_batch(CALENDARS)
    monday = factories.next_monday()
    first = dt.datetime.combine(monday, dt.time(), dt.UTC)
    length = dt.timedelta(weeks=WEEKS) / EVENTS
    for rank, person in enumerate(people):
        factories.WeeklyWindowFactory.create(person=person, starts=dt.time(8), ends=dt.time(19))
        calendar = factories.make_outside_calendar(person, minutes=rank)
        OutsideBusy.objects.bulk_create(
            OutsideBusy(calendar=calendar, starts_at=first + step * length, ends_at=first + (step + 0.5) * length)
            for step in range(EVENTS)
        )
    period = Period(monday, WEEKS, zoneinfo.ZoneInfo("Europe/Paris"))
    keys = [person.pk for person in people]
    report(
        f"{CALENDARS} calendars of {EVENTS:,} events out of {WEEKS} weeks (target 2 s)",
        lambda: len(find_free_intervals(people=keys, period=period, network=network)),
    )


def report(name: str, work: Callable[[], object]) -> None:
    """The best of a few tries, and what it asks of the database."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    outcome: object = None
    seconds = []
    for _ in range(TRIES):
        started = time.perf_counter()
        outcome = work()
        seconds.append(time.perf_counter() - started)
    with CaptureQueriesContext(connection) as queries:
        work()
    print(f"{name}: {min(seconds) * 1000:.0f} ms, {len(queries)} queries, answer {outcome}")  # noqa: T201 (its purpose)


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent.parent.parent)
    main()
