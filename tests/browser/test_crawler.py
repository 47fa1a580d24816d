"""The crawler sees what is wrong: each fault of a bad page is named, and nothing of a good one."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.crawler import Crawler

pytestmark = pytest.mark.browser

GOOD = """<!doctype html><html lang="fr"><meta name="viewport" content="width=device-width"><title>Bonne page</title>
<link rel="icon" href="data:,"><main><h1>Bonne page</h1><a href="/mauvaise.html">La mauvaise</a></main></html>"""
BAD = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Mauvaise page</title>
<link rel="icon" href="data:,">
<style>@media (prefers-color-scheme: dark) { p { color: #777; background: #888 } }</style>
<main><h1>Une</h1><h1>Deux</h1><p>Illisible la nuit</p><input style="box-sizing: border-box; width: 600px">
<a href="/absente.html">Lien mort</a><span hx-get="/morceau.html"></span></main>
<script>console.error("ouch")</script><script>throw new Error("oops")</script></html>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the class above)
        """Say nothing on the terminal."""


@pytest.fixture
def server_url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "bonne.html").write_text(GOOD, encoding="utf-8")
    (tmp_path / "mauvaise.html").write_text(BAD, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    return {}


def test_crawler_names_every_fault(page: Page, server_url: str) -> None:
    crawler = Crawler(page, server_url)
    crawler.crawl("/bonne.html")
    assert set(crawler.patterns) == {"/bonne.html", "/mauvaise.html", "/absente.html"}
    faults = {problem.replace(server_url, "") for problem in crawler.problems if problem.startswith("/mauvaise")}
    assert faults == {
        "/mauvaise.html: console error: ouch",
        "/mauvaise.html: script error: oops",
        "/mauvaise.html: 404 for /morceau.html",
        "/mauvaise.html: its language is en",
        "/mauvaise.html: 2 main headings",
        "/mauvaise.html: 288 px scroll sideways at 320 px",
        "/mauvaise.html: axe, light at 320 px: label at input",
        "/mauvaise.html: axe, light at 1280 px: label at input",
        "/mauvaise.html: axe, dark at 320 px: color-contrast at p",
        "/mauvaise.html: axe, dark at 1280 px: color-contrast at p",
    }
    assert [problem for problem in crawler.problems if problem.startswith("/bonne")] == []
    assert "/absente.html: 404 for /absente.html" in {p.replace(server_url, "") for p in crawler.problems}
