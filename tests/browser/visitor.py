"""Somebody with a telephone in one of three ways: by touch, by the keyboard alone, or without JavaScript."""

import email
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.server import Demonstration

PASSWORD = "tandem-demo"
PHONE = {"width": 360, "height": 740}
# Machines of tests are busy: what comes late still comes.
PATIENCE_MS = 30_000
STOPS_MAX = 300
# What a stop of the Tab key must be: seen, marked as focused, and after the stop before it.
LOOK_AT_FOCUS = """([target, before]) => {
    const stop = document.activeElement, box = stop.getBoundingClientRect(), style = getComputedStyle(stop);
    const group = stop.type === "radio" && target.type === "radio" && stop.name === target.name
        && stop.form === target.form;
    return {
        reached: stop === target || group,
        nowhere: stop === document.body,
        what: stop.outerHTML.slice(0, 160),
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
        // The field of a date has several stops within, marked by the browser.
        marked: stop === before || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        forward: !before || before === document.body || stop === before || stop.tabIndex > 0
            ? stop.tabIndex <= 0
            : Boolean(before.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING),
    };
}"""
ACTIVE = "document.activeElement"

expect.set_options(timeout=PATIENCE_MS)


class Way(StrEnum):
    TOUCH = "touch"
    KEYS = "keys"
    PLAIN = "plain"


@dataclass
class Visitor:
    """One person at one page; every act below is done the visitor's own way."""

    page: Page
    way: Way
    demonstration: Demonstration

    # Acts

    def open(self, address: str) -> None:
        self.page.goto(address)

    def press(self, target: Locator) -> None:
        """A link, a button or a summary."""
        if self.way == Way.KEYS:
            self.reach(target)
            self.page.keyboard.press("Enter")
        elif self.way == Way.TOUCH:
            target.tap()
        else:
            target.click()

    def press_button(self, name: str | re.Pattern[str], within: Locator | None = None) -> None:
        self.press((within or self.page).get_by_role("button", name=name))

    def follow(self, name: str | re.Pattern[str], within: Locator | None = None) -> None:
        self.press((within or self.page.locator("main")).get_by_role("link", name=name))

    def unfold(self, words: str) -> None:
        self.press(self.page.locator("summary", has_text=words))

    def write(self, target: Locator, text: str) -> None:
        """Fill a field anew."""
        if self.way == Way.KEYS:
            self.reach(target)
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(text) if text else self.page.keyboard.press("Delete")
        else:
            target.fill(text)

    def write_day(self, target: Locator, day: str) -> None:
        """Fill a day, given as « 2026-12-31 », in the browser's own field: its parts in the browser's own order."""
        if self.way == Way.KEYS:
            self.reach(target)
            year, month, rest = day.split("-")
            self.page.keyboard.type(f"{rest}{month}{year}")
            if target.input_value() != day:
                for key in ("ArrowLeft", "ArrowLeft", "ArrowLeft"):
                    self.page.keyboard.press(key)
                self.page.keyboard.type(f"{month}{rest}{year}")
            expect(target).to_have_value(day)
        else:
            target.fill(day)

    def write_time(self, target: Locator, hours: str) -> None:
        """Fill a time of the morning, given as « 09:30 »: the letter is for browsers that count to twelve twice."""
        if self.way == Way.KEYS:
            self.reach(target)
            self.page.keyboard.type(hours.replace(":", "") + "A")
            expect(target).to_have_value(hours)
        else:
            target.fill(hours)

    def pick(self, target: Locator, label: str) -> None:
        """Choose in a drop-down list."""
        if self.way == Way.KEYS:
            self.reach(target)
            self.page.keyboard.type(label)
            expect(target.locator("option:checked")).to_have_text(label)
        else:
            target.select_option(label=label)

    def choose(self, target: Locator) -> None:
        """A radio button."""
        if self.way != Way.KEYS:
            target.check()
            return
        self.reach(target)
        while not target.evaluate(f"(box) => box === {ACTIVE}"):
            self.page.keyboard.press("ArrowDown")
        if not target.is_checked():
            self.page.keyboard.press("Space")
        expect(target).to_be_checked()

    def toggle(self, target: Locator) -> None:
        """A checkbox."""
        if self.way == Way.KEYS:
            self.reach(target)
            self.page.keyboard.press("Space")
        elif self.way == Way.TOUCH:
            target.tap()
        else:
            target.click()

    def attach(self, target: Locator, *files: Any) -> None:
        """Choose files; by keyboard, in the window that Enter opens on the field."""
        if self.way == Way.KEYS:
            self.reach(target)
            with self.page.expect_file_chooser() as chooser:
                self.page.keyboard.press("Enter")
            chooser.value.set_files(list(files))
        else:
            target.set_input_files(list(files))

    def reach(self, target: Locator) -> None:
        """Press Tab until ``target`` has the focus; each stop on the way must be seen, marked and in order."""
        # Scripts move the focus once when the page has loaded; a person presses no key before.
        self.page.wait_for_load_state("load")
        goal = target.element_handle()
        assert goal is not None
        before: Any = self.page.evaluate_handle(ACTIVE)
        for _ in range(STOPS_MAX):
            stop = self.page.evaluate(LOOK_AT_FOCUS, [goal, None])
            if stop["reached"] and stop["marked"]:
                return
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(LOOK_AT_FOCUS, [goal, before])
            if stop["nowhere"]:
                before = None
                continue
            assert stop["seen"], f"the focus went out of sight, to {stop['what']}"
            assert stop["marked"], f"nothing shows the focus on {stop['what']}"
            assert stop["forward"], f"the focus went back, to {stop['what']}"
            before = self.page.evaluate_handle(ACTIVE)
        pytest.fail(f"{STOPS_MAX} presses of Tab do not lead to {target}")

    def walk_board(self, target: Locator) -> None:
        """With the arrows from the box that has the focus to another of the board of half-hours."""
        day, half_hour = (int(part) for part in str(target.get_attribute("value")).split("-"))
        stand = str(self.page.evaluate(f"{ACTIVE}.value"))
        from_day, from_half_hour = (int(part) for part in stand.split("-"))
        sideways = "ArrowRight" if day > from_day else "ArrowLeft"
        along = "ArrowDown" if half_hour > from_half_hour else "ArrowUp"
        for key in [sideways] * abs(day - from_day) + [along] * abs(half_hour - from_half_hour):
            self.page.keyboard.press(key)
        expect(target).to_be_focused()

    # Signing in

    def sign_in(self, account: str) -> None:
        """By password, as the demonstration's accounts do; how that is done is no part of what is looked at."""
        self.open("/compte/login/")
        self.page.fill("[name=login]", f"{account}@demo.example")
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/accueil/")

    def sign_in_anew(self, account: str) -> None:
        """As somebody else, on the same telephone."""
        self.page.context.clear_cookies()
        self.sign_in(account)

    # What is seen

    def sees(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("main").get_by_text(words).first).to_be_visible()

    def sees_title(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def is_told(self, words: str | re.Pattern[str]) -> None:
        """In the messages above the page."""
        expect(self.page.locator(".messages")).to_contain_text(words)

    def is_corrected(self, *fields: Locator) -> None:
        """The summary of errors leads to each of ``fields``, and each says beside it what is wrong."""
        summary = self.page.locator(".error-summary")
        expect(summary).to_be_visible()
        if self.way == Way.KEYS:
            expect(summary).to_be_focused()
        for field in fields:
            expect(field).to_have_attribute("aria-invalid", "true")
            link = summary.locator(f"a[href='#{field.get_attribute('id')}']")
            expect(link).to_be_visible()
            self.press(link)
            if self.way == Way.KEYS:
                expect(field).to_be_focused()

    def is_asked_why(self) -> None:
        """For a refusal without a reason: by its key, at once in the field; by its button, in the answer."""
        reason = self.page.get_by_label("Pourquoi")
        if self.way == Way.KEYS:
            expect(reason).to_be_focused()
            # Back over the level to the box of the competency: in a field, letters are letters.
            self.page.keyboard.press("Shift+Tab")
            self.page.keyboard.press("Shift+Tab")
        else:
            self.is_corrected(reason)

    def fits(self) -> None:
        """Nothing sticks out sideways."""
        assert self.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def read_mail(demonstration: Demonstration, address: str, subject: str) -> str:
    """The text of the last mail to ``address`` whose subject holds these words; it may be on its way yet."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < deadline:
        for path in sorted(demonstration.outbox.glob("*.eml"), reverse=True):
            mail = email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)
            if str(mail["To"]) == address and subject in str(mail["Subject"]):
                body = mail.get_body(preferencelist=("plain",))
                assert body is not None
                return str(body.get_content())
        time.sleep(0.1)
    names = [path.read_text()[:300] for path in demonstration.outbox.glob("*.eml")]
    pytest.fail(f"no mail to {address} about « {subject} » among {names}")


def path_in(text: str, start: str) -> str:
    """The path, beginning with ``start``, of the link in a mail: mails name a host that tests do not serve."""
    found = re.search(rf"https?://[^/\s]+({re.escape(start)}\S*)", text)
    assert found, f"no link to {start} in: {text}"
    return found[1]


@contextmanager
def visit(browser: Browser, demonstration: Demonstration, way: Way) -> Iterator[Visitor]:
    """A telephone of its own, thrown away afterwards. By keyboard, the same narrow window without touch."""
    context = browser.new_context(
        base_url=demonstration.url,
        locale="fr-FR",
        reduced_motion="reduce",
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        has_touch=way == Way.TOUCH,
        is_mobile=way == Way.TOUCH,
        java_script_enabled=way != Way.PLAIN,
    )
    context.set_default_timeout(PATIENCE_MS)
    problems: list[str] = []
    page = context.new_page()
    # Somebody listens from the start: asked for at the press of a key only, a choice of files could come too early.
    page.on("filechooser", lambda _: None)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on("response", lambda answer: problems.append(f"500: {answer.url}") if answer.status >= 500 else None)
    try:
        yield Visitor(page, way, demonstration)
    finally:
        context.close()
    assert problems == []
