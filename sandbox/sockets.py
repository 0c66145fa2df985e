"""Socket Mode: tickets, connections, envelopes and their acknowledgements."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSMessage, WSMsgType, web

from sandbox.wire import Json

MAX_CONNECTIONS = 10
PING_S = 10.0
MISSED_PINGS = 3


@dataclass(eq=False, slots=True)
class Link:
    """One connection, and what a test did to it."""

    socket: web.WebSocketResponse
    heard_at: float = field(default_factory=time.monotonic)
    is_leaving: bool = False
    """It was told to go: others get the payloads, as long as there are any."""
    is_deaf: bool = False
    """Payloads for it are lost, though it answers pings."""
    is_dead: bool = False
    """Nothing goes through in either direction, and neither end is told."""


class Sockets:
    """The app's open connections; each envelope goes to exactly one of them."""

    def __init__(self, app_id: str, on_change: Callable[[bool], None]) -> None:
        self._app_id = app_id
        self._on_change = on_change
        self._tickets: set[str] = set()
        self._open: list[Link] = []
        self._turn = itertools.count()
        self._waiting: dict[str, tuple[Link, asyncio.Future[Json | None]]] = {}

    @property
    def connected(self) -> bool:
        """Whether the app listens."""
        return bool(self._open)

    @property
    def count(self) -> int:
        """How many connections are open."""
        return len(self._open)

    @property
    def deaf(self) -> int:
        """How many of them bring nothing."""
        return sum(link.is_deaf for link in self._open)

    def ticket_url(self, host: str) -> str:
        """Give out an address that opens one connection."""
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        return f"ws://{host}/link/?ticket={ticket}&app_id={self._app_id}"

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPUnauthorized(text="invalid ticket")
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        link = Link(socket)
        if len(self._open) >= MAX_CONNECTIONS:
            await self._say_goodbye(link, "too_many_websockets")
            return socket
        self._open.append(link)
        await socket.send_json(self._hello(request.host))
        self._on_change(True)
        pinging = asyncio.create_task(self._ping(link))
        try:
            async for frame in socket:
                await self._heard(link, frame)
        finally:
            pinging.cancel()
            self._gone(link)
        return socket

    async def deliver(
        self,
        envelope_type: str,
        payload: Json,
        seconds: float,
        *,
        times: int = 1,
        **retry: object,
    ) -> Json | None:
        """Send an envelope, perhaps more than once, and return the payload of its acknowledgement.

        Raises TimeoutError when none comes, ConnectionError when nobody listens any more.
        """
        envelope_id = str(uuid.uuid4())
        envelope = {
            "envelope_id": envelope_id,
            "type": envelope_type,
            "accepts_response_payload": envelope_type != "events_api",
            "payload": payload,
            **retry,
        }
        future: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        try:
            for _ in range(times):
                await self._send(envelope, future)
            return await asyncio.wait_for(future, timeout=seconds)
        finally:
            self._waiting.pop(envelope_id, None)

    async def _send(self, envelope: Json, future: asyncio.Future[Json | None]) -> None:
        """Send to the connection whose turn it is, or to the next that still takes it."""
        listening = [link for link in self._open if not link.is_leaving] or self._open
        turn = next(self._turn) % max(1, len(listening))
        for link in (*listening[turn:], *listening[:turn]):
            self._waiting[envelope["envelope_id"]] = (link, future)
            with contextlib.suppress(ConnectionError):
                if not (link.is_deaf or link.is_dead):
                    await link.socket.send_json(envelope)
                return
        raise ConnectionError("the app is not connected")

    async def disconnect(self, reason: str | None, *, grace_s: float = 0) -> None:
        """Close every connection; the reason, if there is one, is announced so long before."""
        closing = [*self._open]
        for link in closing:
            link.is_leaving = True
            if reason is not None:
                await self._announce(link, reason)
        if grace_s:
            await asyncio.sleep(grace_s)
        for link in closing:
            self._forget(link)
            await link.socket.close()

    async def send_raw(self, frame: str | bytes) -> None:
        """Send something to every connection that need not be an envelope."""
        for link in self._open:
            with contextlib.suppress(ConnectionError):  # the app may hang up on it
                if isinstance(frame, str):
                    await link.socket.send_str(frame)
                else:
                    await link.socket.send_bytes(frame)

    def harm(self, *, deaf: bool = False, dead: bool = False) -> None:
        """Let every open connection go deaf or dead; what connects afterwards is well."""
        for link in self._open:
            link.is_deaf, link.is_dead = deaf, dead

    async def _say_goodbye(self, link: Link, reason: str) -> None:
        await self._announce(link, reason)
        await link.socket.close()

    async def _announce(self, link: Link, reason: str) -> None:
        with contextlib.suppress(ConnectionError):
            news = {"type": "disconnect", "reason": reason, "debug_info": {}}
            await link.socket.send_json(news)

    def _hello(self, host: str) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": host, "approximate_connection_time": 3600},
        }

    async def _ping(self, link: Link) -> None:
        """Ask now and then whether the other end is there; hang up if it is not."""
        while time.monotonic() - link.heard_at < MISSED_PINGS * PING_S:
            if not link.is_dead:
                with contextlib.suppress(ConnectionError):
                    await link.socket.ping()
            await asyncio.sleep(PING_S)
        if not link.is_dead:
            await link.socket.close()

    async def _heard(self, link: Link, frame: WSMessage) -> None:
        link.heard_at = time.monotonic()
        if link.is_dead:
            return
        if frame.type is WSMsgType.PING:
            await link.socket.pong(frame.data)
        elif frame.type is WSMsgType.TEXT:
            self._acknowledged(frame.data)

    def _acknowledged(self, data: str) -> None:
        try:
            answer = json.loads(data)
            _, future = self._waiting[answer["envelope_id"]]
        except (ValueError, KeyError, TypeError):
            return
        if not future.done():
            future.set_result(answer.get("payload"))

    def _forget(self, link: Link) -> None:
        if link in self._open:
            self._open.remove(link)

    def _gone(self, link: Link) -> None:
        self._forget(link)
        for other, future in self._waiting.values():
            if other is link and not future.done():
                future.set_exception(ConnectionResetError("the connection broke"))
        self._on_change(self.connected)
