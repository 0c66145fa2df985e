"""The screens behind the story: forms, settings, the keyboard, a telephone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from sandbox.server import Sandbox
from tests.browser.desk import Desk, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


HOLD_THE_ANSWER = """
const plain = window.fetch;
window.fetch = async (path, ...rest) => {
  const answer = await plain(path, ...rest);
  if (String(path).endsWith("view/submit")) await new Promise((go) => (window.release = go));
  return answer;
};
"""
"""The answer to a form that was sent comes after the news of what it changed, as it may."""


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
    expect(modal.get_by_role("heading", name="Saved")).to_be_visible()
    modal.get_by_role("button", name="Undo").click()
    expect(modal.get_by_role("heading", name="Taken back")).to_be_visible()
    expect(modal.get_by_role("button", name="Undo")).to_have_count(0)


def test_settings_are_opened_from_home_and_change_the_language(
    browser: Browser, sandbox: Sandbox
) -> None:
    jonas = sit_down(browser, sandbox, person="U0JONAS", tab="home")
    home = jonas.page.get_by_test_id("home")
    home.get_by_role("button", name=re.compile("Einstellungen|Settings")).click()
    modal = jonas.modal()
    modal.get_by_role("combobox").select_option("English")
    modal.get_by_test_id("modal-submit").click()
    expect(modal).to_contain_text("Your settings hold from now on.")
    modal.get_by_test_id("modal-cancel").click()
    expect(home).to_contain_text("Your priorities this week")
    # And back to the language of his workspace, in which he acts elsewhere too
    home.get_by_role("button", name="Settings").click()
    modal.get_by_role("combobox").select_option("As in Slack")
    modal.get_by_test_id("modal-submit").click()
    expect(modal).to_contain_text("Die Einstellungen gelten ab jetzt.")
    modal.get_by_test_id("modal-cancel").click()
    expect(home).to_contain_text("Prioritäten dieser Woche")
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
    expect(offered).to_have_text(["Jens Müller"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Jens Müller")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(anna.modal().get_by_test_id("modal-submit")).to_be_focused()
    page.keyboard.press("Enter")
    expect(anna.modal()).to_contain_text("Jens Müller ·")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("modal")).to_have_count(0)
    page.close()


def test_what_a_form_turned_into_can_be_used_at_once_and_closed_with_escape(
    browser: Browser, sandbox: Sandbox
) -> None:
    # Given a form whose answer is overtaken by the news of the new view
    anna = sit_down(browser, sandbox)
    page = anna.page
    page.evaluate(HOLD_THE_ANSWER)
    card = card_of(anna, "Jana Müller", "Jana Müller ·")
    card.get_by_role("button", name="Zufriedenheit erfassen").click()
    anna.modal().get_by_label("Wert").fill("2")
    page.keyboard.press("Enter")
    expect(anna.modal().get_by_role("heading", name="Gespeichert")).to_be_visible()
    # Then the focus stands in it, and nothing waits for the answer
    expect(anna.modal().locator("[data-focus]:focus, footer button:focus")).to_have_count(1)
    expect(anna.modal().locator(":disabled")).to_have_count(0)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("modal")).to_have_count(0)
    # And the late answer brings nothing back
    page.evaluate("window.release()")
    anna.say("/segment Jana Müller")
    anna.answer("Jana Müller ·")
    expect(page.get_by_test_id("modal")).to_have_count(0)
    page.close()


def test_a_form_is_filled_in_and_taken_back_with_the_keyboard_alone(emily: Desk) -> None:
    keys, name = emily.page.keyboard, first_client(emily)
    card = card_of(emily, name, f"{name} ·")
    card.get_by_role("button", name="Record satisfaction").focus()
    keys.press("Enter")
    score = emily.modal().get_by_label("Score")
    expect(emily.modal().get_by_label("Scale")).to_be_focused()
    # The form is sent empty: the field in want of something has the focus
    keys.press("Tab")
    expect(score).to_be_focused()
    keys.press("Enter")
    expect(emily.modal().get_by_test_id("field-error")).to_have_text("Please fill in this field.")
    expect(score).to_be_focused()
    keys.type("3")
    keys.press("Enter")
    expect(emily.modal().get_by_role("heading", name="Saved")).to_be_visible()
    # What it turned into is within reach of the Tab key, and Tab does not leave it
    undo = emily.modal().get_by_role("button", name="Undo")
    for _ in range(5):
        if undo.evaluate("node => node === document.activeElement"):
            break
        keys.press("Tab")
    expect(undo).to_be_focused()
    keys.press("Enter")
    expect(emily.modal().get_by_role("heading", name="Taken back")).to_be_visible()
    keys.press("Escape")
    expect(emily.page.get_by_test_id("modal")).to_have_count(0)
    expect(card.get_by_role("button", name="Record satisfaction")).to_be_focused()


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
