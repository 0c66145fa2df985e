"""Takes a picture of every screen, in both languages, light and dark, at a desk and on a telephone.

`python -m tests.browser.album FOLDER` fills the folder; look at it after a change of the page.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Locator, expect

from sandbox.server import Sandbox
from tests.browser.desk import Desk, browser, demo, sit_down
from tests.browser.messages import take_messages

SIZES = {"desk": (1280, 900), "phone": (390, 844)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass(frozen=True)
class Speaker:
    """Somebody who reads the screens in a language, and what to look up in their book."""

    language: str
    person: str
    client: str
    family: str
    digest: str


SPEAKERS = (
    Speaker("de", "U0ANNA", "Jana Müller", "müller", "Die Woche ab Montag"),
    Speaker("en", "U0EMILY", "", "cartwright", "Your week from Monday"),
)
VISITORS = {
    "lead": "U0VOGT",
    "assistant": "U0PIA",
    "compliance": "U0CLAIRE",
    "admin": "U0IDA",
    "stranger": "U0TOM",
    "guest": "U0LENA",
    "guest-en": "U0MARIO",
}


REDRAWN_MS = 1000
"""Home shows first what it showed last."""
FORMS = 3
"""No more than so many follow one another."""


@dataclass(frozen=True)
class Album:
    """Where the pictures go."""

    folder: Path

    def take(self, desk: Desk, name: str, shown: Locator | None = None) -> None:
        """Take a screen in each size and scheme."""
        for size, scheme in product(SIZES, SCHEMES):
            width, height = SIZES[size]
            desk.page.set_viewport_size({"width": width, "height": height})
            desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if shown is not None:
                shown.evaluate("node => node.scrollIntoView({block: 'start'})")
            desk.page.screenshot(path=self.folder / f"{name}.{size}.{scheme}.png")
        width, height = SIZES["desk"]
        desk.page.set_viewport_size({"width": width, "height": height})


def walk(album: Album, sandbox: Sandbox, chromium: Browser) -> None:
    """Take every screen."""
    for speaker in SPEAKERS:
        desk = sit_down(chromium, sandbox, person=speaker.person, locale=speaker.language)
        talk(album, desk, speaker)
        desk.page.close()
    lead = sit_down(chromium, sandbox, person=VISITORS["lead"])
    album.take(lead, "digest-lead", lead.page.get_by_test_id("message").last)
    lead.page.close()
    for who, person in VISITORS.items():
        desk = sit_down(chromium, sandbox, person=person, tab="home")
        desk.page.get_by_test_id("home").locator(".block").first.wait_for()
        album.take(desk, f"home-{who}")
        desk.page.close()


def talk(album: Album, desk: Desk, speaker: Speaker) -> None:
    """Take what one advisor sees."""
    language, page = speaker.language, desk.page
    album.take(desk, f"welcome.{language}")
    lists = answered(desk, "/priorities")
    album.take(desk, f"priorities.{language}", lists)
    client = speaker.client or first_name(lists)
    for name, typed in (
        ("picker", f"/segment {speaker.family}"),
        ("nobody", "/segment Xyzzy Quux"),
        ("help", "/segment help"),
        ("book", "/book"),
        ("rules", "/book rules"),
        ("due", "/due"),
        ("due-client", f"/due {client}"),
        ("events", "/events"),
        ("practice", "/book practice"),
    ):
        album.take(desk, f"{name}.{language}", answered(desk, typed))
    hours = answered(desk, "/book capacity")
    album.take(desk, f"capacity.{language}", hours)
    for name, label in (("hire", "Einstellen|Shall we hire"), ("what-if", "geht|goes")):
        hours.get_by_role("button", name=re.compile(label)).click()
        desk.modal()
        album.take(desk, f"{name}.{language}")
        closed(desk)
    card = answered(desk, f"/segment {client}")
    album.take(desk, f"card.{language}", card)
    for number, _ in enumerate(openings(desk, card)):
        modal = desk.modal()
        title = modal.get_attribute("aria-label") or str(number)
        slug = re.sub(r"\W+", "-", title.lower())
        album.take(desk, f"form-{number}-{slug}.{language}")
        if modal.get_by_test_id("modal-submit").count():
            modal.get_by_test_id("modal-submit").click()
            page.locator("dialog[data-busy]").wait_for(state="detached")
            album.take(desk, f"form-{number}-{slug}-sent.{language}")
    page.get_by_test_id("tab-home").click()
    page.get_by_test_id("home").locator(".block").first.wait_for()
    album.take(desk, f"home.{language}")
    page.get_by_test_id("home").get_by_role(
        "button", name=re.compile("Einstellungen|Settings")
    ).click()
    desk.modal().get_by_role("combobox").first.wait_for()
    album.take(desk, f"settings.{language}")
    closed(desk)
    page.get_by_test_id("tab-messages").click()
    page.get_by_test_id("shortcuts").click()
    page.get_by_role("menuitem").first.click()
    desk.modal()
    album.take(desk, f"find.{language}")
    closed(desk)
    page.get_by_test_id("monday").click()
    album.take(desk, f"digest.{language}", desk.answer(speaker.digest))


def keep_records(album: Album, sandbox: Sandbox, chromium: Browser, language: str) -> None:
    """Take an export and an erasure of the firm's records, step by step, in one language."""
    for person in sandbox.world.people.values():
        person.locale = {"de": "de-DE", "en": "en-GB"}[language]
    advisor, compliance, admin = "U0ANNA", VISITORS["compliance"], VISITORS["admin"]
    steps: tuple[tuple[str, str, str], ...] = (
        ("export", admin, "Export aller|Export of all > Datei beantragen|Ask for the file"),
        ("export-confirm", compliance, "Export aller|Export of all > Bestätigen|Confirm"),
        ("export-fetch", admin, "Export aller|Export of all > Datei abholen|Fetch the file"),
        ("erasure-approve", compliance, "Löschungen|Erasures > Ansehen|Look and"),
        ("erasure-do", admin, "Löschungen|Erasures > Löschen|Erase"),
        ("seen", compliance, "Wer einen|Who saw"),
        ("seen-by-number", admin, "Wer einen|Who saw"),
        ("status", admin, "Stand|Status"),
        ("people", compliance, "Personen|People"),
    )
    desk = sit_down(chromium, sandbox, person=advisor, locale=language)
    card = answered(desk, "/segment Jana Müller")
    before = desk.page.get_by_test_id("message").count()
    card.get_by_role("button", name=re.compile("Nachweis|Evidence")).first.click()
    evidence = desk.page.get_by_test_id("message").nth(before)
    evidence.get_by_role("button", name=re.compile("Löschung|erasure")).click()
    sent(album, desk, f"erasure-ask.{language}")
    desk.page.close()
    for name, person, ways in steps:
        desk = sit_down(chromium, sandbox, person=person, tab="home", locale=language)
        shown = desk.page.get_by_test_id("home")
        desk.page.wait_for_timeout(REDRAWN_MS)
        for step, label in enumerate(ways.split(" > ")):
            shown.get_by_role("button", name=re.compile(label)).first.click()
            shown = desk.modal()
            desk.page.locator("dialog[data-busy]").wait_for(state="detached")
            album.take(desk, f"{name}-{step}.{language}")
        sent(album, desk, f"{name}.{language}", *(["Jana Müller"] if name == "seen" else []))
        while desk.page.get_by_test_id("modal").count():
            closed(desk)
        desk.page.close()


def sent(album: Album, desk: Desk, name: str, typed: str = "Wie besprochen") -> None:
    """Fill in the forms that are open, one after the other, and take each and what answers it."""
    for number in range(FORMS):
        modal = desk.modal()
        submit = modal.get_by_test_id("modal-submit")
        if not submit.filter(has_not_text=re.compile("Zurückziehen|Withdraw")).count():
            return
        named = re.search(r"#\d+", modal.inner_text())
        for field in modal.get_by_role("textbox").all():
            field.fill(named[0] if named else typed)
        album.take(desk, f"{name}-{number}-filled")
        submit.click()
        desk.page.locator("dialog[data-busy]").wait_for(state="detached")
        album.take(desk, f"{name}-{number}-sent")


def answered(desk: Desk, typed: str) -> Locator:
    """Type a command; return the message that answers it, behind a "one moment" if need be."""
    messages = desk.page.get_by_test_id("message")
    before = messages.count()
    desk.say(typed)
    messages.nth(before).wait_for()
    expect(messages.last).not_to_contain_text(re.compile("Einen Moment …|One moment …"))
    return messages.last


def first_name(lists: Locator) -> str:
    """Return whom a list names first."""
    label = lists.get_by_role("button", name="Open:").first.get_attribute("aria-label") or ""
    return label.removeprefix("Open: ")


def openings(desk: Desk, card: Locator) -> Iterator[None]:
    """Open each form of a card, one after the other."""
    buttons = card.locator(".block-actions > button:not([aria-haspopup])")
    buttons = buttons.filter(has_not_text=re.compile("Nachweis|Evidence"))  # a message answers
    for at in range(buttons.count()):
        buttons.nth(at).click()
        yield
        closed(desk)
    menus = card.locator("button[aria-haspopup]:not(.more)")
    for at in range(menus.count()):
        menus.nth(at).click()
        items = desk.page.get_by_role("menuitem")
        items.first.wait_for()
        count = items.count()
        desk.page.keyboard.press("Escape")
        for item in range(count):
            menus.nth(at).click()
            desk.page.get_by_role("menuitem").nth(item).click()
            yield
            closed(desk)


def closed(desk: Desk) -> None:
    """Close what is open."""
    desk.modal().get_by_test_id("modal-close").click()
    desk.page.get_by_test_id("modal").wait_for(state="detached")


def main() -> None:
    """Fill the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as store,
        demo(Path(store)) as sandbox,
        browser() as chromium,
    ):
        walk(Album(folder), sandbox, chromium)
        take_messages(folder, chromium)
    for speaker in SPEAKERS:
        with (
            tempfile.TemporaryDirectory() as store,
            demo(Path(store)) as sandbox,
            browser() as chromium,
        ):
            keep_records(Album(folder), sandbox, chromium, speaker.language)


if __name__ == "__main__":
    main()
