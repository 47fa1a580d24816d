"""An address that somebody types never makes us knock at a door inside: it is checked at the moment of connecting."""

import _socket
import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from backend.agenda.domain.fetching import SIZE_MAX, FetchError, Guard, check_address, fetch, is_public, tidy_address

LOOPBACK = ipaddress.ip_address("127.0.0.1")

# Names that resolve, in the stub below, to what no stranger may reach.
INSIDE = {
    "loopback.example": "127.0.0.1",
    "any.example": "0.0.0.0",  # noqa: S104 (an address to refuse)
    "ten.example": "10.1.2.3",
    "docker.example": "172.17.0.1",
    "router.example": "192.168.1.1",
    "metadata.example": "169.254.169.254",
    "carrier.example": "100.64.0.1",
    "assigned.example": "192.0.0.8",
    "test.example": "192.0.2.1",
    "relay.example": "192.88.99.1",
    "benchmark.example": "198.18.0.1",
    "multicast.example": "224.0.0.251",
    "reserved.example": "240.0.0.1",
    "broadcast.example": "255.255.255.255",
    "six.example": "::1",
    "unspecified.example": "::",
    "mapped.example": "::ffff:8.8.8.8",
    "mapped-inside.example": "::ffff:127.0.0.1",
    "compatible.example": "::7f00:1",
    "nat64.example": "64:ff9b::7f00:1",
    "nat64-local.example": "64:ff9b:1::7f00:1",
    "6to4.example": "2002:7f00:1::",
    "teredo.example": "2001:0:7f00:1::",
    "documentation.example": "2001:db8::1",
    "unique-local.example": "fd00::1",
    "link-local.example": "fe80::1",
    "site-local.example": "fec0::1",
    "multicast-six.example": "ff02::fb",
}
# What is refused as it is written, or as the system reads it.
FORGED = [
    "http://exemple.example/a.ics",
    "ftp://exemple.example/a.ics",
    "file:///etc/passwd",
    "gopher://exemple.example/",
    "data:text/calendar,BEGIN:VCALENDAR",
    "//exemple.example/a.ics",
    "exemple.example/a.ics",
    "",
    "https://",
    "https:///a.ics",
    "https://alix:secret@exemple.example/a.ics",
    "https://exemple.example@127.0.0.1/a.ics",
    "https://exemple.example:22/a.ics",
    "https://exemple.example:6379/a.ics",
    "https://exemple.example:99999/a.ics",
    "https://[::1/a.ics",
    "https://exem ple.example/",
    "https://exemple.example/\r\nHost: inside",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://127。0。0。1/",
    "https://①②⑦.0.0.1/",
    "webcal://127.0.0.1/a.ics",
    *(f"https://{name}/a.ics" for name in INSIDE),
]
CODES = {"bad_address", "not_https", "forbidden_address", "unreachable"}


@dataclass
class Resolver:
    """Names of the corpus, and one that changes its mind; numbers in whatever form as the system reads them."""

    answers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        if host == "rebinding.example":
            return [(0, 0, 0, "", (self.answers.pop(0), port))]
        if host in INSIDE:
            return [(0, 0, 0, "", (INSIDE[host], port))]
        if host == "both.example":
            return [(0, 0, 0, "", (address, port)) for address in ("93.184.215.14", "10.0.0.1")]
        if host.lower().rstrip(".") == "localhost":
            return [(0, 0, 0, "", ("127.0.0.1", port))]
        # Numbers only, in all the forms that the system reads: no network is asked.
        return _socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)


@dataclass
class Server:
    """On this machine. ``seen`` counts connections, whatever was asked."""

    port: int = 0
    seen: int = 0
    answer: Callable[[BaseHTTPRequestHandler], None] = print

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/a.ics"


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            state.seen += 1
            super().setup()

        def do_GET(self) -> None:
            with contextlib.suppress(OSError):
                state.answer(self)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        state.port = httpd.server_port
        threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield state
        httpd.shutdown()


def allowing(**options: Any) -> Guard:
    """What lets a test ask its own server."""
    known = {"schemes": frozenset({"http"}), "ports": None, "allows": lambda address: address == LOOPBACK}
    return Guard(**{**known, **options})


def reply(body: bytes, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize("address", FORGED)
def test_a_forged_address_is_refused_and_knocks_nowhere(address: str, server: Server) -> None:
    """The server listens where a forged address of this machine would lead if only its port were right."""
    port = server.port
    here = address.replace("/a.ics", f":{port}/a.ics") if address.count(":") == 1 else address
    for forged in (address, here):
        with pytest.raises(FetchError) as refusal:
            fetch(forged, guard=Guard(ports=frozenset({443, port}), resolve=Resolver()))
        assert refusal.value.code in CODES
    assert server.seen == 0


def test_names_are_checked_when_connecting_not_before(server: Server) -> None:
    """The name was good when somebody looked it up; the next answer is inside."""
    resolver = Resolver(answers=["93.184.215.14", "127.0.0.1"])
    assert resolver("rebinding.example", 443)[0][4][0] == "93.184.215.14"
    with pytest.raises(FetchError, match="forbidden_address"):
        fetch(f"https://rebinding.example:{server.port}/", guard=Guard(ports=None, resolve=resolver))
    assert server.seen == 0


def test_the_connection_goes_to_the_address_that_was_checked(server: Server) -> None:
    """Resolved once: a second answer would be another address than the one that was allowed."""
    server.answer = reply(b"BEGIN:VCALENDAR")
    resolver = Resolver(answers=["127.0.0.1", "10.0.0.1"])
    data = fetch(f"http://rebinding.example:{server.port}/", guard=allowing(resolve=resolver))
    assert (data, resolver.asked, server.seen) == (b"BEGIN:VCALENDAR", ["rebinding.example"], 1)


def test_one_address_inside_condemns_the_name() -> None:
    with pytest.raises(FetchError, match="forbidden_address"):
        fetch("https://both.example/", guard=Guard(resolve=Resolver()))


def test_redirects_are_followed_and_checked_each(server: Server) -> None:
    hops = iter(["/b.ics", "/c.ics", "/d.ics"])

    def answer(handler: BaseHTTPRequestHandler) -> None:
        hop = next(hops, "")
        (reply(b"", 302, Location=hop) if hop else reply(b"BEGIN:VCALENDAR"))(handler)

    server.answer = answer
    assert fetch(server.address, guard=allowing()) == b"BEGIN:VCALENDAR"
    server.answer = reply(b"", 301, Location="/again")
    with pytest.raises(FetchError, match="too_many_redirects"):
        fetch(server.address, guard=allowing())
    server.answer = reply(b"", 302, Location="http://169.254.169.254/latest/meta-data/")
    with pytest.raises(FetchError, match="forbidden_address"):
        fetch(server.address, guard=allowing())
    server.answer = reply(b"", 302, Location="file:///etc/passwd")
    with pytest.raises(FetchError, match="not_https"):
        fetch(server.address, guard=allowing())


def test_a_slow_server_gets_no_more_than_its_time(server: Server) -> None:
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.05):
            handler.wfile.write(b"x")

    server.answer = drip
    started = time.monotonic()
    with pytest.raises(FetchError, match="too_slow"):
        fetch(server.address, guard=allowing(seconds=0.5))
    stop.set()
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(b"x" * (SIZE_MAX + 1)), "too_big"),
        (reply(b"gone", 410), "status_410"),
        (reply(b"\x1f\x8b", Content_Encoding="gzip"), "unreadable"),
        (lambda handler: handler.wfile.write(b"not http\r\n\r\n"), "unreachable"),
        (reply(b"", 302), "status_302"),
    ],
)
def test_what_is_no_answer_says_why(server: Server, answer: Any, code: str) -> None:
    server.answer = answer
    with pytest.raises(FetchError) as refusal:
        fetch(server.address, guard=allowing())
    assert refusal.value.code == code


def test_nobody_there_is_told() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(FetchError, match="unreachable"):
            fetch(f"http://127.0.0.1:{port}/", guard=allowing())
    with pytest.raises(FetchError, match="unreachable"):
        fetch("https://nobody.invalid/", guard=Guard(resolve=_no_such_name))


def _no_such_name(*_: Any, **__: Any) -> list[Any]:
    raise socket.gaierror


def test_we_say_who_we_are_and_nothing_else(server: Server) -> None:
    heard: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        heard.extend(sorted(name.lower() for name in handler.headers))
        reply(b"BEGIN:VCALENDAR")(handler)

    server.answer = answer
    fetch(server.address, guard=allowing())
    assert heard == ["accept", "accept-encoding", "host", "user-agent"]


def test_webcal_is_https_and_spaces_around_are_nothing() -> None:
    assert tidy_address(" webcal://exemple.example/a.ics\n") == "https://exemple.example/a.ics"
    assert tidy_address("WebCal://exemple.example/a.ics") == "https://exemple.example/a.ics"
    assert check_address("https://exemple.example:8443/", Guard()).port == 8443


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_the_wide_internet_is_open(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
