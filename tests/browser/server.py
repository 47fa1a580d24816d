"""A demonstration served by the real server, as a process of its own."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

TANDEM = str(Path(sys.executable).parent / "tandem")
DATABASE = "tandem.sqlite3"
SECONDS_TO_START = 60


@dataclass(frozen=True, slots=True)
class Demonstration:
    """One that runs: its address, and the folder of its data."""

    url: str
    folder: Path

    def restore(self, made: Path) -> None:
        """Put back the data of ``made`` while the server runs: SQLite copies them as one transaction."""
        with closing(sqlite3.connect(made / DATABASE)) as source, closing(self._connect()) as target:
            source.backup(target)
        for mail in self.outbox.glob("*.eml"):
            mail.unlink()

    def ask(self, query: str, *values: str) -> list[tuple[str, ...]]:
        """What the database answers, to find in it whom the story leaves waiting."""
        with closing(self._connect()) as connection:
            return connection.execute(query, values).fetchall()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / DATABASE, timeout=60)

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"


def environment(folder: Path) -> dict[str, str]:
    """What an embedded Tandem with ``folder`` for its data is started with."""
    production = {"DATABASE_URL", "REDIS_URL", "MAIL_URL", "SECRET_KEY", "ALLOWED_HOSTS", "HTTPS_ONLY"}
    kept = {name: value for name, value in os.environ.items() if name not in production}
    return kept | {"TANDEM_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "backend.config.settings"}


@contextmanager
def serve(folder: Path, log: Path) -> Iterator[Demonstration]:
    """Serve the data of ``folder``; at the end, no error may stand in ``log``."""
    url = f"http://127.0.0.1:{free_port()}"
    command = [TANDEM, "serve", "--host", "127.0.0.1", "--port", url.rpartition(":")[2]]
    with log.open("w") as output:
        server = subprocess.Popen(command, env=environment(folder), stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_ready(url, server, log)
        yield Demonstration(url, folder)
    finally:
        server.terminate()
        server.wait(timeout=20)
    assert "Traceback" not in log.read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server was not ready after {SECONDS_TO_START} s:\n{log.read_text()}")
