"""Background work of the embedded mode: threads of the server, where production has workers and a scheduler."""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from backend.agenda.tasks import refresh_outside_calendars
from backend.campaigns.tasks import tick_runs
from backend.notifications.tasks import tick

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_TICKS = 5.0
# A person who asked for a computation looks at the page.
SECONDS_BETWEEN_LOOKS = 0.3


class Repeated(threading.Thread):
    """Does some work again and again until ``stop``; what fails is logged, and the next time comes."""

    def __init__(self, name: str, work: Callable[[], object], seconds: float) -> None:
        super().__init__(name=name, daemon=True)
        self.work, self.seconds = work, seconds
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(self.seconds):
            self._work_once()

    def _work_once(self) -> None:
        close_old_connections()
        try:
            self.work()
        except Exception:
            logger.exception("the work of %s failed", self.name)
        finally:
            close_old_connections()


class EmbeddedJobs:
    """One thread ticks, another takes what is queued: a long computation holds up no mail."""

    def __init__(self, seconds: float = SECONDS_BETWEEN_TICKS) -> None:
        self.threads = [
            *(Repeated(f"tandem-{work.__name__}", work, seconds) for work in (send_due, take_back, read_calendars)),
            Repeated("tandem-worker", work_queued, min(seconds, SECONDS_BETWEEN_LOOKS)),
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        for thread in self.threads:
            thread.stopped.set()
        for thread in self.threads:
            thread.join()


def send_due() -> None:
    tick.call()


def take_back() -> None:
    tick_runs.call()


def read_calendars() -> None:
    refresh_outside_calendars.call()


def work_queued() -> None:
    """All that is queued, as a worker process would; looking first takes no lock."""
    if DBTaskResult.objects.ready().exists():
        make_worker().run()


def make_worker() -> Worker:
    return Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="embedded",
        excluded_queue_names=[],
    )
