"""What people and strangers send, case by case; the numbers are those of docs/security.md."""

import json
import threading
from typing import Any
from urllib.parse import urlencode

import pytest

from bot import actions
from tests.bot.office import ANNA, EMILY, Office, direct
from tests.bot.web import Web, command_of

Json = dict[str, Any]
TEAM = "T0TIERWISE"
JSON = {"Content-Type": "application/json"}


def send(web: Web, payload: Json) -> tuple[int, str]:
    """Send a signed interaction."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return web.post(body, web.signed(body))


def click(web: Web, who: str, name: str, value: str, **other: Any) -> tuple[int, str]:
    """Press a button that the bot need never have shown."""
    done = {"action_id": name, "block_id": "b", "type": "button", "value": value}
    known = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": who, "team_id": TEAM},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": direct(who)},
        "channel": {"id": direct(who)},
        "actions": [done],
    }
    return send(web, known | other)


@pytest.mark.parametrize("how", ["command", "click", "event"])
def test_whoever_has_no_id_is_nobody_and_slack_is_not_asked(
    web: Web, running: Office, how: str
) -> None:
    before = running.people.recorded()
    if how == "command":
        status, said = web.ask_as("", "/segment", "Maria Huber")
    elif how == "click":
        status, said = click(web, "", actions.OPEN_CLIENT, "1")
    else:
        event = {"type": "app_home_opened", "user": "", "channel": "D0", "tab": "home"}
        body = json.dumps(
            {"type": "event_callback", "team_id": TEAM, "event_id": "Ev0NOBODY", "event": event}
        ).encode()
        status, said = web.post(body, web.signed(body) | JSON)
    assert status == 200
    assert "Huber" not in said
    asked = [e for e in running.people.transcript()[before:] if e["name"] == "users.info"]
    assert all(each["request"].get("user") for each in asked)


@pytest.mark.parametrize("word", ["help", "hilfe", "?", "-h", "--help"])
def test_c03_help_is_asked_for_in_many_ways(web: Web, word: str) -> None:
    _, said = web.ask_as(ANNA, "/segment", word)
    assert json.loads(said)["text"].startswith("Einen Kunden nachschlagen")


def test_c07_a_colleagues_client_and_nobody_are_answered_alike(web: Web) -> None:
    _, foreign = web.ask_as(ANNA, "/segment", "Oliver Hughes")
    _, nobody = web.ask_as(ANNA, "/segment", "Xaver Qwxyz")
    assert foreign.replace("Oliver Hughes", "…") == nobody.replace("Xaver Qwxyz", "…")


@pytest.mark.parametrize("typed", ["%", "_", "*", ".*", "\\", "' OR 1=1 --", "%%", "__"])
def test_c08_signs_of_a_search_never_list_the_book(web: Web, typed: str) -> None:
    _, said = web.ask_as(ANNA, "/segment", typed)
    assert "Maria Huber" not in said
    assert "blocks" not in json.loads(said) or "Kein Kunde" in said


@pytest.mark.parametrize(
    ("typed", "words"),
    [("x", "mindestens zwei"), ("x" * 3001, "200 Zeichen"), ("x" * 100_000, "200 Zeichen")],
    ids=["one letter", "3,001 letters", "100 KB"],
)
def test_c09_too_little_and_too_much_is_said_so(web: Web, typed: str, words: str) -> None:
    status, said = web.ask_as(ANNA, "/segment", typed)
    assert status == 200
    assert words in json.loads(said)["text"]


def test_c15_a_command_with_a_space_before_it_is_a_message_and_not_answered(
    running: Office,
) -> None:
    before = len(running.people.messages(ANNA, "C0TEAM"))
    assert running.people.say(ANNA, "C0TEAM", " /segment Huber")["outcome"] == "message"
    running.ask(ANNA, "/segment Maria Huber")
    assert len(running.people.messages(ANNA, "C0TEAM")) == before + 1


def test_c16_a_word_that_is_not_known_is_answered_with_help(web: Web) -> None:
    _, said = web.ask_as(EMILY, "/priorities", "foo")
    text = json.loads(said)["text"]
    assert "“foo” is not known here." in text
    assert "`/priorities`" in text


@pytest.mark.parametrize("value", ["{foreign}", "0", "-1", "9" * 30, "", "null", "1 OR 1=1", "²"])
def test_c21_a_button_that_names_another_client_shows_nothing(web: Web, value: str) -> None:
    foreign = value.format(foreign=web.office.clients["Oliver Hughes"])
    seen = len(web.office.people.messages(ANNA, direct(ANNA)))
    assert click(web, ANNA, actions.OPEN_CLIENT, foreign) == (200, "")
    said = web.office.next_message(ANNA, direct(ANNA), seen)
    assert "Oliver Hughes" not in json.dumps(said)
    assert "blocks" not in said or not said["blocks"]


@pytest.mark.parametrize(
    "metadata",
    ['{"client": FOREIGN, "version": 1}', "", "[]", '{"client": "x"}', "x" * 4000, '{"client": 1}'],
    ids=["a foreign client", "nothing", "a list", "no number", "too long", "no version"],
)
def test_c21_a_form_with_other_metadata_changes_nothing(web: Web, metadata: str) -> None:
    foreign = web.office.clients["Oliver Hughes"]
    version = web.office.row("Oliver Hughes").version
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": "form:satisfaction",
        "private_metadata": metadata.replace("FOREIGN", str(foreign)),
        "state": {"values": {"score": {"score": {"type": "plain_text_input", "value": "1"}}}},
        "blocks": [{"type": "input", "block_id": "score", "element": {}}],
    }
    user = {"id": ANNA, "team_id": TEAM}
    form = {"type": "view_submission", "team": {"id": TEAM}, "user": user, "view": view}
    status, said = send(web, form)
    assert status == 200
    assert "Oliver" not in said
    assert web.office.row("Oliver Hughes").version == version


@pytest.mark.parametrize("who", ["USLACKBOT", "B0TIERWISE", "W0NOBODY", "U0MARIO", "U0OLD"])
def test_c23_bots_guests_and_people_who_left_learn_nothing(web: Web, who: str) -> None:
    status, said = web.ask_as(who, "/segment", "Maria Huber")
    assert status == 200
    assert "Huber" not in said


@pytest.mark.parametrize("team", ["T0OTHER", "E0NOBODY"])
def test_c24_a_workspace_without_the_app_is_not_answered(web: Web, team: str) -> None:
    assert web.ask_as(ANNA, "/segment", "Maria Huber", team_id=team) == (200, "")


@pytest.mark.parametrize(
    "missing",
    [{"user": {}}, {"user": None}, {"team": {}, "user": {"id": ANNA}}, {"container": None}],
    ids=["no person", "nobody", "no workspace", "no place"],
)
def test_c25_a_click_without_what_slack_always_sends_does_nothing(web: Web, missing: Json) -> None:
    client = str(web.office.clients["Maria Huber"])
    seen = len(web.office.people.messages(EMILY, direct(EMILY)))
    assert click(web, ANNA, actions.OPEN_CLIENT, client, **missing) == (200, "")
    assert len(web.office.people.messages(EMILY, direct(EMILY))) == seen


def test_c35_the_bots_own_messages_start_no_conversation_with_itself(web: Web) -> None:
    before = web.office.people.recorded()
    for number in range(1000):
        event = {"type": "message", "bot_id": "B0TIERWISE", "text": "/segment Huber"}
        event |= {"channel": direct(ANNA), "user": "U0TIERWISE", "ts": str(number)}
        event |= {"subtype": "message_changed"} if number % 2 else {}
        whole = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev0{number}"}
        body = json.dumps({**whole, "event": event}).encode()
        assert web.post(body, web.signed(body) | JSON) == (200, "")
    # what the tests before still had to say may come now; a loop would say a thousand things
    assert len(web.office.people.transcript(before)) < 10


def test_c45_fifty_people_at_once_are_all_answered(web: Web) -> None:
    answers: list[tuple[int, str]] = []

    def ask() -> None:
        body = command_of(ANNA, text="Maria Huber", response_url="")
        answers.append(web.post(body, web.signed(body)))

    people = [threading.Thread(target=ask) for _ in range(50)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert [status for status, _ in answers] == [200] * 50
    texts = [json.loads(said)["text"] for _, said in answers]
    assert all("Maria Huber" in text or text == "Einen Moment …" for text in texts)
