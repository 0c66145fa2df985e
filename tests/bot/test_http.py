"""The same bot over signed HTTP: the real process under gunicorn, from start to SIGTERM."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.bot.office import ANNA
from tests.bot.web import FORM, Web, command_of, open_web, opener


@pytest.fixture(scope="module")
def web(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Start `tierwise run` over HTTP for the tests of this file."""
    with open_web(tmp_path_factory.mktemp("web"), sqlite_template) as opened:
        yield opened


def test_a_client_is_answered_inside_the_acknowledgement(web: Web) -> None:
    card = web.office.ask(ANNA, "/segment Huber")
    assert card["ephemeral"]
    assert card["blocks"][0]["text"]["text"].startswith("Maria Huber · A · ")
    (entry,) = [e for e in web.office.people.transcript() if e["name"] == "/segment"]
    assert (entry["kind"], entry["audience"], entry["problems"]) == ("http", [ANNA], [])


def test_a_button_opens_a_card_and_a_card_the_form(web: Web) -> None:
    choice = web.office.ask(ANNA, "/segment Bergmann")
    card = web.office.press_for_message(ANNA, "Öffnen: Petra Bergmann", choice)
    web.office.press(ANNA, "Zufriedenheit erfassen", card)
    (form,) = web.office.modals(ANNA)
    values = {"score": {"score": {"value": "gut"}}}
    assert web.office.people.submit(ANNA, form["id"], values)["outcome"] == "errors"
    assert web.office.leaks() == []
    assert web.office.problems() == []


def test_home_comes_over_http_too(web: Web) -> None:
    web.office.home(ANNA, "Prioritäten dieser Woche")


@pytest.mark.parametrize(
    "body",
    [
        command_of(ANNA, text="Maria Huber"),
        b"ssl_check=1&token=x",
        b'{"type":"url_verification","challenge":"abc"}',
        b'{"a":',
        b"payload=%7Bnope",
        b"\xff\xfe",
        b"",
    ],
    ids=["command", "ssl_check", "challenge", "broken json", "broken form", "not text", "empty"],
)
def test_what_is_not_signed_is_refused(web: Web, body: bytes) -> None:
    kind = "application/json" if body.startswith(b"{") else FORM
    status, said = web.post(body, {"Content-Type": kind})
    assert status == 401
    assert "Huber" not in said
    assert "abc" not in said
    assert "Traceback" not in said


def test_a_signature_of_another_app_is_refused(web: Web) -> None:
    body = command_of(ANNA, text="Maria Huber")
    assert web.post(body, web.signed(body, secret="f" * 32))[0] == 401


def test_a_body_changed_by_one_letter_is_refused(web: Web) -> None:
    body = command_of(ANNA, text="Maria Huber")
    assert web.post(body.replace(b"Huber", b"Hubel"), web.signed(body))[0] == 401


@pytest.mark.parametrize("age_s", [360, -360])
def test_a_time_stamp_six_minutes_off_is_refused(web: Web, age_s: int) -> None:
    body = command_of(ANNA, text="Maria Huber")
    assert web.post(body, web.signed(body, age_s=age_s))[0] == 401


@pytest.mark.parametrize("stamp", ["abc", "1.5", "", "-1", "9" * 400, "٣"])
def test_a_time_stamp_that_is_none_is_refused(web: Web, stamp: str) -> None:
    body = command_of(ANNA, text="Maria Huber")
    headers = web.signed(body) | {"X-Slack-Request-Timestamp": stamp.encode().decode("latin-1")}
    assert web.post(body, headers)[0] == 401


@pytest.mark.parametrize("signature", ["", "v0=", "v0=ü", "v1=00", "nonsense"])
def test_a_signature_that_is_none_is_refused(web: Web, signature: str) -> None:
    body = command_of(ANNA, text="Maria Huber")
    assert web.post(body, web.signed(body) | {"X-Slack-Signature": signature})[0] == 401


@pytest.mark.parametrize("outsider", ["U0OLD", "U0EXT", "U0NOBODY"])
def test_former_colleagues_and_people_of_other_firms_learn_nothing(web: Web, outsider: str) -> None:
    status, said = web.ask_as(outsider, "/segment", "Maria Huber")
    assert status == 200
    answer = json.loads(said)
    assert answer["response_type"] == "ephemeral"
    assert answer["text"] in (
        "Dieser Assistent ist für Mitglieder des Hauses.",
        "This assistant is for members of the firm.",
    )
    assert "Huber" not in said


@pytest.mark.parametrize(
    "missing",
    [
        {"user_id": ""},
        {"team_id": ""},
        {"channel_id": ""},
        {"team_id": "T0OTHER"},
        {"command": "/unknown"},
    ],
    ids=["no user", "no workspace", "no place", "another workspace", "unknown command"],
)
def test_a_command_out_of_nowhere_gets_an_empty_answer(web: Web, missing: dict[str, str]) -> None:
    known: dict[str, Any] = {"command": "/segment", "text": "Maria Huber", "user_id": ANNA}
    body = command_of(**{**known, **missing})
    status, said = web.post(body, web.signed(body))
    assert status in (200, 404)
    assert "Huber" not in said


@pytest.mark.parametrize("typed", ["", "\N{NO-BREAK SPACE}\n\u200b ", "\0", "\u202e"])
def test_nothing_visible_is_answered_with_help(web: Web, typed: str) -> None:
    status, said = web.ask_as(ANNA, "/segment", typed)
    assert status == 200
    assert json.loads(said)["text"].startswith("Einen Kunden nachschlagen")


def test_text_that_slack_escaped_is_read_once(web: Web) -> None:
    _, said = web.ask_as(ANNA, "/segment", "R&amp;D GmbH")
    assert json.loads(said)["blocks"][0]["text"]["text"].startswith("R&D GmbH · ")
    _, missed = web.ask_as(ANNA, "/segment", "R&amp;amp;D AG")
    assert "„R&amp;amp;D AG“" in json.loads(missed)["text"]


def test_other_paths_are_not_there(web: Web) -> None:
    with pytest.raises(HTTPError, match="404") as refused:
        opener.open(web.url.replace("/slack/events", "/"), timeout=60)
    refused.value.close()


def test_it_ends_when_it_is_told_to(web: Web) -> None:
    os.kill(web.process.pid, signal.SIGTERM)
    assert web.process.wait(timeout=60) == 0
    said = web.said()
    assert '"event": "stopped"' in said
    assert "Traceback" not in said
    assert "Huber" not in said
