"""One Redis server for all xdist workers, one of its databases each."""

import os
from urllib.parse import urlsplit

DATABASES = 16


def database_of_this_worker(url: str) -> str:
    """``url`` with the database number of the xdist worker that asks: clearing one disturbs no other."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return urlsplit(url)._replace(path=f"/{int(worker) % DATABASES}").geturl()
