"""The project's settings with what a test run needs: a folder of its own, quick passwords, a server it may reach.

Everything is set before the real settings are read; each xdist worker reads them for itself.
"""

import os
import tempfile
from pathlib import Path

from tests.support.redis import database_of_this_worker

# Lives as long as the process; nothing is ever written to the checkout's own `var/`.
TEST_FOLDER = tempfile.TemporaryDirectory(prefix="tandem-tests-")
os.environ |= {
    "TANDEM_VAR": TEST_FOLDER.name,
    "SECRET_KEY": "for tests only: forty-two letters drawn by nobody",
}
if redis_url := os.environ.get("REDIS_URL"):
    os.environ["REDIS_URL"] = database_of_this_worker(redis_url)

from backend.config.settings import *  # noqa: E402, F403 (the variables above come first)
from backend.config.settings import ALLOWED_HOSTS, DATABASES, EMBEDDED, INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "tests.support"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A file, as in the embedded mode: the memory database of Django's runner is shared between threads in its own way.
if EMBEDDED:
    DATABASES["default"]["TEST"] = {"NAME": str(Path(TEST_FOLDER.name) / "test.sqlite3")}
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
# Every client of a test builds the middleware anew: static files are looked up when asked for, not listed each time.
WHITENOISE_AUTOREFRESH = True
