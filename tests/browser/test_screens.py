"""The screens behind the story: forms, settings, the keyboard, a telephone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from sandbox.server import Sandbox
from tests.browser.desk import ANSWER_MS, Desk, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def sideways(page: Page) -> int:
    """Return by how many pixels the page can be scrolled sideways."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def card_of(desk: Desk, typed: str, headline: str) -> Locator:
    desk.say(f"/segment {typed}")
    return desk.answer(headline)


@pytest.fixture(autouse=True)
def no_modal_left(sandbox: Sandbox) -> Iterator[None]:
    """Close what a test leaves open: the workspace remembers it for the next one."""
    yield
    for who in ("U0ANNA", "U0EMILY", "U0JONAS"):
        for view in sandbox.client.views(who)[-1:]:
            sandbox.client.close(who, view["id"], clear=True)


@pytest.fixture
def emily(browser: Browser, sandbox: Sandbox) -> Iterator[Desk]:
    """Sit Emily Carter down, who reads English."""
    desk = sit_down(browser, sandbox, person="U0EMILY")
    yield desk
    desk.page.close()


def first_client(desk: Desk) -> str:
    """Return whom Emily's list names first."""
    desk.say("/priorities")
    opens = desk.answer("Your priorities this week").get_by_role("button", name="Open:").first
    return (opens.get_attribute("aria-label") or "").removeprefix("Open: ")


def test_a_form_says_what_is_wrong_then_saves_then_takes_back(emily: Desk) -> None:
    name = first_client(emily)
    card = card_of(emily, name, f"{name} ·")
    card.get_by_role("button", name="Record wallet").click()
    modal = emily.modal()
    amount = modal.get_by_label("Wallet in all")
    amount.fill("1.234")
    modal.get_by_test_id("modal-submit").click()
    expect(modal.get_by_test_id("field-error")).to_have_text(
        "This can be read in two ways. Please write 1234 or 1.23."
    )
    amount.fill("9,999,999.00")
    modal.get_by_test_id("modal-submit").click()
    expect(modal.get_by_role("heading", name="Saved")).to_be_visible(timeout=ANSWER_MS)
    modal.get_by_role("button", name="Undo").click()
    expect(modal.get_by_role("heading", name="Taken back")).to_be_visible(timeout=ANSWER_MS)
    expect(modal.get_by_role("button", name="Undo")).to_have_count(0)


def test_settings_are_opened_from_home_and_change_the_language(
    browser: Browser, sandbox: Sandbox
) -> None:
    jonas = sit_down(browser, sandbox, person="U0JONAS", tab="home")
    home = jonas.page.get_by_test_id("home")
    home.get_by_role("button", name=re.compile("Einstellungen|Settings")).click(timeout=ANSWER_MS)
    modal = jonas.modal()
    modal.get_by_role("combobox").select_option("English")
    modal.get_by_test_id("modal-submit").click()
    expect(modal).to_contain_text("Your settings hold from now on.", timeout=ANSWER_MS)
    modal.get_by_test_id("modal-cancel").click()
    expect(home).to_contain_text("Your priorities this week", timeout=ANSWER_MS)
    jonas.page.close()


def test_a_client_is_found_with_the_keyboard_alone(browser: Browser, sandbox: Sandbox) -> None:
    anna = sit_down(browser, sandbox)
    page = anna.page
    page.get_by_test_id("composer").focus()
    # The command is completed, and sent with Enter
    page.keyboard.type("/seg")
    page.keyboard.press("Tab")
    page.keyboard.type("Jana Müller")
    page.keyboard.press("Enter")
    anna.answer("Jana Müller · S")
    # The shortcut: its menu, the search, the arrow keys
    page.get_by_test_id("shortcuts").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(anna.modal()).to_be_visible()
    field = anna.modal().get_by_role("combobox")
    expect(field).to_be_focused()
    page.keyboard.type("jens müller")
    offered = page.locator(".listbox").get_by_role("option")
    expect(offered).to_have_text(["Jens Müller"], timeout=ANSWER_MS)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Jens Müller")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(anna.modal().get_by_test_id("modal-submit")).to_be_focused()
    page.keyboard.press("Enter")
    expect(anna.modal()).to_contain_text("Jens Müller ·", timeout=ANSWER_MS)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("modal")).to_have_count(0)
    page.close()


def test_nobody_of_that_name_is_one_sentence(emily: Desk) -> None:
    emily.say("/segment Xyzzy Quux")
    expect(emily.answer("No client “Xyzzy Quux” in your book.")).to_be_visible()


def test_on_a_telephone_nothing_is_wider_than_the_screen(
    browser: Browser, sandbox: Sandbox
) -> None:
    anna = sit_down(browser, sandbox, size=(390, 844))
    card = card_of(anna, "Jana Müller", "Jana Müller ·")
    assert sideways(anna.page) == 0
    box = card.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    # What can be pressed lies within reach, one below the other if need be
    for button in card.get_by_role("button").all():
        where = button.bounding_box()
        assert where is not None
        assert where["x"] + where["width"] <= 390
    card.get_by_role("button", name="Vermögen erfassen").click()
    expect(anna.modal().get_by_test_id("modal-submit")).to_be_in_viewport()
    assert sideways(anna.page) == 0
    anna.page.close()
