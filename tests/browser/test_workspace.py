"""What the workspace's page itself can do: every element, files, people of a channel, menus."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Queue
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from sandbox.client import PATIENCE_S
from sandbox.server import Sandbox
from tests.browser.desk import PATIENCE_MS, Desk, sit_down
from tests.sandbox.conftest import MANIFEST

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Json = dict[str, Any]
SCOPES = [
    *("chat:write", "commands", "im:history", "im:write", "users:read"),
    *("channels:read", "groups:read", "im:read", "files:read", "files:write"),
]
MIME = {"name": "chart.png", "mimeType": "image/png"}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
"""One black pixel."""


@dataclass
class Workshop:
    """A workspace with a small app that keeps what it is told."""

    sandbox: Sandbox
    api: WebClient
    told: Queue[Json] = field(default_factory=Queue)
    form: Json = field(default_factory=dict)

    def next(self) -> Json:
        """Wait for what the app is told next."""
        return self.told.get(timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    settings = {"event_subscriptions": {"bot_events": ["message.im"]}}
    changed = {"oauth_config": {"scopes": {"bot": SCOPES}}, "settings": settings}
    with Sandbox(MANIFEST | changed, deadline_s=PATIENCE_S) as sandbox:
        api = WebClient(sandbox.bot_token, base_url=sandbox.api_url)
        shop = Workshop(sandbox, api)
        handler = SocketModeHandler(small_app(shop), sandbox.app_token, web_client=api)
        handler.connect()  # type: ignore[no-untyped-call]
        yield shop
        handler.client.auto_reconnect_enabled = False
        for _ in range(2):  # the reader may close the socket first and trip the first attempt
            with suppress(AttributeError):
                handler.close()  # type: ignore[no-untyped-call]


def small_app(shop: Workshop) -> App:
    app = App(client=shop.api, signing_secret=shop.sandbox.signing_secret)

    def keep(ack: Any, body: Json) -> None:
        ack()
        shop.told.put(body)

    def opens(ack: Any, body: Json) -> None:
        shop.api.views_open(trigger_id=body["trigger_id"], view=shop.form)
        ack()

    app.command("/segment")(opens)
    app.action("x")(keep)
    app.view("form")(keep)
    app.shortcut("log_contact")(keep)
    app.event("message")(lambda body: shop.told.put(body))
    app.options("x")(lambda ack, payload: ack(options=[option(f"{payload['value']} GmbH")]))
    return app


@pytest.fixture
def anna(browser: Browser, workshop: Workshop) -> Iterator[Desk]:
    desk = sit_down(browser, workshop.sandbox)
    yield desk
    desk.page.close()
    for view in workshop.sandbox.client.views("U0ANNA"):
        workshop.sandbox.client.close("U0ANNA", view["id"], clear=True)


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(text: str) -> Json:
    return {"text": plain(text), "value": text.lower()}


def asked(label: str, kind: str, **more: Any) -> Json:
    """Return a field that need not be filled in, called by its label."""
    element = {"type": kind, "action_id": "x", **more}
    return {
        "type": "input",
        "block_id": label,
        "label": plain(label),
        "element": element,
        "optional": True,
    }


def form(*blocks: Json) -> Json:
    named = {"title": plain("Form"), "submit": plain("Save"), "callback_id": "form"}
    return {"type": "modal", **named, "blocks": list(blocks)}


def pick(desk: Desk, label: str, typed: str, wanted: str) -> None:
    """Search in a field, and choose a hit with the mouse once the list has followed."""
    field = desk.modal().get_by_label(label)
    field.click()
    field.press_sequentially(typed)
    expect(field.locator("xpath=..")).not_to_have_attribute("aria-busy", "true")
    desk.page.locator(".listbox").get_by_role("option", name=wanted, exact=True).click()


def test_several_can_be_chosen_and_taken_away_again(anna: Desk, workshop: Workshop) -> None:
    fields = [option(name) for name in ("Grow", "Fix", "Model", "Move")]
    workshop.form = form(
        asked("Fields", "multi_static_select", options=fields, max_selected_items=2),
        asked("Clients", "multi_external_select", min_query_length=2),
        asked("People", "multi_users_select"),
        asked("Channels", "multi_channels_select"),
        asked("Places", "multi_conversations_select", initial_conversations=["C0TEAM"]),
    )
    anna.say("/segment")
    for wanted in ("Grow", "Fix"):
        pick(anna, "Fields", "", wanted)
    anna.modal().get_by_label("Fields").press("ArrowDown")
    expect(anna.page.locator(".listbox.pop")).to_have_text("Höchstens 2")
    anna.modal().get_by_role("button", name="Grow entfernen").click()
    pick(anna, "Fields", "mo", "Move")
    pick(anna, "Clients", "Hub", "Hub GmbH")
    pick(anna, "People", "vogt", "Katharina Vogt")
    pick(anna, "People", "emily", "Emily Carter")
    pick(anna, "Channels", "kaf", "kaffee")
    anna.modal().get_by_test_id("modal-submit").click()
    values = workshop.next()["view"]["state"]["values"]
    assert [each["value"] for each in values["Fields"]["x"]["selected_options"]] == ["fix", "move"]
    assert values["Clients"]["x"]["selected_options"] == [option("Hub GmbH")]
    assert values["People"]["x"]["selected_users"] == ["U0VOGT", "U0EMILY"]
    assert values["Channels"]["x"]["selected_channels"] == ["C0PUB"]
    assert values["Places"]["x"]["selected_conversations"] == ["C0TEAM"]
    expect(anna.page.get_by_test_id("modal")).to_have_count(0)


def test_times_texts_files_and_choices_reach_the_app(anna: Desk, workshop: Workshop) -> None:
    choices = [option("Phone"), option("Visit")]
    workshop.form = form(
        asked("Meeting", "datetimepicker"),
        asked("Call at", "timepicker"),
        asked("Ways", "checkboxes", options=choices),
        asked("Best", "radio_buttons", options=choices),
        asked("Letter", "rich_text_input"),
        asked("Book", "file_input", filetypes=["png"], max_files=1),
    )
    anna.say("/segment")
    modal = anna.modal()
    modal.get_by_label("Meeting").fill("2026-12-24T18:30")
    modal.get_by_label("Call at").fill("08:15")
    modal.get_by_role("group", name="Ways").get_by_label("Visit").check()
    modal.get_by_role("radiogroup", name="Best").get_by_label("Phone").check()
    modal.get_by_label("Letter").fill("Dear Ms Huber")
    modal.get_by_label("Book").set_input_files([{**MIME, "buffer": PNG}])
    expect(modal.get_by_label("Book")).not_to_have_attribute("aria-busy", "true")
    modal.get_by_test_id("modal-submit").click()
    values = workshop.next()["view"]["state"]["values"]
    # Half past six in Berlin, in winter
    in_berlin = datetime(2026, 12, 24, 17, 30, tzinfo=UTC)
    assert values["Meeting"]["x"]["selected_date_time"] == in_berlin.timestamp()
    assert values["Call at"]["x"]["selected_time"] == "08:15"
    assert values["Ways"]["x"]["selected_options"] == [option("Visit")]
    assert values["Best"]["x"]["selected_option"] == option("Phone")
    (section,) = values["Letter"]["x"]["rich_text_value"]["elements"]
    assert section["elements"] == [{"type": "text", "text": "Dear Ms Huber"}]
    (file,) = values["Book"]["x"]["files"]
    assert (file["name"], file["size"]) == ("chart.png", len(PNG))


def test_a_search_in_a_message_offers_what_the_app_knows(anna: Desk, workshop: Workshop) -> None:
    search = {"type": "external_select", "action_id": "x", "min_query_length": 2}
    blocks = [{"type": "actions", "block_id": "who", "elements": [search]}]
    workshop.api.chat_postMessage(channel="U0ANNA", text="Whom do you look for?", blocks=blocks)
    message = anna.page.get_by_test_id("message").filter(has=anna.page.get_by_role("combobox"))
    message.get_by_role("combobox").press_sequentially("Huber")
    anna.page.get_by_role("option", name="Huber GmbH").click()
    (action,) = workshop.next()["actions"]
    assert action["selected_option"] == option("Huber GmbH")


def test_a_picture_of_the_app_is_shown_with_its_words(anna: Desk, workshop: Workshop) -> None:
    words = "Four bars: the tiers of the book"
    workshop.api.files_upload_v2(
        channel="D0ANNA", filename="chart.png", content=PNG, alt_txt=words, initial_comment="Book"
    )
    picture = anna.answer("Book").get_by_role("img", name=words)
    expect(picture).to_be_visible()
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => image.naturalWidth") == 1


def test_a_file_is_handed_to_the_app_with_the_button_or_dropped(
    anna: Desk, workshop: Workshop
) -> None:
    anna.page.get_by_test_id("attach-input").set_input_files(
        [{"name": "clients.csv", "mimeType": "text/csv", "buffer": b"name\nHuber\n"}]
    )
    (file,) = workshop.next()["event"]["files"]
    assert (file["name"], file["size"]) == ("clients.csv", 11)
    expect(anna.answer("clients.csv").get_by_role("link")).to_be_visible()
    # When another one is dropped on the messages
    dropped = anna.page.evaluate_handle(
        """() => {
          const given = new DataTransfer();
          given.items.add(new File(["name\\n"], "more.csv", { type: "text/csv" }));
          return given;
        }"""
    )
    anna.page.get_by_test_id("messages").dispatch_event("dragover", {"dataTransfer": dropped})
    expect(anna.page.get_by_text("Datei loslassen, um sie zu senden")).to_be_visible()
    anna.page.get_by_test_id("messages").dispatch_event("drop", {"dataTransfer": dropped})
    (file,) = workshop.next()["event"]["files"]
    assert file["name"] == "more.csv"
    expect(anna.page.get_by_text("Datei loslassen, um sie zu senden")).to_be_hidden()


@pytest.mark.parametrize("way", ["right click", "menu button", "keyboard"])
def test_a_message_has_the_apps_actions(anna: Desk, workshop: Workshop, way: str) -> None:
    workshop.api.chat_postMessage(channel="U0ANNA", text=f"Called Ms Huber ({way})")
    message = anna.answer(f"Called Ms Huber ({way})")
    if way == "right click":
        message.get_by_text("Called").click(button="right")
    elif way == "menu button":
        message.hover()
        message.get_by_test_id("message-more").click()
    else:
        message.focus()
        anna.page.keyboard.press("Shift+F10")
    anna.page.get_by_role("menuitem", name="Log as a contact").click()
    body = workshop.next()
    assert (body["type"], body["callback_id"]) == ("message_action", "log_contact")
    assert body["message"]["text"] == f"Called Ms Huber ({way})"


def test_the_app_is_added_to_a_channel_and_a_colleague_leaves_it(
    anna: Desk, browser: Browser, workshop: Workshop
) -> None:
    anna.page.get_by_test_id("place-C0PUB").click()
    anna.page.get_by_test_id("members").click()
    dialog = anna.page.get_by_test_id("members-dialog")
    dialog.get_by_test_id("members-who").select_option("Tierwise")
    dialog.get_by_test_id("members-add").click()
    expect(dialog.get_by_role("button", name="Tierwise aus dem Kanal nehmen")).to_be_visible()
    anna.page.keyboard.press("Escape")
    expect(anna.page.get_by_test_id("members")).to_have_text("6 Personen")
    workshop.api.chat_postMessage(channel="C0PUB", text="Thank you for having me")
    anna.answer("Thank you for having me")
    # When Tom leaves, his page says so, and he may come back
    tom = sit_down(browser, workshop.sandbox, person="U0TOM")
    tom.page.get_by_test_id("place-C0PUB").click()
    tom.page.get_by_test_id("members").click()
    tom.page.get_by_role("button", name="Kanal verlassen").click()
    tom.page.get_by_role("button", name="Dem Kanal beitreten").click()
    expect(tom.page.get_by_role("button", name="Kanal verlassen")).to_be_visible()
    tom.page.close()
    anna.answer("ist dem Kanal beigetreten.")


def test_everybody_reads_the_time_of_their_own_place(
    anna: Desk, browser: Browser, workshop: Workshop
) -> None:
    # Eight in the evening in Berlin, seven in London
    then = int(datetime(2026, 12, 1, 19, 0, tzinfo=UTC).timestamp())
    text = f"Due <!date^{then}^{{date_short}} {{time}}|1 Dec>"
    for person in ("U0ANNA", "U0EMILY"):
        workshop.api.chat_postMessage(channel=person, text=text)
    anna.answer("Due 1. Dez. 2026 20:00")
    emily = sit_down(browser, workshop.sandbox, person="U0EMILY")
    emily.answer("Due 1 Dec 2026 19:00")
    emily.page.close()


def test_what_happens_while_the_page_opens_is_not_missed(
    browser: Browser, workshop: Workshop
) -> None:
    # Given a page whose news begin to come only after the app has published Home
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)

    def late(route: Route) -> None:
        blocks = [{"type": "section", "text": plain("Published meanwhile")}]
        workshop.api.views_publish(user_id="U0TOM", view={"type": "home", "blocks": blocks})
        route.continue_()

    page.route("**/ui/events*", late)
    page.goto(f"{workshop.sandbox.page_url}#as=U0TOM&tab=home")
    expect(page.get_by_test_id("home")).to_contain_text("Published meanwhile")
    page.close()


def test_a_name_keeps_its_stars(anna: Desk, workshop: Workshop) -> None:
    name = "\u2060*\u2060Stern\u2060*\u2060 & a\u2060_\u2060b\u2060_\u2060c"
    text = f"*{name}* is due".replace("&", "&amp;")
    workshop.api.chat_postMessage(channel="U0ANNA", text=text)
    bold = anna.answer("is due").locator("strong", has_text="Stern")
    expect(bold).to_have_text(name)


def test_the_newest_message_stays_in_sight_when_the_window_shrinks(
    browser: Browser, workshop: Workshop
) -> None:
    for number in range(30):
        workshop.api.chat_postMessage(channel="U0JONAS", text=f"Message number {number}.")
    jonas = sit_down(browser, workshop.sandbox, person="U0JONAS")
    newest = jonas.answer("Message number 29.")
    expect(newest).to_be_in_viewport(ratio=1)
    jonas.page.set_viewport_size({"width": 390, "height": 500})
    expect(newest).to_be_in_viewport(ratio=1)
    jonas.page.close()


def test_what_arrives_is_read_out(anna: Desk, workshop: Workshop) -> None:
    workshop.api.chat_postMessage(channel="U0ANNA", text="Ms Huber called back")
    log = anna.page.get_by_role("log", name="Nachrichten in Tierwise")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log.get_by_role("article").filter(has_text="Ms Huber called back")).to_be_visible()
    # An answer that is on its way is said as well
    expect(anna.page.locator("#waiting")).to_have_attribute("role", "status")


def test_the_page_is_dark_when_one_wants_it_so(anna: Desk) -> None:
    shade = "getComputedStyle(document.body).colorScheme + document.documentElement.dataset.theme"
    anna.page.get_by_test_id("theme").click()
    assert anna.page.evaluate(shade).endswith("dark")
    anna.page.reload()
    expect(anna.page.get_by_test_id("act-as")).to_be_visible()
    assert anna.page.evaluate(shade).endswith("dark")


def test_tables_lists_and_groups_are_what_they_say_to_a_screen_reader(
    anna: Desk, workshop: Workshop
) -> None:
    cells = [["Tier", "Clients"], ["A", "12"], ["B", "40"]]
    rows = [[{"type": "raw_text", "text": text} for text in row] for row in cells]
    bullets = [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        for text in ("call", "write")
    ]
    listed = {"type": "rich_text_list", "style": "ordered", "elements": bullets}
    card = {"type": "card", "title": plain("Huber"), "body": plain("Tier A")}
    quote = {"type": "section", "text": plain("Folded away")}
    blocks = [
        {"type": "header", "text": plain("The book")},
        {"type": "data_table", "caption": "Clients by tier", "rows": rows},
        {"type": "rich_text", "elements": [listed]},
        {"type": "markdown", "text": "## Why\n**12** of 52"},
        {"type": "carousel", "elements": [card, card | {"title": plain("Meier")}]},
        {"type": "container", "title": plain("Details"), "child_blocks": [quote]}
        | {"is_collapsible": True, "default_collapsed": True},
    ]
    workshop.api.chat_postMessage(channel="U0ANNA", text="The book", blocks=blocks)
    message = anna.answer("The book")
    table = message.get_by_role("table", name="Clients by tier")
    expect(table.get_by_role("columnheader")).to_have_text(["Tier", "Clients"])
    expect(table.get_by_role("rowheader")).to_have_text(["A", "B"])
    expect(message.locator("ol").get_by_role("listitem")).to_have_text(["call", "write"])
    expect(message.get_by_role("heading", name="Why")).to_be_visible()
    expect(message.get_by_role("list", name="Karten").get_by_role("listitem")).to_have_count(2)
    expect(message.get_by_text("Folded away")).to_be_hidden()
    message.get_by_text("Details").click()
    expect(message.get_by_text("Folded away")).to_be_visible()
