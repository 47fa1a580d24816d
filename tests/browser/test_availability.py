"""The board of « Mes disponibilités » by mouse, keyboard and touch, and without JavaScript."""

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGE = "/mes-disponibilites/"
ADDED = {"5-16", "5-17", "5-18", "6-20", "6-21"}


def sign_in(page: Page) -> None:
    page.goto("/compte/login/")
    page.fill("[name=login]", "apprenant@demo.example")
    page.fill("[name=password]", "tandem-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/accueil/")
    page.goto(PAGE)


def checked(page: Page) -> set[str]:
    keys: list[str] = page.evaluate("[...document.querySelectorAll('.board :checked')].map((box) => box.value)")
    return set(keys)


def middle_of(page: Page, key: str) -> tuple[float, float]:
    box = page.locator(f".board [value='{key}']").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, *keys: str) -> None:
    page.mouse.move(*middle_of(page, keys[0]))
    page.mouse.down()
    for key in keys[1:]:
        page.mouse.move(*middle_of(page, key), steps=3)
    page.mouse.up()


def save(page: Page) -> None:
    page.get_by_role("button", name="Enregistrer ma semaine").click()
    page.get_by_text("Votre semaine est enregistrée.").wait_for()


def test_the_board_by_mouse_keyboard_touch_and_without_javascript(browser: Browser, server_url: str) -> None:
    desk = browser.new_context(base_url=server_url, viewport={"width": 1280, "height": 1200})
    page = desk.new_page()
    sign_in(page)
    before = checked(page)
    # By mouse: what it passes over; one click there and one back.
    drag(page, "5-16", "5-17", "5-18")
    page.mouse.click(*middle_of(page, "6-16"))
    page.mouse.click(*middle_of(page, "6-16"))
    assert checked(page) - before == {"5-16", "5-17", "5-18"}
    # By keyboard: one stop of Tab, arrows, space, and Shift to extend.
    assert page.locator(".board input[tabindex='0']").count() == 1
    page.locator(".board [value='6-20']").focus()
    for key in ("Space", "Shift+ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.value") == "5-22"
    save(page)
    assert checked(page) == before | ADDED
    state = desk.storage_state()
    desk.close()

    phone = browser.new_context(
        base_url=server_url, storage_state=state, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = phone.new_page()
    page.goto(PAGE)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator(".board [value='6-21']").tap()
    save(page)
    assert checked(page) == (before | ADDED) - {"6-21"}
    phone.close()

    plain = browser.new_context(base_url=server_url, storage_state=state, java_script_enabled=False)
    page = plain.new_page()
    page.goto(PAGE)
    for key in ADDED - {"6-21"}:
        page.locator(f".board [value='{key}']").uncheck()
    save(page)
    assert checked(page) == before
    plain.close()
