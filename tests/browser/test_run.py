"""The page of a computation shows each step as the socket tells it, without having to ask again and again."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, WebSocket, expect

from tests.browser.server import Demonstration, serve
from tests.browser.visitor import Visitor, Way, visit

pytestmark = pytest.mark.browser

LAST_RUN = """
    SELECT run.id, run.campaign_id FROM campaigns_run AS run
    JOIN campaigns_campaign AS campaign ON campaign.id = run.campaign_id
    JOIN networks_network AS network ON network.id = campaign.network_id
    WHERE network.slug = 'rive-sud' AND campaign.state = 'published' ORDER BY run.id DESC
"""
BEGIN = """
    UPDATE campaigns_run SET state = 'running', finished_at = NULL, cancel_asked_at = NULL,
    leased_until = datetime('now', '+1 hour') WHERE id = ?
"""
FORGET = "DELETE FROM campaigns_runprogress WHERE run_id = ?"
FIND = "INSERT INTO campaigns_runprogress (run_id, elapsed, objective, bound, served) VALUES (?, 4.5, 987, NULL, 5)"
# The polls of the page, and nothing else: they are what no event has caused.
WITHOUT_POLLING = """
    document.addEventListener("htmx:beforeRequest", (event) => {
      if (!event.detail.requestConfig.triggeringEvent) event.preventDefault();
    }, true);
"""


@pytest.fixture
def demonstration(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder = tmp_path_factory.mktemp("run")
    shutil.copytree(demo_folder, folder / "var")
    with serve(folder / "var", folder / "server.log") as running:
        yield running


def listen(visitor: Visitor) -> list[str]:
    """Types of the frames that the page receives from now on."""
    heard: list[str] = []

    def opened(socket: WebSocket) -> None:
        socket.on("framereceived", lambda text: heard.append(json.loads(text)["type"]))

    visitor.page.on("websocket", opened)
    return heard


def test_figures_come_by_the_socket_while_nothing_is_polled(browser: Browser, demonstration: Demonstration) -> None:
    [(run, campaign), *_] = demonstration.ask(LAST_RUN)
    demonstration.change(BEGIN, run)
    demonstration.change(FORGET, run)
    with visit(browser, demonstration, Way.TOUCH) as reader:
        reader.sign_in("coordination")
        heard = listen(reader)
        reader.page.add_init_script(WITHOUT_POLLING)
        reader.open(f"/campagnes/{campaign}/calculs/{run}/")
        reader.sees("Il commence.")
        expect(reader.page.get_by_text("987")).to_have_count(0)

        demonstration.change(FIND, run)
        other = Visitor(reader.page.context.new_page(), Way.TOUCH, demonstration)
        other.open(reader.page.url)
        other.press_button("Arrêter le calcul")
        reader.sees("L’arrêt est demandé.")
        reader.sees("987")
        assert "run_progress" in heard
        reader.fits()
