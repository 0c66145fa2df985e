"""Payloads that come twice, late, as a retry or not at all, and connections that die."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, Queue

import aiohttp
import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from sandbox.client import SandboxClient
from sandbox.faults import Misdelivery
from sandbox.server import Sandbox
from sandbox.wire import Json
from tests.sandbox.conftest import PATIENCE_S

SHORTLY_S = 0.5


class Ear:
    """One bare connection of an app: notes what comes and acknowledges it."""

    def __init__(self, url: str) -> None:
        self.heard: Queue[Json] = Queue()
        self.pongs: Queue[bytes] = Queue()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen(url)))
        self._thread.start()
        assert self.next()["type"] == "hello"

    def next(self, timeout: float = PATIENCE_S) -> Json:
        """Return what comes next."""
        return self.heard.get(timeout=timeout)

    def hears_nothing(self) -> bool:
        """Tell whether nothing comes."""
        try:
            return not self.next(SHORTLY_S)
        except Empty:
            return True

    def is_answered(self, timeout: float = PATIENCE_S) -> bool:
        """Tell whether a ping is answered."""
        asyncio.run_coroutine_threadsafe(self._socket.ping(b"there?"), self._loop).result()
        try:
            return self.pongs.get(timeout=timeout) == b"there?"
        except Empty:
            return False

    def hang_up(self) -> None:
        with suppress(RuntimeError):  # the other end may have hung up, which ended the loop
            self._loop.call_soon_threadsafe(lambda: asyncio.create_task(self._socket.close()))
        self._thread.join(PATIENCE_S)

    async def _listen(self, url: str) -> None:
        self._loop = asyncio.get_running_loop()
        at_once = aiohttp.ClientWSTimeout(ws_close=SHORTLY_S)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, autoping=False, timeout=at_once) as self._socket,
        ):
            async for frame in self._socket:
                if frame.type is aiohttp.WSMsgType.PONG:
                    self.pongs.put(bytes(frame.data))
                elif frame.type is aiohttp.WSMsgType.TEXT:
                    heard = frame.json()
                    self.heard.put(heard)
                    if "envelope_id" in heard:
                        await self._socket.send_json({"envelope_id": heard["envelope_id"]})


@pytest.fixture
def listen(api: WebClient, sandbox: Sandbox) -> Iterator[Callable[[], Ear]]:
    ears: list[Ear] = []

    def start() -> Ear:
        ears.append(Ear(api.apps_connections_open(app_token=sandbox.app_token)["url"]))
        return ears[-1]

    yield start
    for ear in ears:
        ear.hang_up()


def test_a_connection_that_was_told_to_go_still_works_until_it_is_closed(
    listen: Callable[[], Ear], sandbox: Sandbox, people: SandboxClient
) -> None:
    old = listen()
    leaving = threading.Thread(
        target=sandbox.disconnect_sockets, args=("warning",), kwargs={"grace_s": 3}
    )
    leaving.start()
    assert (told := old.next())["type"] == "disconnect"
    assert told["reason"] == "warning"
    assert people.say("U0ANNA", "D0ANNA", "/segment one")["outcome"] == "acked"
    assert old.next()["payload"]["text"] == "one"
    # As soon as there is another, that one gets everything
    new = listen()
    for _ in range(2):
        people.say("U0ANNA", "D0ANNA", "/segment two")
        assert new.next()["payload"]["text"] == "two"
    assert old.hears_nothing()
    leaving.join()
    people.wait_for(lambda: sandbox.sockets == 1)


@pytest.mark.parametrize("deadline_s", [SHORTLY_S])
def test_a_deaf_connection_answers_pings_and_gets_nothing(
    listen: Callable[[], Ear], sandbox: Sandbox, people: SandboxClient
) -> None:
    ear = listen()
    sandbox.deafen_sockets()
    assert people.say("U0ANNA", "D0ANNA", "/segment")["outcome"] == "timeout"
    assert ear.hears_nothing()
    assert ear.is_answered()
    assert people.state("U0ANNA")["app"]["connected"]


@pytest.mark.parametrize("deadline_s", [SHORTLY_S])
def test_a_connection_whose_route_is_lost_answers_nothing_and_says_nothing(
    listen: Callable[[], Ear], sandbox: Sandbox, people: SandboxClient
) -> None:
    ear = listen()
    sandbox.cut_sockets()
    assert people.say("U0ANNA", "D0ANNA", "/segment")["outcome"] == "timeout"
    assert ear.hears_nothing()
    assert not ear.is_answered(SHORTLY_S)


def test_the_same_envelope_may_come_twice(
    listen: Callable[[], Ear], sandbox: Sandbox, people: SandboxClient
) -> None:
    ear = listen()
    sandbox.faults.misdeliver(Misdelivery(copies=2))
    assert people.say("U0ANNA", "D0ANNA", "/segment")["outcome"] == "acked"
    first, second = ear.next(), ear.next()
    assert first == second
    assert ear.hears_nothing()


def test_the_same_signed_request_may_come_twice(
    app: App, serve: Callable[[], bool], sandbox: Sandbox, people: SandboxClient
) -> None:
    signatures: Queue[str] = Queue()

    @app.middleware
    def note(request: object, next: Callable[[], None]) -> None:
        signatures.put(request.headers["x-slack-signature"][0])  # type: ignore[attr-defined]
        next()

    app.command("/segment")(lambda ack: ack())
    serve()
    sandbox.faults.misdeliver(Misdelivery(copies=2))
    assert people.say("U0ANNA", "D0ANNA", "/segment")["outcome"] == "acked"
    assert signatures.get(timeout=PATIENCE_S) == signatures.get(timeout=PATIENCE_S)


def test_an_event_whose_first_attempts_got_lost_first_comes_as_a_retry(
    listen: Callable[[], Ear], sandbox: Sandbox, people: SandboxClient
) -> None:
    ear = listen()
    sandbox.faults.misdeliver(Misdelivery(lost=2))
    people.open_home("U0ANNA")
    people.wait_for(lambda: people.recorded() >= 2)
    people.advance(61)
    heard = ear.next()
    assert (heard["retry_attempt"], heard["retry_reason"]) == (2, "timeout")
    assert ear.hears_nothing()


def test_an_event_whose_answer_got_lost_comes_again_up_to_three_times(
    listen: Callable[[], Ear], sandbox: Sandbox, people: SandboxClient
) -> None:
    ear = listen()
    sandbox.faults.misdeliver(Misdelivery(retries=3))
    people.open_home("U0ANNA")
    heard = [ear.next(), ear.next()]
    for wait_s in (61, 301):
        people.wait_for(lambda: people.recorded() >= len(heard))
        people.advance(wait_s)
        heard.append(ear.next())
    assert [each["retry_attempt"] for each in heard] == [0, 1, 2, 3]
    assert len({each["payload"]["event_id"] for each in heard}) == 1
    assert len({each["envelope_id"] for each in heard}) == 4
    assert ear.hears_nothing()


def test_a_payload_may_come_after_a_later_one(
    listen: Callable[[], Ear], sandbox: Sandbox, people: SandboxClient
) -> None:
    ear = listen()
    sandbox.faults.misdeliver(Misdelivery(behind=1))
    people.open_home("U0ANNA")
    people.say("U0ANNA", "D0ANNA", "/segment")
    assert [ear.next()["type"], ear.next()["type"]] == ["slash_commands", "events_api"]


def test_a_person_who_was_deactivated_cannot_be_written_to_and_a_channel_is_archived(
    sandbox: Sandbox, api: WebClient
) -> None:
    sandbox.world.people["U0ANNA"].kind = "deactivated"
    sandbox.world.places["C0TEAM"].is_archived = True
    for call, code in (
        (lambda: api.conversations_open(users="U0ANNA"), "user_disabled"),
        (lambda: api.chat_postMessage(channel="C0TEAM", text="Hi"), "is_archived"),
    ):
        with pytest.raises(Exception, match=code):
            call()


def test_an_app_that_is_told_twice_answers_each_time(
    app: App, connect: Callable[[], object], sandbox: Sandbox, people: SandboxClient
) -> None:
    texts: Queue[str] = Queue()

    @app.command("/segment")
    def segment(ack: Ack, command: Json) -> None:
        texts.put(command["text"])
        ack()

    connect()
    sandbox.faults.misdeliver(Misdelivery(copies=2))
    assert people.say("U0ANNA", "D0ANNA", "/segment Huber")["outcome"] == "acked"
    assert [texts.get(timeout=PATIENCE_S) for _ in range(2)] == ["Huber", "Huber"]
