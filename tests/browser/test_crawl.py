"""Every demo account follows every link: no error, no barrier, no sideways scrolling, no heavy page."""

import pytest
from playwright.sync_api import Page

from tests.browser.crawler import Crawler

PASSWORD = "tandem-demo"
# Each account, and a page that it alone or its like must find by following links. Those whose like is followed in the
# ordinary run wait for the full one.
ACCOUNTS = {
    "coordination@demo.example": "campagnes/<int:campaign_id>/",
    "tutrice@demo.example": "seances/<int:session_id>/",
    "tuteur@demo.example": "seances/<int:session_id>/",
    "apprenante@demo.example": "seances/<int:session_id>/",
    "apprenant@demo.example": "seances/<int:session_id>/",
    "double@demo.example": "seances/<int:session_id>/",
    "audit@demo.example": "accueil/",
    "coordination@voisine.example": "campagnes/<int:campaign_id>/",
    "admin@demo.example": "admin/accounts/person/",
}
ORDINARY = {"coordination@demo.example", "double@demo.example", "audit@demo.example"}

pytestmark = pytest.mark.browser


def sign_in(page: Page, email: str) -> None:
    page.goto("/compte/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/accueil/")


def test_anonymous_finds_only_sound_pages(page: Page, server_url: str) -> None:
    crawler = Crawler(page, server_url)
    crawler.crawl("/")
    assert not crawler.problems, "\n".join(crawler.problems)
    assert {"", "compte/login/"} <= set(crawler.patterns)


@pytest.mark.parametrize(
    "email",
    [email if email in ORDINARY else pytest.param(email, marks=pytest.mark.full) for email in ACCOUNTS],
)
def test_account_finds_only_sound_pages(page: Page, server_url: str, email: str) -> None:
    sign_in(page, email)
    crawler = Crawler(page, server_url)
    crawler.crawl("/accueil/", "/")
    assert not crawler.problems, "\n".join(crawler.problems)
    assert {"accueil/", ACCOUNTS[email]} <= set(crawler.patterns)
