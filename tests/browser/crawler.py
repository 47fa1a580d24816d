"""Follows every link that a person sees, and writes down what no page may do."""

from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlsplit

import axe_playwright_python
from django.urls import Resolver404, resolve
from playwright.sync_api import ConsoleMessage, Page, Request, Response
from playwright.sync_api import Error as PlaywrightError

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
# Structure is the same in the dark: there only colours are looked at again.
AXE_OPTIONS = {
    "light": {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}},
}
RUN_AXE = """async (options) => (await axe.run(document, options)).violations.map(
    (violation) => violation.id + " at " + violation.nodes.map((node) => node.target.join(" ")).join(", ")
)"""
READ_PAGE = """() => ({
    lang: document.documentElement.lang,
    headings: document.querySelectorAll("h1").length,
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    links: [...document.querySelectorAll("a[href]")].map((link) => link.href),
    parts: [...document.querySelectorAll("[hx-get]")].map(
        (element) => new URL(element.getAttribute("hx-get"), location.href).href
    ),
})"""

# So many addresses of one pattern (with the same names in the query) are visited: the rest look alike.
ADDRESSES_PER_PATTERN = 2
# Foreign rooms: their errors count, their language and their contrasts are not ours.
FOREIGN = ("/admin/", "/api/")
NARROW, WIDE = 320, 1280
HEIGHT = 800
PAGE_WEIGHT = 100_000


@dataclass
class Crawler:
    """Breadth first from ``start``; ``problems`` says what was wrong where, ``patterns`` what was seen."""

    page: Page
    origin: str
    problems: list[str] = field(default_factory=list)
    patterns: Counter[str] = field(default_factory=Counter)
    place: str = ""
    weight: float = 0

    def __post_init__(self) -> None:
        self.page.on("console", self.note_console)
        self.page.on("pageerror", lambda error: self.blame(f"script error: {error}"))
        self.page.on("response", self.note_response)
        self.page.on("requestfailed", self.note_failure)
        # Every visit is a first visit: what it weighs is what it transfers.
        devtools = self.page.context.new_cdp_session(self.page)
        devtools.send("Network.enable")
        devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        devtools.on("Network.loadingFinished", self.note_weight)

    def blame(self, problem: str) -> None:
        self.problems.append(f"{self.place}: {problem}")

    def note_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.blame(f"console {message.type}: {message.text}")

    def note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.blame(f"{response.status} for {response.url}")

    def note_failure(self, request: Request) -> None:
        # Chromium gives up on a page that turns out to be a file to keep.
        if request.failure != "net::ERR_ABORTED":
            self.blame(f"{request.failure} for {request.url}")

    def note_weight(self, event: dict[str, Any]) -> None:
        self.weight += event["encodedDataLength"]

    def crawl(self, *start: str) -> None:
        """Visit ``start`` and all that can be reached from there on the same origin."""
        queue = deque(self.origin + path for path in start)
        known = set(queue)
        while queue:
            for link in self.visit(queue.popleft()):
                if link not in known and self.is_ours(link):
                    known.add(link)
                    queue.append(link)

    def is_ours(self, link: str) -> bool:
        return link.startswith(f"{self.origin}/")

    def visit(self, address: str) -> list[str]:
        """Look at one page and return where its links lead; nothing where enough of its kind were seen."""
        self.place = address.removeprefix(self.origin)
        pattern = pattern_of(address)
        if self.patterns[pattern] == (1 if self.is_foreign() else ADDRESSES_PER_PATTERN):
            return []
        self.patterns[pattern] += 1
        if not self.open(address):
            return []
        found = self.page.evaluate(READ_PAGE)
        for part in filter(self.is_ours, found["parts"]):
            self.fetch(part, {"HX-Request": "true"})
        if not self.is_foreign():
            self.judge(found, first_of_its_kind=self.patterns[pattern] == 1)
        return [urldefrag(link).url for link in found["links"]]

    def is_foreign(self) -> bool:
        return self.place.startswith(FOREIGN)

    def open(self, address: str) -> bool:
        """Show a page in a narrow, light window; False for what is no page but a file."""
        self.page.set_viewport_size({"width": NARROW, "height": HEIGHT})
        self.page.emulate_media(color_scheme="light")
        self.weight = 0
        try:
            response = self.page.goto(address)
        except PlaywrightError as error:
            if "Download is starting" not in error.message and "ERR_ABORTED" not in error.message:
                raise
            self.fetch(address, {})
            return False
        return response is not None and "text/html" in response.headers.get("content-type", "")

    def fetch(self, address: str, headers: dict[str, str]) -> None:
        response = self.page.context.request.get(address, headers=headers)
        if not response.ok:
            self.blame(f"{response.status} for {address}")

    def judge(self, found: dict[str, Any], *, first_of_its_kind: bool) -> None:
        if found["lang"] != "fr":
            self.blame(f"its language is {found['lang'] or 'not said'}")
        if found["headings"] != 1:
            self.blame(f"{found['headings']} main headings")
        if found["overflow"] > 0:
            self.blame(f"{found['overflow']} px scroll sideways at {NARROW} px")
        if self.weight > PAGE_WEIGHT:
            self.blame(f"weighs {self.weight:.0f} bytes")
        if first_of_its_kind:
            self.look_for_barriers()

    def look_for_barriers(self) -> None:
        """axe-core in both themes and both widths. Evaluated by the debugger: no exception in the CSP is needed."""
        self.page.evaluate(AXE)
        for width in (NARROW, WIDE):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            for theme in ("light", "dark"):
                self.page.emulate_media(color_scheme=theme)
                for violation in self.page.evaluate(RUN_AXE, AXE_OPTIONS[theme]):
                    self.blame(f"axe, {theme} at {width} px: {violation}")


def pattern_of(address: str) -> str:
    """The route that answers ``address`` and the names in its query: addresses of one pattern look alike.

    In foreign rooms, whether there is a query: the admin's filters add up on each other's links, two to the power of
    their number for every list.
    """
    parts = urlsplit(address)
    try:
        route = resolve(parts.path).route
    except Resolver404:
        route = parts.path
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    if names and parts.path.startswith(FOREIGN):
        names = ["…"]
    return f"{route}?{'&'.join(names)}" if names else route
