"""Slash commands over the real Bolt, as a person sees them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest
from slack_bolt import Ack, App, Respond

from sandbox.client import SandboxClient
from sandbox.server import Sandbox
from sandbox.workspace import DEADLINE_S
from tests.sandbox.conftest import PATIENCE_S

Start = Callable[[], object]


def test_a_command_is_answered_to_the_person_who_asked_and_nobody_else(
    app: App, connect: Start, people: SandboxClient
) -> None:
    @app.command("/segment")
    def segment(ack: Ack, command: dict[str, str]) -> None:
        ack(f"You asked for {command['text']}")

    connect()
    outcome = people.say("U0ANNA", "C0TEAM", "/segment Huber & Söhne")
    assert outcome["outcome"] == "acked"
    (answer,) = people.messages("U0ANNA", "C0TEAM")
    assert answer["text"] == "You asked for Huber &amp; Söhne"
    assert answer["ephemeral"]
    assert people.messages("U0JONAS", "C0TEAM") == []


def test_an_answer_in_the_channel_shows_the_typed_command_as_well(
    app: App, connect: Start, people: SandboxClient
) -> None:
    @app.command("/segment")
    def segment(ack: Ack) -> None:
        ack(text="For all to see", response_type="in_channel")

    connect()
    people.say("U0ANNA", "C0TEAM", "/segment Huber")
    texts = [m["text"] for m in people.messages("U0JONAS", "C0TEAM")]
    assert texts == ["/segment Huber", "For all to see"]


def test_a_command_works_over_signed_http(
    app: App, serve: Callable[[], bool], people: SandboxClient
) -> None:
    @app.command("/segment")
    def segment(ack: Ack, command: dict[str, str]) -> None:
        ack(f"Over HTTP: {command['text']}")

    assert serve(), "the URL did not echo the challenge"
    assert people.say("U0ANNA", "D0ANNA", "/segment Huber")["outcome"] == "acked"
    (answer,) = people.messages("U0ANNA", "D0ANNA")
    assert answer["text"] == "Over HTTP: Huber"


def test_a_request_signed_with_another_secret_is_refused_by_bolt(
    app: App, serve: Callable[[], bool], sandbox: Sandbox, people: SandboxClient
) -> None:
    serve()
    sandbox._first.courier._secret = "another"
    outcome = people.say("U0ANNA", "D0ANNA", "/segment Huber")
    assert (outcome["outcome"], outcome["detail"]) == ("error", "http_401")


def test_the_app_may_answer_later_where_it_is_no_member(
    app: App, connect: Start, people: SandboxClient
) -> None:
    @app.command("/segment")
    def segment(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="Later", response_type="ephemeral")

    connect()
    people.say("U0ANNA", "C0PUB", "/segment")
    (answer,) = people.wait_for(lambda: people.messages("U0ANNA", "C0PUB"))
    assert (answer["text"], answer["ephemeral"]) == ("Later", True)


@pytest.mark.parametrize("deadline_s", [DEADLINE_S])
def test_a_command_that_is_not_acknowledged_tells_the_person_in_their_language(
    app: App, connect: Start, people: SandboxClient
) -> None:
    release = Event()

    @app.command("/segment")
    def segment() -> None:
        release.wait(PATIENCE_S)

    connect()
    outcome = people.say("U0EMILY", "D0EMILY", "/segment Huber")
    release.set()
    assert outcome["outcome"] == "timeout"
    (notice,) = people.messages("U0EMILY", "D0EMILY")
    assert notice["kind"] == "command_error"
    assert notice["text"] == "/segment failed: the app did not answer within 3 seconds."


def test_a_command_fails_at_once_when_the_app_is_not_there(people: SandboxClient) -> None:
    outcome = people.say("U0ANNA", "D0ANNA", "/segment Huber")
    assert outcome["outcome"] == "error"
    (notice,) = people.messages("U0ANNA", "D0ANNA")
    assert notice["text"].startswith("/segment ist fehlgeschlagen")


def test_an_unknown_command_does_not_reach_the_app(people: SandboxClient) -> None:
    outcome = people.say("U0ANNA", "D0ANNA", "/nonsense")
    assert outcome == {"outcome": "error", "detail": "/nonsense ist kein gültiger Befehl."}
    assert people.transcript() == []
