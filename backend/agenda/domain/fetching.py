"""Fetching an address that somebody typed, without becoming their hand inside our network.

The name is resolved and its addresses checked at the moment of connecting, for every connection, redirects too: what a
name meant a second earlier does not count (rebinding). The whole answer has ten seconds and a million octets.
"""

import ipaddress
import socket
import ssl
import time
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpcore
import httpx

SECONDS = 10.0
SIZE_MAX = 1_000_000
REDIRECTS_MAX = 3
PORTS = frozenset({443, 8443})
HEADERS = {"User-Agent": "Tandem", "Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "identity"}

# Forms of an IPv4 address inside IPv6, and what `is_global` alone lets pass: mapped, compatible, NAT64, Teredo, 6to4,
# site-local; carrier NAT, benchmarking, IETF assignments, 6to4 relays, multicast.
CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::ffff:0:0/96",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "fec0::/10",
        "ff00::/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/3",
    )
)

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchError(Exception):
    """Nothing usable came. ``code`` says why, in words for machines; no part of the answer is in it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_public(address: Address) -> bool:
    """Whether an address is one of the wide Internet, in its plain form."""
    return address.is_global and not any(address in network for network in CLOSED if network.version == address.version)


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be asked, and whom. Tests ask their own server, on their own machine."""

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] | None = PORTS
    allows: Callable[[Address], bool] = is_public
    seconds: float = SECONDS
    resolve: Callable[..., list[typing.Any]] = field(default=socket.getaddrinfo)


def tidy_address(text: str) -> str:
    """``https`` for ``webcal``, which means the same; raises ``FetchError`` for what could never be fetched."""
    typed = text.strip()
    scheme, separator, rest = typed.partition("://")
    if separator and scheme.lower() in {"webcal", "webcals"}:
        typed = f"https://{rest}"
    check_address(typed, Guard())
    return typed


def check_address(text: str, guard: Guard) -> httpx.URL:
    """The parts of an address that need no look-up."""
    try:
        url = httpx.URL(text)
        host = url.host
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchError("bad_address") from error
    if url.scheme not in guard.schemes:
        raise FetchError("not_https")
    if not host or url.userinfo:
        raise FetchError("bad_address")
    if guard.ports is not None and (url.port or 443) not in guard.ports:
        raise FetchError("forbidden_address")
    return url


def fetch(text: str, *, guard: Guard | None = None) -> bytes:
    """The octets at an address; raises ``FetchError``."""
    guard = guard or Guard()
    deadline = time.monotonic() + guard.seconds
    url = check_address(text, guard)
    backend = GuardedBackend(guard, deadline)
    with httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool:
        for _ in range(REDIRECTS_MAX + 1):
            answer = _ask(pool, url, deadline)
            if isinstance(answer, bytes):
                return answer
            url = check_address(str(url.join(answer)), guard)
    raise FetchError("too_many_redirects")


def _ask(pool: httpcore.ConnectionPool, url: httpx.URL, deadline: float) -> bytes | str:
    """The body, or where it has moved."""
    request = httpx.Request("GET", url, headers=HEADERS)
    seconds = dict.fromkeys(("connect", "read", "write", "pool"), SECONDS)
    try:
        with pool.stream("GET", str(url), headers=request.headers.raw, extensions={"timeout": seconds}) as response:
            headers = httpx.Headers(response.headers)
            if response.status in {301, 302, 303, 307, 308} and "Location" in headers:
                return headers["Location"]
            if response.status != 200:
                raise FetchError(f"status_{response.status}")
            if headers.get("Content-Encoding", "identity") != "identity":
                raise FetchError("unreadable")
            return _read(response.iter_stream(), deadline)
    except httpcore.TimeoutException as error:
        raise FetchError("too_slow") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise FetchError("unreachable") from error


def _read(parts: Iterable[bytes], deadline: float) -> bytes:
    data = bytearray()
    for part in parts:
        data += part
        if len(data) > SIZE_MAX:
            raise FetchError("too_big")
        if time.monotonic() > deadline:
            raise FetchError("too_slow")
    return bytes(data)


class GuardedBackend(httpcore.SyncBackend):
    """Connects to nothing but what the guard allows, and to no name: only to an address that was just checked."""

    def __init__(self, guard: Guard, deadline: float) -> None:
        super().__init__()
        self.guard, self.deadline = guard, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (httpcore's signature: our deadline is stricter)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Every address of the name must be allowed: one that is not betrays the name."""
        addresses = self._addresses(host, port)
        if not addresses or not all(self.guard.allows(address) for address in addresses):
            raise FetchError("forbidden_address")
        stream = super().connect_tcp(
            str(addresses[0]), port, timeout=self._left(), local_address=local_address, socket_options=socket_options
        )
        return DeadlineStream(stream, self._left)

    def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            found = self.guard.resolve(host, port, type=socket.SOCK_STREAM)
            return [ipaddress.ip_address(row[4][0].partition("%")[0]) for row in found]
        except (OSError, UnicodeError, ValueError) as error:
            raise FetchError("unreachable") from error

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class DeadlineStream(httpcore.NetworkStream):
    """A stream whose every wait ends at one deadline: a server that drips an octet a second gets no more time."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self.stream, self.left = stream, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (as above)
        return self.stream.read(max_bytes, timeout=self.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 (as above)
        self.stream.write(buffer, timeout=self.left())

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 (as above)
    ) -> httpcore.NetworkStream:
        return DeadlineStream(self.stream.start_tls(ssl_context, server_hostname, timeout=self.left()), self.left)

    def get_extra_info(self, info: str) -> typing.Any:
        return self.stream.get_extra_info(info)
