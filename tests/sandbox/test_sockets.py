"""Socket Mode and events: one connection gets each payload, and lost ones come again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import Queue

import aiohttp
import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from sandbox.client import SandboxClient
from sandbox.server import Sandbox
from sandbox.wire import Json
from tests.sandbox.conftest import PATIENCE_S


def link(api: WebClient, sandbox: Sandbox) -> str:
    return str(api.apps_connections_open(app_token=sandbox.app_token)["url"])


def test_each_payload_goes_to_exactly_one_of_several_connections(
    app: App, connect: Callable[[], object], people: SandboxClient
) -> None:
    seen: Queue[str] = Queue()

    @app.command("/segment")
    def segment(ack: Ack, command: Json) -> None:
        seen.put(command["text"])
        ack()

    for _ in range(3):
        connect()
    for i in range(6):
        assert people.say("U0ANNA", "D0ANNA", f"/segment {i}")["outcome"] == "acked"
    assert sorted(seen.get_nowait() for _ in range(6)) == [str(i) for i in range(6)]
    assert seen.empty()


def test_the_eleventh_connection_is_sent_away(api: WebClient, sandbox: Sandbox) -> None:
    links = [link(api, sandbox) for _ in range(11)]

    async def greetings() -> list[Json]:
        async with aiohttp.ClientSession() as session:
            sockets = [await session.ws_connect(url) for url in links]
            return [await socket.receive_json(timeout=PATIENCE_S) for socket in sockets]

    *hellos, goodbye = asyncio.run(greetings())
    assert {hello["type"] for hello in hellos} == {"hello"}
    assert [hello["num_connections"] for hello in hellos] == list(range(1, 11))
    assert (goodbye["type"], goodbye["reason"]) == ("disconnect", "too_many_websockets")


def test_a_ticket_opens_one_connection(api: WebClient, sandbox: Sandbox) -> None:
    url = link(api, sandbox)

    async def twice() -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(url):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)

    asyncio.run(twice())


def test_the_app_reconnects_after_a_refresh(
    app: App, connect: Callable[[], object], people: SandboxClient, sandbox: Sandbox
) -> None:
    app.command("/segment")(lambda ack: ack())
    connect()
    sandbox.disconnect_sockets("refresh_requested")
    people.wait_for(lambda: people.state("U0ANNA")["app"]["connected"])
    assert people.say("U0ANNA", "D0ANNA", "/segment")["outcome"] == "acked"


def test_an_event_that_nobody_took_comes_again_after_a_minute_and_five(
    people: SandboxClient,
) -> None:
    def tries_once_there_are(n: int) -> list[Json]:
        people.wait_for(lambda: people.recorded() >= n)
        return people.transcript()

    people.open_home("U0ANNA")
    assert len(tries_once_there_are(2)) == 2, "once, and again at once"
    people.advance(61)
    assert len(tries_once_there_are(3)) == 3
    people.advance(301)
    tries = tries_once_there_are(4)
    assert [t["ok"] for t in tries] == [False] * 4
    assert len({t["request"]["event_id"] for t in tries}) == 1


def test_an_event_that_was_lost_says_that_it_is_a_repeat(
    app: App, connect: Callable[[], object], people: SandboxClient
) -> None:
    repeats: Queue[str] = Queue()
    app.event("app_home_opened")(
        lambda request: repeats.put(request.headers["x-slack-retry-num"][0])
    )
    people.open_home("U0ANNA")
    people.wait_for(lambda: people.recorded() >= 2)
    connect()
    people.advance(61)
    assert repeats.get(timeout=PATIENCE_S) == "2"
