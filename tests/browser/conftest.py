"""A demonstration in a folder of its own, served by the real server, driven by the system's Chromium."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.server import TANDEM, environment, serve

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A browser that talks to nobody but the page: no update, no account, no search for hosts that are not there.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The data of one demonstration, made once for all xdist workers; each serves its own copy."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    folder, made = shared / "demo", shared / "demo.made"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            command = [TANDEM, "demo", "--no-serve", "--seed", "1"]
            done = subprocess.run(command, env=environment(folder), capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            made.touch()
    return folder


@pytest.fixture(scope="session")
def server_url(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of this worker, on a copy of the demonstration."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(demo_folder, folder / "var")
    with serve(folder / "var", folder / "server.log") as running:
        yield running.url


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    assert path, "no Chromium on the PATH: tests/run.sh installs it"
    return {"executable_path": path, "args": CHROMIUM_FLAGS, "headless": True}


@pytest.fixture(scope="session")
def browser_context_args(server_url: str) -> dict[str, Any]:
    return {"base_url": server_url, "locale": "fr-FR", "reduced_motion": "reduce"}
