"""Background work of the embedded mode: a thread of the server, where production has workers and a scheduler."""

import logging
import threading

from django.db import close_old_connections

from backend.notifications.tasks import tick

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_TICKS = 5.0


class EmbeddedJobs(threading.Thread):
    """Ticks until ``stop``; a tick that fails is logged, and the next one comes."""

    def __init__(self, seconds: float = SECONDS_BETWEEN_TICKS) -> None:
        super().__init__(name="tandem-jobs", daemon=True)
        self.seconds = seconds
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(self.seconds):
            self._tick_once()

    def stop(self) -> None:
        self.stopped.set()
        self.join()

    def _tick_once(self) -> None:
        close_old_connections()
        try:
            tick.call()
        except Exception:
            logger.exception("a tick failed")
        finally:
            close_old_connections()
