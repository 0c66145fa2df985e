"""The line to Slack in Socket Mode: one connection, followed by the next before it ends.

A connection that is silent for long is followed as well, since one that answers pings may still
bring nothing any more. Slack's own clients and this one, measured: docs/decisions/socket-mode.md.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt import App, BoltResponse
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.digests.answers import Verdict, read_failure
from bot.requests import answer_payload

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientWebSocketResponse

log = structlog.get_logger()

WORKERS = 20
HELLO_S = 10.0
PING_S = 20.0
"""How often the other end is asked; half as long without an answer, and the connection is dead."""
SILENCE_S = 90.0
"""Slack gives out one address a minute at least."""
LEAVE_S = 1.0
"""How long a connection is still listened to when the next one is there."""
ANSWER_S = 3.0
"""Slack waits no longer for an acknowledgement."""
PAUSES_S = (0.5, 1, 2, 4, 8)
REFUSED_S = 60.0
"""After a refusal that only a person can end, as of a token or of Socket Mode itself."""
STANDSTILL_S = 15.0
COMPLAIN_S = 300.0


class TurnedAwayError(Exception):
    """Slack took the connection and sent it away at once."""


@dataclass(eq=False, slots=True)
class Wire:
    """One connection."""

    socket: ClientWebSocketResponse
    heard_at: float = field(default_factory=time.monotonic)
    """When the last payload came, or the connection was opened."""
    opened_at: float = field(default_factory=time.monotonic)
    spent: asyncio.Event = field(default_factory=asyncio.Event)
    """It ends, or has ended: another is needed."""
    under_way: set[asyncio.Task[None]] = field(default_factory=set)
    """Payloads that are being answered."""


class Line:
    """Keeps the app reachable from `open` to `close`, in a thread of its own."""

    def __init__(
        self, app: App, app_token: str, *, ping_s: float = PING_S, silence_s: float = SILENCE_S
    ) -> None:
        self._app, self._token = app, app_token
        self._ping_s, self._silence_s = ping_s, silence_s
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="slack")
        self._thread = threading.Thread(target=self._stay, name="line", daemon=True)
        self._opened = threading.Event()
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wire: Wire | None = None
        self._made_at = self._beat = time.monotonic()
        self._complained: dict[str, float] = {}

    def open(self) -> None:
        """Connect; a token that Slack refuses raises SlackApiError. Returns after the first hello.

        If none comes within a few seconds, the attempts go on in the background.
        """
        self._address()
        self._thread.start()
        self._opened.wait(HELLO_S)

    def close(self) -> None:
        """Finish what is being answered, and hang up."""
        self._closing = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._stopped.set)
        if self._thread.is_alive():
            self._thread.join(2 * ANSWER_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def is_up(self) -> bool:
        """Tell whether there is a connection, and somebody who listens to it."""
        wire = self._wire
        stands_still = time.monotonic() - self._beat > STANDSTILL_S
        return wire is not None and not wire.socket.closed and not stands_still

    @property
    def quiet_s(self) -> float:
        """Return for how long nothing came; how long it has been trying, if it is not up."""
        wire = self._wire
        return time.monotonic() - (wire.heard_at if wire else self._made_at)

    @property
    def age_s(self) -> float:
        """Return how old the connection is; 0 if there is none."""
        wire = self._wire
        return time.monotonic() - wire.opened_at if wire and self.is_up else 0.0

    def _address(self) -> str:
        opened = self._app.client.apps_connections_open(app_token=self._token)
        return str(opened["url"])

    def _stay(self) -> None:
        while not self._closing:
            try:
                asyncio.run(self._listen())
            except Exception:
                log.exception("line broken")
                time.sleep(PAUSES_S[0])

    async def _listen(self) -> None:
        import aiohttp  # in HTTP mode nobody needs it

        self._stopped, self._loop = asyncio.Event(), asyncio.get_running_loop()
        if self._closing:
            return
        async with aiohttp.ClientSession() as session:
            tasks = [asyncio.create_task(work) for work in (self._keep(session), self._live())]
            stopped = asyncio.create_task(self._stopped.wait())
            ended, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in (*tasks, stopped):
                task.cancel()
            if self._wire is not None:
                await _hang_up(self._wire)
            for task in ended:
                task.result()

    async def _live(self) -> None:
        while True:
            self._beat = time.monotonic()
            await asyncio.sleep(1)

    async def _keep(self, session: ClientSession) -> None:
        """Have one connection, and the next one before it ends."""
        failures = 0
        leaving: set[asyncio.Task[None]] = set()
        while True:
            try:
                wire = await self._connect(session)
            except Exception as error:
                pause_s = _pause_s(error, failures)
                self._complain(error)
                failures += 1
                await asyncio.sleep(pause_s)
                continue
            failures, old, self._wire = 0, self._wire, wire
            self._opened.set()
            if old is not None:
                task = asyncio.create_task(_leave(old))
                leaving.add(task)
                task.add_done_callback(leaving.discard)
            await self._until_spent(wire)

    def _complain(self, error: Exception) -> None:
        """Log an error by its name, since its words may hold an address that lets one in."""
        is_refusal = isinstance(error, SlackApiError)
        code = read_failure(error).code if is_refusal else type(error).__name__
        said = self._complained.get(code)
        if said is None or time.monotonic() - said > COMPLAIN_S:
            self._complained[code] = time.monotonic()
            log.warning("not connected", error=code)

    async def _connect(self, session: ClientSession) -> Wire:
        from aiohttp import ClientWSTimeout

        client = self._app.client
        running = asyncio.get_running_loop()
        address = await running.run_in_executor(self._pool, self._address)
        socket = await session.ws_connect(
            address,
            heartbeat=self._ping_s,
            proxy=client.proxy or None,
            ssl=client.ssl or True,
            timeout=ClientWSTimeout(ws_close=1),
        )
        try:
            greeting = await socket.receive_json(timeout=HELLO_S)
            if greeting.get("type") == "disconnect":
                raise TurnedAwayError(greeting.get("reason"))
        except BaseException:
            await socket.close()
            raise
        wire = Wire(socket)
        reading = asyncio.create_task(self._read(wire))
        reading.add_done_callback(lambda _: wire.spent.set())
        return wire

    async def _read(self, wire: Wire) -> None:
        from aiohttp import WSMsgType

        async for frame in wire.socket:
            if frame.type is not WSMsgType.TEXT:
                log.info("frame passed over", type=frame.type.name)
                continue
            try:
                self._take(wire, json.loads(frame.data))
            except Exception as error:
                log.warning("frame not understood", error=type(error).__name__)

    def _take(self, wire: Wire, message: dict[str, Any]) -> None:
        if message.get("type") == "disconnect":
            log.info("connection ends", reason=message.get("reason"))
            wire.spent.set()
            return
        request = SocketModeRequest.from_dict(message)
        if request is None:
            return
        wire.heard_at = time.monotonic()
        task = asyncio.create_task(self._answer(wire, request))
        wire.under_way.add(task)
        task.add_done_callback(wire.under_way.discard)

    async def _answer(self, wire: Wire, request: SocketModeRequest) -> None:
        """Let the app answer, over the next connection if this one ended meanwhile."""
        try:
            work = partial(answer_payload, self._app, request.payload, build_headers(request))
            response = await asyncio.get_running_loop().run_in_executor(self._pool, work)
            if (said := _acknowledgement(request, response)) is None:
                return
            try:
                await wire.socket.send_str(said)
            except ConnectionError:
                if self._wire is None or self._wire is wire:
                    raise
                await self._wire.socket.send_str(said)
        except Exception:
            log.exception("payload not answered", type=request.type)

    async def _until_spent(self, wire: Wire) -> None:
        """Return when a connection ends, or has brought nothing for too long."""
        while not wire.spent.is_set():
            left = self._silence_s - (time.monotonic() - wire.heard_at)
            if left <= 0:
                log.debug("connection silent, making another")
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(wire.spent.wait(), left)


async def _leave(wire: Wire) -> None:
    """Listen to a connection for a little longer, then hang up."""
    until = time.monotonic() + LEAVE_S
    while time.monotonic() < until and not wire.socket.closed:
        await asyncio.sleep(0.1)
    await _hang_up(wire)


async def _hang_up(wire: Wire) -> None:
    if wire.under_way:
        await asyncio.wait(wire.under_way, timeout=ANSWER_S)
    await wire.socket.close()


def _acknowledgement(request: SocketModeRequest, response: BoltResponse) -> str | None:
    """Say what Bolt answered; None if it did not take the payload, so that Slack tries again."""
    if response.status != 200:
        log.info("payload not acknowledged", type=request.type, status=response.status)
        return None
    said: dict[str, Any] = {"envelope_id": request.envelope_id}
    if response.body:
        kind = response.headers.get("content-type", [""])[0]
        is_json = kind.startswith("application/json")
        said["payload"] = json.loads(response.body) if is_json else {"text": response.body}
    return json.dumps(said)


def _pause_s(error: Exception, failures: int) -> float:
    """Say how long to wait after so many failures in a row and this one."""
    pause_s = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
    if not isinstance(error, SlackApiError):
        return pause_s
    failure = read_failure(error)
    if failure.verdict is Verdict.WAIT:
        return failure.wait.total_seconds()
    return pause_s if failure.verdict is Verdict.UNCLEAR else REFUSED_S
