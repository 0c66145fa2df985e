"""The local workspace as one server: `with Sandbox(manifest) as sandbox: …`."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from aiohttp import web

from sandbox.client import SandboxClient
from sandbox.clock import Alarm, Clock
from sandbox.consent import Consent
from sandbox.faults import Faults
from sandbox.manifest import Manifest
from sandbox.sockets import Sockets
from sandbox.team import Team
from sandbox.webapi import arguments
from sandbox.wire import Json
from sandbox.workspace import DEADLINE_S, AppKeys, Workspace
from sandbox.world import World, default_world

PAGE = Path(__file__).parent / "page"
HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
TURNS = 5
"""Of the loop, until a connection that was being accepted has arrived."""
STOP_S = 10.0
CLOSING_S = 30.0
COOKIE = "sandbox-key"
MAX_BODY = 64 * 2**20

Result = TypeVar("Result")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Sandbox:
    """Workspaces that one app can be installed in, on this machine only; runs in its own thread."""

    def __init__(
        self,
        manifest: Json,
        world: World | None = None,
        port: int = 0,
        *,
        more: Sequence[World] = (),
        installed: bool = True,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """Make a workspace, or several; a busy test machine gets a longer deadline for answers."""
        self.world = world or default_world()
        self.clock = Clock()
        self.key = secrets.token_urlsafe(18)
        known = Manifest.from_dict(manifest)
        keys = AppKeys.made_for(self.world.app_id)
        self.workspaces = {
            each.team_id: Workspace(each, known, self.clock, deadline_s, keys)
            for each in (self.world, *more)
        }
        self.workspace = self.workspaces[self.world.team_id]
        for workspace in self.workspaces.values():
            workspace.is_installed = installed
        self.app_token = self.workspace.keys.app_token
        self.signing_secret = self.workspace.keys.signing_secret
        self.faults = Faults()
        self._port = port
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Start serving; a taken port raises OSError."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, self._port))
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)
        self._thread.start()
        self._do(self._serve(listener))
        return self

    def stop(self) -> None:
        """Close connections, loop and thread."""
        if self._thread is None:
            return
        with contextlib.suppress(TimeoutError):
            self._do(self._close(), timeout=STOP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_S)
        self._thread = None
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """The address of the server."""
        return f"http://{HOST}:{self._port}"

    @property
    def api_url(self) -> str:
        """The address that the app's Web API client takes."""
        return f"{self.base_url}/api/"

    @property
    def page_url(self) -> str:
        """The address that a person opens; whoever has it can act as anybody here."""
        return f"{self.base_url}/?key={self.key}"

    @property
    def client(self) -> SandboxClient:
        """A client that acts as people do on the page."""
        return self.client_of(self.world.team_id)

    @property
    def bot_token(self) -> str:
        """The token of the app in the first workspace."""
        return self.workspace.bot_token

    def client_of(self, team_id: str) -> SandboxClient:
        """A client that acts as people of a workspace do."""
        return SandboxClient(self.base_url + self._prefix(team_id), self.key)

    def send_events_to(self, url: str | None) -> bool:
        """Send to this URL from now on, signed, instead of over sockets; None goes back.

        Returns whether the URL echoed the challenge.
        """
        return self._do(self._switch(url))

    def check_tls(self) -> bool:
        """Send the URL what the platform sends to check its certificate; whether it answered."""
        return self._do(self._first.courier.check_tls())

    def install(self, person_id: str) -> str:
        """Install the app as a person; returns the code that the app exchanges for its token."""
        return self.workspace.handles.code(person_id)

    def disconnect_sockets(
        self, reason: str | None = "refresh_requested", *, grace_s: float = 0
    ) -> None:
        """Close the app's socket connections; without a reason they break off unannounced.

        With ``grace_s`` they stay open so long after the announcement, as the platform leaves
        them; returns when they are closed.
        """
        closing = self._sockets.disconnect(reason, grace_s=grace_s)
        self._do(closing, timeout=grace_s + CLOSING_S)

    def send_frame(self, frame: str | bytes) -> None:
        """Send something over the open connections that need not be an envelope."""
        self._do(self._sockets.send_raw(frame))

    def deafen_sockets(self) -> None:
        """Let the open connections stay as they are, but bring nothing any more."""
        self._loop.call_soon_threadsafe(lambda: self._sockets.harm(deaf=True))

    def cut_sockets(self) -> None:
        """Let the open connections die without either end being told, as a lost route does."""
        self._loop.call_soon_threadsafe(lambda: self._sockets.harm(dead=True))

    @property
    def sockets(self) -> int:
        """How many connections the app has open."""
        return self._sockets.count

    @property
    def deaf_sockets(self) -> int:
        """How many of them bring nothing any more."""
        return self._sockets.deaf

    def uninstall(self, team_id: str | None = None) -> None:
        """Take the app out of a workspace: it is told, and its token is dead."""
        self._do(self._uninstall(team_id or self.world.team_id))

    def _do(self, work: Coroutine[Any, Any, Result], timeout: float = 10) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    async def _serve(self, listener: socket.socket) -> None:
        self._listener = listener
        self._sockets = Sockets(self.world.app_id, lambda _: self._tell_connected())
        self._alarm = Alarm(self.clock)
        self._teams = {
            team_id: Team(
                workspace,
                self.base_url,
                self._prefix(team_id),
                key=self.key,
                sockets=self._sockets,
                alarm=self._alarm,
                faults=self.faults,
            )
            for team_id, workspace in self.workspaces.items()
        }
        self._first = self._teams[self.world.team_id]
        self.clock.on_move(self._clock_moved)
        consent = Consent([*self.workspaces.values()])
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_BODY)
        app.add_routes(
            [
                web.route("*", "/api/{method}", self._call),
                web.get("/link/", self._sockets.link),
                web.get("/oauth/v2/authorize", consent.show),
                web.post("/oauth/v2/authorize", consent.decide),
                *(route for team in self._teams.values() for route in team.routes(self._page)),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()

    async def _close(self) -> None:
        for team in self._teams.values():
            team.ui.stopping.set()
            await team.courier.stop()
        await self._sockets.disconnect(None)
        self._loop.remove_reader(self._listener)
        for _ in range(TURNS):  # who is let in while the server closes would never be closed
            await asyncio.sleep(0)
        await self._runner.cleanup()

    async def _switch(self, url: str | None) -> bool:
        for team in self._teams.values():
            team.courier.url = url
        self._tell_connected()
        return url is not None and await self._first.courier.verify_url()

    async def _uninstall(self, team_id: str) -> None:
        self._teams[team_id].does.uninstalled()

    async def _call(self, request: web.Request) -> web.StreamResponse:
        """Let the workspace answer whose token, or whose code of an installation, is brought."""
        team = self._first
        if len(self._teams) > 1:
            bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
            given = {} if bearer.startswith("x") else await arguments(request)
            token, code = bearer or given.get("token"), str(given.get("code"))
            for each in self._teams.values():
                if token in each.workspace.tokens or each.workspace.handles.knows_code(code):
                    team = each
        return await team.api.call(request)

    def _prefix(self, team_id: str) -> str:
        return "" if team_id == self.world.team_id else f"/t/{team_id}"

    def _tell_connected(self) -> None:
        for team in self._teams.values():
            team.tell_connected()

    def _clock_moved(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._tell_time)

    def _tell_time(self) -> None:
        self._alarm.ring()
        for workspace in self.workspaces.values():
            workspace.tell({"type": "clock", "now": self.clock.now().timestamp()})

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let only this machine's own page and the app in."""
        own = {None, *(f"http://{name}:{self._port}" for name in NAMES)}
        # the Socket Mode client of slack_sdk leaves the port out of its Host header
        if request.host.split(":")[0] not in NAMES or request.headers.get("Origin") not in own:
            raise web.HTTPForbidden(text="foreign host or origin")
        if "/ui/" in request.path and not self._has_key(request):
            raise web.HTTPForbidden(text="the key is missing or wrong")
        if request.path.startswith("/oauth/") and not self._has_key(request):
            raise web.HTTPForbidden(text="open the page of the workspace in this browser first")
        return await handler(request)

    def _has_key(self, request: web.Request) -> bool:
        kept = request.cookies.get(COOKIE, "") if request.path.startswith("/oauth/") else ""
        given = request.headers.get("X-Sandbox-Key") or request.query.get("key", "") or kept
        return hmac.compare_digest(given.encode(), self.key.encode())

    async def _page(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("file", "index.html")
        file = PAGE / name
        if file.parent != PAGE or not file.is_file():
            raise web.HTTPNotFound(text="no such file")
        shown = web.FileResponse(file, headers={"Cache-Control": "no-store"})
        if self._has_key(request):  # so that an installation that begins elsewhere ends here
            shown.set_cookie(COOKIE, self.key, httponly=True, samesite="Lax")
        return shown
