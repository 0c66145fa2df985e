"""A workspace with a small app of its own, and the real Bolt over its wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from sandbox.client import SandboxClient
from sandbox.server import Sandbox
from sandbox.wire import Json

PATIENCE_S = 30
"""How long to wait for what an idle machine does at once."""

MANIFEST: Json = {
    "display_information": {"name": "Tierwise"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {"command": "/segment", "description": "Look a client up", "usage_hint": "[name]"},
            {"command": "/mention", "description": "Mentions", "should_escape": True},
        ],
        "shortcuts": [
            {"name": "Find a client", "type": "global", "callback_id": "find_client"},
            {"name": "Log as a contact", "type": "message", "callback_id": "log_contact"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                *("chat:write", "commands", "im:history", "im:write", "users:read"),
                *("channels:read", "groups:read", "im:read"),
            ]
        }
    },
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened", "message.im"]}},
}


@pytest.fixture
def deadline_s() -> float:
    """How long the app may take to answer; tests of the real deadline name it."""
    return PATIENCE_S


@pytest.fixture
def sandbox(deadline_s: float) -> Iterator[Sandbox]:
    with Sandbox(MANIFEST, deadline_s=deadline_s) as running:
        yield running


@pytest.fixture
def people(sandbox: Sandbox) -> SandboxClient:
    return sandbox.client


@pytest.fixture
def api(sandbox: Sandbox) -> WebClient:
    return WebClient(sandbox.bot_token, base_url=sandbox.api_url, timeout=PATIENCE_S)


@pytest.fixture
def app(sandbox: Sandbox, api: WebClient) -> Iterator[App]:
    with ThreadPoolExecutor(5) as pool:
        yield App(client=api, signing_secret=sandbox.signing_secret, listener_executor=pool)


@pytest.fixture(scope="session")
def closers() -> Iterator[ThreadPoolExecutor]:
    """Close socket clients in the background: each takes a second or more."""
    with ThreadPoolExecutor(20) as pool:
        yield pool


def _close(handler: SocketModeHandler) -> None:
    for _ in range(2):  # the client's reader may close the socket first and trip the first attempt
        with suppress(AttributeError):
            handler.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def connect(
    sandbox: Sandbox, app: App, closers: ThreadPoolExecutor
) -> Iterator[Callable[[], SocketModeHandler]]:
    """Connect the app over Socket Mode, once more with each call."""
    handlers: list[SocketModeHandler] = []

    def connected() -> SocketModeHandler:
        handler = SocketModeHandler(app, sandbox.app_token, web_client=app.client)
        handler.connect()  # type: ignore[no-untyped-call]
        handlers.append(handler)
        return handler

    yield connected
    for handler in handlers:
        handler.client.auto_reconnect_enabled = False
        closers.submit(_close, handler)


@pytest.fixture
def serve(sandbox: Sandbox, app: App) -> Iterator[Callable[[], bool]]:
    """Serve the app over HTTP and have the workspace send there."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = make_server("127.0.0.1", 0, SlackRequestHandler(app), handler_class=Quiet)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield lambda: sandbox.send_events_to(f"http://127.0.0.1:{server.server_port}/slack/events")
    server.shutdown()
    thread.join()
    server.server_close()
