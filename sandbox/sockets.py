"""Socket Mode: tickets, connections, envelopes and their acknowledgements."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import secrets
import uuid
from collections.abc import Callable

from aiohttp import WSMsgType, web

from sandbox.wire import Json

MAX_CONNECTIONS = 10
PING_S = 10.0


class Sockets:
    """The app's open connections; each envelope goes to exactly one of them."""

    def __init__(self, app_id: str, on_change: Callable[[bool], None]) -> None:
        self._app_id = app_id
        self._on_change = on_change
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._turn = itertools.count()
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Json | None]]] = {}

    @property
    def connected(self) -> bool:
        """Whether the app listens."""
        return bool(self._open)

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
        socket = web.WebSocketResponse(heartbeat=PING_S)
        await socket.prepare(request)
        if len(self._open) >= MAX_CONNECTIONS:
            await self._say_goodbye(socket, "too_many_websockets")
            return socket
        self._open.append(socket)
        await socket.send_json(self._hello(request.host))
        self._on_change(True)
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._acknowledged(frame.data)
        finally:
            self._gone(socket)
        return socket

    async def deliver(
        self, envelope_type: str, payload: Json, seconds: float, **retry: object
    ) -> Json | None:
        """Send an envelope and return the payload of its acknowledgement.

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
            await self._send(envelope, future)
            return await asyncio.wait_for(future, timeout=seconds)
        finally:
            self._waiting.pop(envelope_id, None)

    async def _send(self, envelope: Json, future: asyncio.Future[Json | None]) -> None:
        """Send to the connection whose turn it is, or to the next that still takes it."""
        turn = next(self._turn) % max(1, len(self._open))
        for socket in (*self._open[turn:], *self._open[:turn]):
            self._waiting[envelope["envelope_id"]] = (socket, future)
            with contextlib.suppress(ConnectionError):
                await socket.send_json(envelope)
                return
        raise ConnectionError("the app is not connected")

    async def disconnect(self, reason: str | None) -> None:
        """Close every connection; the reason is announced first, if there is one."""
        closing, self._open = self._open, []
        for socket in closing:
            await self._say_goodbye(socket, reason)

    async def _say_goodbye(self, socket: web.WebSocketResponse, reason: str | None) -> None:
        if reason is not None:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
        await socket.close()

    def _hello(self, host: str) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": host, "approximate_connection_time": 3600},
        }

    def _acknowledged(self, data: str) -> None:
        try:
            answer = json.loads(data)
            _, future = self._waiting[answer["envelope_id"]]
        except (ValueError, KeyError, TypeError):
            return
        if not future.done():
            future.set_result(answer.get("payload"))

    def _gone(self, socket: web.WebSocketResponse) -> None:
        if socket in self._open:
            self._open.remove(socket)
        for other, future in self._waiting.values():
            if other is socket and not future.done():
                future.set_exception(ConnectionResetError("the connection broke"))
        self._on_change(self.connected)
