"""The line to Slack holds: refreshed, cut off, deaf, or fed with nonsense, people are answered."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from structlog.testing import capture_logs

from bot.line import Line
from sandbox.client import PATIENCE_S
from sandbox.faults import Fault
from sandbox.server import Sandbox

MANIFEST = {
    "display_information": {"name": "Tierwise"},
    "features": {"slash_commands": [{"command": "/segment", "description": "Look a client up"}]},
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    "settings": {},
}
NEVER_S = 3600.0


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(MANIFEST, deadline_s=PATIENCE_S) as running:
        yield running


@pytest.fixture
def app(sandbox: Sandbox) -> App:
    client = WebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])
    app = App(client=client, request_verification_enabled=False, process_before_response=True)
    app.command("/segment")(lambda ack, command: ack(f"You asked for {command['text']}"))
    return app


@contextmanager
def open_line(
    app: App, sandbox: Sandbox, *, ping_s: float = NEVER_S, silence_s: float = NEVER_S
) -> Iterator[Line]:
    line = Line(app, sandbox.app_token, ping_s=ping_s, silence_s=silence_s)
    line.open()
    try:
        yield line
    finally:
        line.close()


def ask(sandbox: Sandbox, text: str = "Huber") -> str:
    return str(sandbox.client.say("U0ANNA", "D0ANNA", f"/segment {text}")["outcome"])


def wait_until(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not seen():
        assert time.monotonic() < until, "not seen in time"
        time.sleep(0.02)


def test_a_command_is_answered_over_the_line(app: App, sandbox: Sandbox) -> None:
    with open_line(app, sandbox) as line:
        assert line.is_up
        assert ask(sandbox) == "acked"
    assert sandbox.client.messages("U0ANNA", "D0ANNA")[-1]["text"] == "You asked for Huber"
    assert not line.is_up
    wait_until(lambda: sandbox.sockets == 0)


def test_whoever_asks_while_slack_replaces_the_connection_is_answered(
    app: App, sandbox: Sandbox
) -> None:
    with open_line(app, sandbox) as line:
        for number in range(5):
            refresh = threading.Thread(
                target=sandbox.disconnect_sockets, args=("warning",), kwargs={"grace_s": 0.5}
            )
            refresh.start()
            while refresh.is_alive():
                assert ask(sandbox, str(number)) == "acked"
            assert line.is_up


def test_a_silent_connection_is_followed_by_another_and_nobody_notices(
    app: App, sandbox: Sandbox
) -> None:
    with open_line(app, sandbox, silence_s=0.2):
        for _ in range(4):
            opened = len(openings(sandbox))
            wait_until(lambda opened=opened: len(openings(sandbox)) > opened)  # type: ignore[misc]
            assert ask(sandbox) == "acked"


def test_a_connection_that_brings_nothing_any_more_is_left(app: App, sandbox: Sandbox) -> None:
    with open_line(app, sandbox, silence_s=2):
        before = len(openings(sandbox))
        sandbox.deafen_sockets()
        wait_until(lambda: len(openings(sandbox)) > before)
        wait_until(lambda: sandbox.deaf_sockets == 0)
        assert ask(sandbox) == "acked"


def test_a_lost_route_is_found_and_while_nobody_answers_the_line_is_down(
    app: App, sandbox: Sandbox
) -> None:
    with open_line(app, sandbox, ping_s=0.2) as line, capture_logs() as logs:
        sandbox.faults.order("apps.connections.open", Fault(status=500), times=3)
        sandbox.cut_sockets()
        wait_until(lambda: not line.is_up)
        wait_until(lambda: line.is_up)
        assert ask(sandbox) == "acked"
    # However many attempts failed, it is said once
    assert [each["error"] for each in logs if each["event"] == "not connected"] == ["http_500"]


def test_when_slack_asks_to_wait_with_connecting_it_waits(app: App, sandbox: Sandbox) -> None:
    with open_line(app, sandbox) as line:
        sandbox.faults.order(
            "apps.connections.open", Fault(error="ratelimited", status=429, retry_after=2)
        )
        start = time.monotonic()
        sandbox.disconnect_sockets(None)
        wait_until(lambda: line.is_up and sandbox.sockets == 1)
        assert time.monotonic() - start >= 2
        assert ask(sandbox) == "acked"


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[]",
        "null",
        "{}",
        '{"type": "hello"}',
        '{"type": "slash_commands", "payload": {}}',
        '{"type": "slash_commands", "envelope_id": "e", "payload": null}',
        '{"type": "unheard_of", "envelope_id": "e", "payload": {"a": 1}}',
        '{"envelope_id": 1, "type": ["slash_commands"], "payload": "x"}',
        "[" * 100_000,
        b"\x00\xff",
    ],
)
def test_nonsense_is_survived(app: App, sandbox: Sandbox, frame: str | bytes) -> None:
    with open_line(app, sandbox) as line:
        sandbox.send_frame(frame)
        assert ask(sandbox) == "acked"
        assert line.is_up


@pytest.mark.parametrize("frame", ['{"type": "disconnect", "reason": "because"}', "x" * 5_000_000])
def test_an_unknown_reason_to_disconnect_or_a_frame_too_large_leads_to_another_connection(
    app: App, sandbox: Sandbox, frame: str
) -> None:
    with open_line(app, sandbox):
        before = len(openings(sandbox))
        sandbox.send_frame(frame)
        wait_until(lambda: len(openings(sandbox)) > before)
        wait_until(lambda: ask(sandbox) == "acked")


def test_a_token_that_slack_refuses_is_said_at_once(app: App) -> None:
    with pytest.raises(SlackApiError, match="invalid_auth"):
        Line(app, "xapp-wrong").open()


def openings(sandbox: Sandbox) -> list[object]:
    entries = sandbox.client.transcript()
    return [each for each in entries if each["name"] == "apps.connections.open"]
