"""Other processes on the database of the test that runs: what a worker is in production."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

PREPARE = """
import os, django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE_NAME"]
"""


@contextmanager
def python_beside(script: str) -> Iterator[subprocess.Popen[str]]:
    """A process that runs ``script`` on this test's database; killed at the end if it still lives."""
    with TemporaryDirectory(prefix="tandem-beside-") as folder:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "backend.config.settings",
            "TANDEM_VAR": folder,
            "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", PREPARE + script],
            env=environment,
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()


def work_off_the_queue() -> None:
    """``tandem worker`` in a process of its own, until nothing is queued."""
    script = 'from django.core.management import call_command\ncall_command("worker", batch=True)'
    with python_beside(script) as process:
        process.communicate(timeout=60)
        assert process.returncode == 0
