"""Buttons, forms, shortcuts and the Home tab, over the real Bolt."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from typing import Any

import pytest
from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from sandbox.client import SandboxClient
from sandbox.server import Sandbox
from sandbox.wire import Json
from sandbox.workspace import DEADLINE_S
from tests.sandbox.conftest import PATIENCE_S

Start = Callable[[], object]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": plain(value.upper()), "value": value}


def buttons() -> list[Json]:
    button = {"type": "button", "action_id": "log", "text": plain("Log"), "value": "client-7"}
    return [{"type": "actions", "block_id": "acts", "elements": [button]}]


def note(block_id: str = "note", **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "text", **more}
    return {"type": "input", "block_id": block_id, "label": plain("Note"), "element": element}


def modal(*blocks: Json, title: str = "Note", **more: Any) -> Json:
    shown = {"type": "modal", "callback_id": "note", "title": plain(title), "submit": plain("Save")}
    return {**shown, "blocks": list(blocks or [note()]), **more}


@pytest.fixture
def heard(app: App) -> Queue[Json]:
    """What reached the app's buttons, forms and shortcuts; each is acknowledged at once."""
    payloads: Queue[Json] = Queue()

    def listen(ack: Ack, body: Json) -> None:
        ack()
        payloads.put(body)

    app.action("log")(listen)
    app.action("pick")(listen)
    app.view("note")(listen)
    app.view_closed("note")(listen)
    app.shortcut("find_client")(listen)
    app.shortcut("log_contact")(listen)
    app.event("app_home_opened")(lambda body: payloads.put(body))
    app.event("message")(lambda body: payloads.put(body))
    return payloads


@pytest.fixture
def segment(app: App) -> Callable[[Json], None]:
    """Let /segment open the given modal."""

    def opens(view: Json) -> None:
        @app.command("/segment")
        def handle(ack: Ack, client: WebClient, command: Json) -> None:
            client.views_open(trigger_id=command["trigger_id"], view=view)
            ack()

    return opens


# buttons in messages


def test_a_click_tells_who_where_and_on_what(
    api: WebClient, connect: Start, people: SandboxClient, heard: Queue[Json]
) -> None:
    connect()
    ts = api.chat_postMessage(channel="D0ANNA", text="Huber", blocks=buttons())["ts"]
    outcome = people.click("U0ANNA", "acts", "log", place="D0ANNA", ts=ts)
    assert outcome["outcome"] == "acked"
    body = heard.get(timeout=PATIENCE_S)
    assert (body["user"]["id"], body["user"]["team_id"]) == ("U0ANNA", "T0TIERWISE")
    assert body["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "D0ANNA",
        "is_ephemeral": False,
    }
    assert body["message"]["text"] == "Huber"
    (action,) = body["actions"]
    done = (action["type"], action["block_id"], action["action_id"], action["value"])
    assert done == ("button", "acts", "log", "client-7")


def test_a_click_in_an_ephemeral_message_comes_without_it_and_may_replace_it(
    app: App, connect: Start, people: SandboxClient
) -> None:
    bodies: Queue[Json] = Queue()

    @app.command("/segment")
    def handle(ack: Ack) -> None:
        ack(text="Huber", blocks=buttons())

    @app.action("log")
    def logged(ack: Ack, body: Json, respond: Respond) -> None:
        ack()
        respond(text="Logged", replace_original=True)
        bodies.put(body)

    connect()
    people.say("U0ANNA", "C0PUB", "/segment Huber")
    (card,) = people.messages("U0ANNA", "C0PUB")
    people.click("U0ANNA", "acts", "log", place="C0PUB", ts=card["ts"])
    body = bodies.get(timeout=PATIENCE_S)
    assert "message" not in body
    assert body["container"]["is_ephemeral"]
    (after,) = people.messages("U0ANNA", "C0PUB")
    assert (after["text"], after["ephemeral"]) == ("Logged", True)
    assert "blocks" not in after


def test_nobody_clicks_what_they_cannot_see(api: WebClient, people: SandboxClient) -> None:
    sent = api.chat_postEphemeral(channel="C0TEAM", user="U0ANNA", text="x", blocks=buttons())
    outcome = people.click("U0TOM", "acts", "log", place="C0TEAM", ts=sent["message_ts"])
    assert outcome == {"outcome": "error", "detail": "Das gibt es hier nicht mehr."}


def test_a_choice_in_a_message_is_completed_by_what_was_offered(
    api: WebClient, connect: Start, people: SandboxClient, heard: Queue[Json]
) -> None:
    connect()
    pick = {"type": "static_select", "action_id": "pick", "options": [option("a"), option("b")]}
    blocks = [{"type": "actions", "block_id": "acts", "elements": [pick]}]
    ts = api.chat_postMessage(channel="D0ANNA", text="Tier?", blocks=blocks)["ts"]
    where = {"place": "D0ANNA", "ts": ts}
    chosen = {"selected_option": {"value": "b"}}
    people.click("U0ANNA", "acts", "pick", action=chosen, **where)
    body = heard.get(timeout=PATIENCE_S)
    assert body["actions"][0]["selected_option"] == option("b")
    assert body["state"]["values"]["acts"]["pick"]["selected_option"] == option("b")
    refused = people.click(
        "U0ANNA", "acts", "pick", action={"selected_option": {"value": "z"}}, **where
    )
    assert refused["outcome"] == "error"


# response addresses


def response_url(people: SandboxClient) -> str:
    return str(people.transcript()[-1]["request"]["response_url"])


def test_a_response_address_works_five_times(
    app: App, connect: Start, people: SandboxClient
) -> None:
    app.command("/segment")(lambda ack: ack())
    connect()
    people.say("U0ANNA", "C0PUB", "/segment")
    webhook = WebhookClient(response_url(people))
    statuses = [webhook.send(text=str(i)).status_code for i in range(6)]
    assert statuses == [200] * 5 + [404]
    assert len(people.messages("U0ANNA", "C0PUB")) == 5


def test_a_response_address_lives_thirty_minutes(
    app: App, connect: Start, people: SandboxClient
) -> None:
    app.command("/segment")(lambda ack: ack())
    connect()
    people.say("U0ANNA", "C0PUB", "/segment")
    webhook = WebhookClient(response_url(people))
    people.advance(29 * 60)
    assert webhook.send(text="in time").status_code == 200
    people.advance(2 * 60)
    answer = webhook.send(text="too late")
    assert (answer.status_code, "expired_url" in answer.body) == (404, True)


def test_a_message_can_be_deleted_through_its_response_address(
    app: App, api: WebClient, connect: Start, people: SandboxClient
) -> None:
    @app.action("log")
    def logged(ack: Ack, respond: Respond) -> None:
        respond(delete_original=True)
        ack()

    connect()
    ts = api.chat_postMessage(channel="D0ANNA", text="Huber", blocks=buttons())["ts"]
    people.click("U0ANNA", "acts", "log", place="D0ANNA", ts=ts)
    assert people.messages("U0ANNA", "D0ANNA") == []


def test_an_answer_that_breaks_a_rule_is_seen_by_the_person_as_a_failure(
    app: App, connect: Start, people: SandboxClient
) -> None:
    header = {"type": "header", "text": plain("x" * 151)}
    app.command("/segment")(lambda ack: ack(text="Huber", blocks=[header]))
    connect()
    assert people.say("U0EMILY", "D0EMILY", "/segment")["outcome"] == "error"
    (notice,) = people.messages("U0EMILY", "D0EMILY")
    assert notice["kind"] == "command_error"
    assert people.transcript()[-1]["problems"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]


def test_a_long_answer_is_shown_but_noted_as_too_long_for_a_posted_message(
    app: App, connect: Start, people: SandboxClient
) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    app.command("/segment")(lambda ack: ack(text="Huber", blocks=[section] * 5))
    connect()
    assert people.say("U0ANNA", "D0ANNA", "/segment")["outcome"] == "acked"
    assert people.transcript()[-1]["problems"] == [
        "[ERROR] more characters than a message may have [json-pointer:/blocks]"
    ]


def test_what_people_write_reaches_the_app_escaped(people: SandboxClient) -> None:
    people.say("U0ANNA", "C0TEAM", "Huber & <Söhne>")
    (message,) = people.messages("U0TOM", "C0TEAM")
    assert message["text"] == "Huber &amp; &lt;Söhne&gt;"


# forms


def test_a_form_carries_what_was_entered(
    connect: Start,
    people: SandboxClient,
    heard: Queue[Json],
    segment: Callable[[Json], None],
) -> None:
    picks = {"type": "checkboxes", "action_id": "who", "options": [option("a"), option("b")]}
    who = {"type": "input", "block_id": "who", "label": plain("Who"), "element": picks}
    segment(modal(note(initial_value="Hello"), who | {"optional": True}))
    connect()
    people.say("U0ANNA", "D0ANNA", "/segment")
    (view,) = people.views("U0ANNA")
    chosen = {"who": {"who": {"selected_options": [{"value": "a"}]}}}
    assert people.submit("U0ANNA", view["id"], chosen)["outcome"] == "closed"
    values = heard.get(timeout=PATIENCE_S)["view"]["state"]["values"]
    assert values == {
        "note": {"text": {"type": "plain_text_input", "value": "Hello"}},
        "who": {"who": {"type": "checkboxes", "selected_options": [option("a")]}},
    }
    assert people.views("U0ANNA") == []


def test_an_empty_required_field_keeps_a_form_from_being_sent(
    connect: Start, people: SandboxClient, segment: Callable[[Json], None]
) -> None:
    segment(modal())
    connect()
    people.say("U0EMILY", "D0EMILY", "/segment")
    (view,) = people.views("U0EMILY")
    outcome = people.submit("U0EMILY", view["id"])
    assert outcome["errors"] == {"note": "Please complete this required field."}


def test_the_app_answers_a_form_with_errors_an_update_a_push_or_by_closing_all(
    app: App, connect: Start, people: SandboxClient, segment: Callable[[Json], None]
) -> None:
    answers: list[Json] = [
        {"response_action": "errors", "errors": {"note": "Too vague."}},
        {"response_action": "update", "view": modal(title="Updated")},
        {"response_action": "push", "view": modal(title="Pushed")},
        {"response_action": "clear"},
    ]
    app.view("note")(lambda ack: ack(**answers.pop(0)))
    segment(modal())
    connect()
    people.say("U0ANNA", "D0ANNA", "/segment")

    def send() -> tuple[str, list[str]]:
        top = people.views("U0ANNA")[-1]
        outcome = people.submit("U0ANNA", top["id"], {"note": {"text": {"value": "x"}}})
        return outcome["outcome"], [v["title"]["text"] for v in people.views("U0ANNA")]

    assert send() == ("errors", ["Note"])
    assert send() == ("updated", ["Updated"])
    assert send() == ("pushed", ["Updated", "Pushed"])
    assert send() == ("cleared", [])


def test_a_stack_holds_three_views(
    app: App, connect: Start, people: SandboxClient, segment: Callable[[Json], None]
) -> None:
    refusals: Queue[str] = Queue()

    @app.action("log")
    def deeper(ack: Ack, client: WebClient, body: Json) -> None:
        try:
            client.views_push(trigger_id=body["trigger_id"], view=modal(*buttons()))
        except SlackApiError as refused:
            refusals.put(str(refused.response["error"]))
        ack()

    segment(modal(*buttons()))
    connect()
    people.say("U0ANNA", "D0ANNA", "/segment")
    for _ in range(3):
        people.click("U0ANNA", "acts", "log", view_id=people.views("U0ANNA")[-1]["id"])
    views = people.views("U0ANNA")
    assert len(views) == 3
    assert refusals.get(timeout=PATIENCE_S) == "push_limit_reached"
    assert views[2]["previous_view_id"] == views[1]["id"]
    assert {v["root_view_id"] for v in views} == {views[0]["id"]}


def test_a_view_pushed_while_a_form_is_sent_outlives_the_form(
    app: App, connect: Start, people: SandboxClient, segment: Callable[[Json], None]
) -> None:
    @app.view("note")
    def push(ack: Ack, client: WebClient, body: Json) -> None:
        client.views_push(trigger_id=body["trigger_id"], view=modal(title="Next"))
        ack()

    segment(modal(note(initial_value="x")))
    connect()
    people.say("U0ANNA", "D0ANNA", "/segment")
    people.submit("U0ANNA", people.views("U0ANNA")[0]["id"])
    assert [v["title"]["text"] for v in people.views("U0ANNA")] == ["Next"]


def test_what_was_entered_survives_an_update_of_the_view(
    app: App, connect: Start, people: SandboxClient, segment: Callable[[Json], None]
) -> None:
    @app.action("log")
    def update(ack: Ack, client: WebClient, body: Json) -> None:
        view = modal(note(), note("other"), *buttons(), title="Longer")
        client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
        ack()

    segment(modal(note(), *buttons()))
    connect()
    people.say("U0ANNA", "D0ANNA", "/segment")
    (view,) = people.views("U0ANNA")
    typed = {"note": {"text": {"value": "Called"}}}
    people.click("U0ANNA", "acts", "log", view_id=view["id"], values=typed)
    (after,) = people.views("U0ANNA")
    assert after["title"]["text"] == "Longer"
    values = after["state"]["values"]
    assert (values["note"]["text"]["value"], values["other"]["text"]["value"]) == ("Called", None)
    assert after["hash"] != view["hash"]


def test_closing_a_form_is_told_when_the_app_asked_for_it(
    connect: Start,
    people: SandboxClient,
    heard: Queue[Json],
    segment: Callable[[Json], None],
) -> None:
    segment(modal(notify_on_close=True))
    connect()
    people.say("U0ANNA", "D0ANNA", "/segment")
    (view,) = people.views("U0ANNA")
    assert people.close("U0ANNA", view["id"])["outcome"] == "closed"
    body = heard.get(timeout=PATIENCE_S)
    assert (body["type"], body["is_cleared"]) == ("view_closed", False)
    assert people.views("U0ANNA") == []


@pytest.mark.parametrize("deadline_s", [DEADLINE_S])
def test_a_trigger_opens_one_modal_within_three_seconds(
    app: App, api: WebClient, connect: Start, people: SandboxClient
) -> None:
    app.command("/segment")(lambda ack: ack())
    connect()

    def trigger() -> str:
        people.say("U0ANNA", "D0ANNA", "/segment")
        return str(people.transcript()[-1]["request"]["trigger_id"])

    def error(trigger_id: str) -> str:
        with pytest.raises(SlackApiError) as refused:
            api.views_open(trigger_id=trigger_id, view=modal())
        return str(refused.value.response["error"])

    used, stale = trigger(), trigger()
    api.views_open(trigger_id=used, view=modal())
    assert error(used) == "exchanged_trigger_id"
    people.advance(4)
    assert error(stale) == "expired_trigger_id"
    assert error("1.2.3") == "invalid_trigger_id"


# shortcuts, suggestions, Home


def test_shortcuts_reach_the_app_with_what_they_were_used_on(
    api: WebClient, connect: Start, people: SandboxClient, heard: Queue[Json]
) -> None:
    connect()
    assert people.shortcut("U0ANNA", "find_client")["outcome"] == "acked"
    assert heard.get(timeout=PATIENCE_S)["type"] == "shortcut"
    ts = people.say("U0ANNA", "C0TEAM", "Called Huber")["ts"]
    assert people.shortcut("U0TOM", "log_contact", place="C0TEAM", ts=ts)["outcome"] == "acked"
    body = heard.get(timeout=PATIENCE_S)
    assert (body["message"]["text"], body["channel"]["id"]) == ("Called Huber", "C0TEAM")
    assert body["response_url"]


def test_an_external_select_gets_its_options_while_typing(
    app: App, connect: Start, people: SandboxClient, segment: Callable[[Json], None]
) -> None:
    bodies: Queue[Json] = Queue()
    app.options("client")(lambda ack, body: ack(options=[option(f"{body['value']}er")]))

    @app.view("note")
    def noted(ack: Ack, body: Json) -> None:
        bodies.put(body)
        ack()

    element = {"type": "external_select", "action_id": "client", "min_query_length": 1}
    segment(modal({"type": "input", "block_id": "who", "label": plain("Who"), "element": element}))
    connect()
    people.say("U0ANNA", "D0ANNA", "/segment")
    (view,) = people.views("U0ANNA")
    offered = people.options("U0ANNA", "who", "client", "hub", view_id=view["id"])
    assert offered == {"options": [option("huber")]}
    chosen = {"who": {"client": {"selected_option": {"value": "huber"}}}}
    assert people.submit("U0ANNA", view["id"], chosen)["outcome"] == "closed"
    values = bodies.get(timeout=PATIENCE_S)["view"]["state"]["values"]
    assert values["who"]["client"]["selected_option"] == option("huber")


def test_a_choice_from_served_options_works_in_a_message_too(
    app: App, api: WebClient, connect: Start, people: SandboxClient, heard: Queue[Json]
) -> None:
    # Given a message with a search in it, and two who search for different clients
    app.options("log")(lambda ack, payload: ack(options=[option(f"{payload['value']}-7")]))
    connect()
    search = {"type": "external_select", "action_id": "log"}
    blocks = [{"type": "actions", "block_id": "who", "elements": [search]}]
    ts = api.chat_postMessage(channel="C0TEAM", text="Whom?", blocks=blocks)["ts"]
    people.options("U0ANNA", "who", "log", "huber", place="C0TEAM", ts=ts)
    people.options("U0JONAS", "who", "log", "meier", place="C0TEAM", ts=ts)
    # Then each chooses out of what was offered to them
    chosen = {"selected_option": {"value": "huber-7"}}
    done = people.click("U0ANNA", "who", "log", place="C0TEAM", ts=ts, action=chosen)
    assert done["outcome"] == "acked"
    (action,) = heard.get(timeout=PATIENCE_S)["actions"]
    assert action["selected_option"] == option("huber-7")
    refused = people.click("U0JONAS", "who", "log", place="C0TEAM", ts=ts, action=chosen)
    assert refused["outcome"] == "error"


def test_looking_at_home_is_an_event_and_home_has_buttons(
    api: WebClient, connect: Start, people: SandboxClient, heard: Queue[Json]
) -> None:
    connect()
    people.open_home("U0ANNA")
    event = heard.get(timeout=PATIENCE_S)["event"]
    assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", "U0ANNA", "home")
    assert "view" not in event
    api.views_publish(user_id="U0ANNA", view={"type": "home", "blocks": buttons()})
    home = people.home("U0ANNA")
    assert home is not None
    people.click("U0ANNA", "acts", "log", view_id=home["id"])
    body = heard.get(timeout=PATIENCE_S)
    assert body["container"] == {"type": "view", "view_id": home["id"]}
    assert (body["view"]["type"], "response_url" in body) == ("home", False)


def test_a_message_to_the_bot_is_an_event(
    connect: Start, people: SandboxClient, heard: Queue[Json]
) -> None:
    connect()
    assert people.say("U0ANNA", "D0ANNA", "Hello")["outcome"] == "message"
    event = heard.get(timeout=PATIENCE_S)["event"]
    assert (event["text"], event["channel_type"]) == ("Hello", "im")


def test_everything_works_over_signed_http_as_well(
    api: WebClient,
    serve: Callable[[], bool],
    people: SandboxClient,
    heard: Queue[Json],
) -> None:
    serve()
    ts = api.chat_postMessage(channel="D0ANNA", text="Huber", blocks=buttons())["ts"]
    people.click("U0ANNA", "acts", "log", place="D0ANNA", ts=ts)
    assert heard.get(timeout=PATIENCE_S)["type"] == "block_actions"
    people.open_home("U0ANNA")
    assert heard.get(timeout=PATIENCE_S)["event"]["type"] == "app_home_opened"


# people


def test_people_of_other_firms_click_but_run_no_commands(
    api: WebClient,
    sandbox: Sandbox,
    connect: Start,
    people: SandboxClient,
    heard: Queue[Json],
) -> None:
    sandbox.world.places["C0SHARED"].members.add("U0BOT")
    connect()
    assert people.say("U0EXT", "C0SHARED", "/segment")["outcome"] == "error"
    assert people.shortcut("U0EXT", "find_client")["outcome"] == "error"
    ts = api.chat_postMessage(channel="C0SHARED", text="Hi", blocks=buttons())["ts"]
    assert people.click("U0EXT", "acts", "log", place="C0SHARED", ts=ts)["outcome"] == "acked"
    assert heard.get(timeout=PATIENCE_S)["user"]["team_id"] == "T0NORDLICHT"


def test_guests_act_where_they_are_members_and_former_people_nowhere(
    app: App, connect: Start, people: SandboxClient
) -> None:
    app.command("/segment")(lambda ack: ack())
    connect()
    assert people.say("U0LENA", "C0GUEST", "/segment")["outcome"] == "acked"
    visible = {p["id"] for p in people.state("U0LENA")["places"]}
    assert visible == {"C0GUEST", "D0LENA"}
    gone = people.say("U0OLD", "D0OLD", "/segment")
    assert gone == {"outcome": "error", "detail": "Dieses Konto kann nichts tun."}


def test_nobody_writes_into_an_archive(people: SandboxClient) -> None:
    outcome = people.say("U0ANNA", "C0OLD", "/segment")
    assert outcome == {"outcome": "error", "detail": "Hier kannst du nicht schreiben."}
