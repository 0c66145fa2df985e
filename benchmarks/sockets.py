"""``python -m benchmarks.sockets``: Socket Mode clients beside each other, in the local workspace.

Each serves the same Bolt app: how long nobody is reached when a connection is refreshed, after
three failed attempts, when the route is lost, and when a connection brings nothing any more; and
ten commands at once. Takes half an hour. A client whose library is not installed is left out.
"""

import argparse
import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from statistics import median
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table
from slack_bolt import App
from slack_sdk import WebClient

from bot.line import Line
from sandbox.faults import Fault
from sandbox.server import Sandbox

MANIFEST = {
    "display_information": {"name": "Tierwise"},
    "features": {
        "slash_commands": [
            {"command": "/quick", "description": "answers at once"},
            {"command": "/slow", "description": "takes half a second"},
        ]
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    "settings": {},
}
SLOW_S = 0.5
AT_ONCE = 10
EVERY_S = 0.05
LONGEST_S = 150.0


class Client(Protocol):
    """What is measured."""

    def open(self) -> None: ...
    def close(self) -> None: ...


class OfSlack:
    """A handler of Slack's own, over one of its libraries."""

    def __init__(self, library: str, app: App, token: str) -> None:
        handler = import_module(f"slack_bolt.adapter.socket_mode.{library}").SocketModeHandler
        self._make = lambda: handler(app, token)

    def open(self) -> None:
        self._handler = self._make()
        self._handler.connect()

    def close(self) -> None:
        self._handler.client.auto_reconnect_enabled = False
        for _ in range(2):
            with suppress(Exception):
                self._handler.close()


class OnLoop(OfSlack):
    """The same for a library that wants an event loop."""

    def open(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._do(self._connect())

    def close(self) -> None:
        with suppress(Exception):
            self._do(self._handler.close_async())
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _connect(self) -> None:
        self._handler = self._make()
        client = self._handler.client
        client.web_client = _Awaited(client.web_client)
        await self._handler.connect_async()

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


class _Awaited:
    """A synchronous Web API client for those who await it."""

    def __init__(self, client: WebClient) -> None:
        self._client, self.ssl, self.proxy = client, client.ssl, client.proxy

    async def apps_connections_open(self, *, app_token: str) -> Any:
        return await asyncio.to_thread(self._client.apps_connections_open, app_token=app_token)


CLIENTS: dict[str, Callable[[App, str], Client]] = {
    "ours": Line,
    "built-in": lambda app, token: OfSlack("builtin", app, token),
    "websocket_client": lambda app, token: OfSlack("websocket_client", app, token),
    "aiohttp": lambda app, token: OnLoop("aiohttp", app, token),
}


@contextmanager
def connected(make: Callable[[App, str], Client]) -> Iterator[Sandbox]:
    """Serve an app in a workspace of its own."""
    with Sandbox(MANIFEST) as sandbox:
        web = WebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])
        app = App(client=web, request_verification_enabled=False, process_before_response=True)
        app.command("/quick")(lambda ack: ack())

        @app.command("/slow")
        def slow(ack: Callable[[], None]) -> None:
            time.sleep(SLOW_S)
            ack()

        client = make(app, sandbox.app_token)
        client.open()
        sandbox.client.wait_for(lambda: sandbox.sockets)
        try:
            yield sandbox
        finally:
            client.close()


def gap(sandbox: Sandbox, harm: Callable[[], object], longest_s: float = LONGEST_S) -> float:
    """Return how long nobody was reached: from the first unanswered command to an answered one."""
    asked: list[tuple[float, Future[dict[str, Any]]]] = []
    with ThreadPoolExecutor(200) as pool:
        harmed = pool.submit(harm)
        start = time.monotonic()
        calm_since = None
        while time.monotonic() - start < longest_s:
            now = time.monotonic()
            asked.append((now, pool.submit(sandbox.client.say, "U0ANNA", "D0ANNA", "/quick")))
            time.sleep(EVERY_S)
            answered = [f.done() and f.result()["outcome"] == "acked" for _, f in asked[-5:]]
            is_calm = harmed.done() and len(answered) == 5 and all(answered)
            calm_since = (calm_since or now) if is_calm else None
            if calm_since and now - calm_since > 0.5 and now - start > 0.5:
                break
    return _longest_wait(asked)


def _longest_wait(asked: list[tuple[float, Future[dict[str, Any]]]]) -> float:
    """Return the longest that one who asked, and asks again if need be, waits for an answer."""
    waits, next_answer = [], float("inf")
    for at, future in reversed(asked):
        result = future.result()
        if result["outcome"] == "acked":
            next_answer = at + result["ms"] / 1000
        waits.append(next_answer - at)
    return max(waits)


def refreshes(make: Callable[[App, str], Client], times: int, grace_s: float) -> str:
    with connected(make) as sandbox:
        gaps = [
            gap(sandbox, lambda: sandbox.disconnect_sockets("warning", grace_s=grace_s))
            for _ in range(times)
        ]
    return f"{median(gaps):.2f} / {max(gaps):.2f} s"


def after_failures(make: Callable[[App, str], Client]) -> str:
    with connected(make) as sandbox:
        sandbox.faults.order("apps.connections.open", Fault(status=500), times=3)
        return _seconds(gap(sandbox, lambda: sandbox.disconnect_sockets(None)))


def route_lost(make: Callable[[App, str], Client]) -> str:
    with connected(make) as sandbox:
        return _seconds(gap(sandbox, sandbox.cut_sockets))


def deaf(make: Callable[[App, str], Client]) -> str:
    with connected(make) as sandbox:
        return _seconds(gap(sandbox, sandbox.deafen_sockets))


def at_once(make: Callable[[App, str], Client]) -> str:
    with connected(make) as sandbox, ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [
            pool.submit(sandbox.client.say, "U0ANNA", "D0ANNA", "/slow") for _ in range(AT_ONCE)
        ]
        answers = [each.result() for each in asked]
    slowest = max(each["ms"] for each in answers) / 1000
    missed = sum(each["outcome"] != "acked" for each in answers)
    return f"{slowest:.2f} s" + (f", {missed} missed" if missed else "")


def _seconds(found: float) -> str:
    return "never" if found == float("inf") else f"{found:.1f} s"


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sockets", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CLIENT", help=str(tuple(CLIENTS)))
    parser.add_argument("--refreshes", type=int, default=50)
    given = parser.parse_args()
    rows: dict[str, Callable[[Callable[[App, str], Client]], str]] = {
        "refresh, 2 s ahead: gap, median / longest": lambda m: refreshes(m, given.refreshes, 2),
        "refresh, at once: gap, median / longest": lambda m: refreshes(m, given.refreshes, 0),
        "cut off, 3 attempts fail": after_failures,
        "route lost": route_lost,
        "connected, but deaf": deaf,
        f"{AT_ONCE} commands of {SLOW_S} s at once: slowest": at_once,
    }
    names = given.names or list(CLIENTS)
    table = Table("", *names)
    for what, measure in rows.items():
        cells = []
        for name in names:
            try:
                cells.append(measure(CLIENTS[name]))
            except ModuleNotFoundError:
                cells.append("not installed")
        table.add_row(what, *cells)
        Console().print(what, *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
