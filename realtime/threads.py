"""Where sockets ask the database: a few threads of a process, each with one connection that it keeps.

Django's own thread pools open a connection for each call or for each socket; here their number is bounded by the number
of threads, whatever the number of sockets.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from django.db import InterfaceError, OperationalError, connection, connections

SOCKET_THREADS = 4


class DatabaseThreads:
    """Starts its threads with the first call; ``stop`` ends them and their connections."""

    def __init__(self, size: int = SOCKET_THREADS) -> None:
        self.size = size
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    async def run[T](self, call: Callable[[], T]) -> T:
        """What ``call`` gives, from a thread of ours."""
        self._start()
        future: Future[T] = Future()
        self._calls.put(partial(_fulfil, future, call))
        return await asyncio.wrap_future(future)

    def stop(self) -> None:
        """Let the calls under way end, and wait for the threads."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _start(self) -> None:
        if not self._threads:
            names = (f"sockets-{rank}" for rank in range(self.size))
            self._threads = [threading.Thread(target=self._work, name=name, daemon=True) for name in names]
            for thread in self._threads:
                thread.start()

    def _work(self) -> None:
        try:
            while call := self._calls.get():
                call()
        finally:
            connections.close_all()


def _fulfil[T](future: Future[T], call: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = _ask(call)
    except Exception as error:  # noqa: BLE001 (raised again where the result is awaited)
        future.set_exception(error)
    else:
        future.set_result(result)


def _ask[T](call: Callable[[], T]) -> T:
    """Call, and once more when the connection we kept turns out to be dead: all that sockets ask may be asked twice."""
    kept = connection.connection is not None
    try:
        return call()
    except (InterfaceError, OperationalError):
        connection.close()
        if not kept:
            raise
        return call()
