"""Strictness for all tests: no network but this machine, a clean cache, callbacks of a commit really run."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.support.clients import CommittingClient

pytest_plugins = ["tests.support.cast"]

REAL_CONNECT = socket.socket.connect
REAL_GETADDRINFO = socket.getaddrinfo


def is_this_machine(host: object) -> bool:
    """Whether a host, by name or number, is this very machine."""
    if host in {None, "", "localhost", b"localhost", "testserver"}:
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def connect_here_only(self: socket.socket, address: Any) -> None:
    if self.family in {socket.AF_INET, socket.AF_INET6} and not is_this_machine(address[0]):
        pytest.fail(f"a test tried to reach {address[0]} on the network")
    REAL_CONNECT(self, address)


def resolve_here_only(host: Any, *arguments: Any, **options: Any) -> Any:
    if not is_this_machine(host):
        pytest.fail(f"a test asked the network where {host} is")
    return REAL_GETADDRINFO(host, *arguments, **options)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database",
        action="store_true",
        help="leave out the tests that touch no database: a second database has nothing to say about them",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, in plain sight as deselected, what has no sense on the database of this run."""
    on_postgresql = bool(os.environ.get("DATABASE_URL"))
    left_out = [
        item
        for item in items
        if (item.get_closest_marker("postgres") and not on_postgresql)
        or (config.getoption("--only-database") and not uses_database(item))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def uses_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"}
    return item.get_closest_marker("django_db") is not None or not fixtures.isdisjoint(
        getattr(item, "fixturenames", ())
    )


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """A test that leaves this machine fails; programs it starts are on their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here_only)
        patch.setattr(socket, "getaddrinfo", resolve_here_only)
        yield


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    """What one test cached or counted, such as refused sign-ins, is nothing to the next."""
    yield
    cache.clear()


@pytest.fixture
def client() -> CommittingClient:
    """A browser that nobody signed in with; callbacks of a commit run at the end of each request."""
    return CommittingClient()
