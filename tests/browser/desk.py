"""The demo with a browser in front of it: for the browser tests and the pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bot.demo.run import demo_runtime, demo_service
from bot.manifest import manifest
from sandbox.client import PATIENCE_S
from sandbox.server import Sandbox
from tests.chromium import ARGUMENTS, chromium

PATIENCE_MS = PATIENCE_S * 1000
"""How long anything may take to show: a loaded machine needs time, an idle one milliseconds."""


@contextmanager
def demo(folder: Path) -> Iterator[Sandbox]:
    """Run the demo as `make demo` does."""
    with Sandbox(manifest(), deadline_s=PATIENCE_S) as sandbox:
        runtime = demo_runtime(sandbox, folder)
        with demo_service(runtime, sandbox):
            yield sandbox


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium without a window."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        chosen = playwright.chromium.launch(
            executable_path=chromium(), args=list(ARGUMENTS), timeout=PATIENCE_MS
        )
        yield chosen
        chosen.close()


@dataclass
class Desk:
    """One person in front of the page."""

    page: Page
    seen: str = ""
    """The newest message when something was last said."""

    def say(self, text: str) -> None:
        """Type into the composer and send."""
        expect(self.page.get_by_test_id("messages")).not_to_have_attribute("aria-busy", "true")
        messages = self.page.get_by_test_id("message")
        newest = messages.last.get_attribute("data-ts") if messages.count() else None
        self.seen = f'[data-ts="{newest}"] ~ ' if newest else ""
        composer = self.page.get_by_test_id("composer")
        composer.fill(text)
        composer.press("Enter")

    def answer(self, text: str) -> Locator:
        """Wait for a message that holds a text, the newest one since something was said."""
        fresh = self.page.locator(f"{self.seen}[data-testid=message]")
        message = fresh.filter(has_text=text).last
        expect(message).to_be_visible()
        return message

    def modal(self) -> Locator:
        """Wait for the topmost modal."""
        modal = self.page.get_by_test_id("modal").last
        expect(modal).to_be_visible()
        return modal


def sit_down(
    browser: Browser,
    sandbox: Sandbox,
    *,
    person: str = "U0ANNA",
    tab: str = "messages",
    size: tuple[int, int] = (1280, 900),
    scheme: Literal["light", "dark"] = "light",
    locale: str | None = None,
) -> Desk:
    """Open the page as a person."""
    width, height = size
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale
    )
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{sandbox.page_url}#as={person}&tab={tab}")
    expect(page.get_by_test_id("act-as")).to_be_visible()
    return Desk(page)
