"""One workspace among those of the server, with what serves it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.clock import Alarm
from sandbox.delivery import Courier
from sandbox.faults import Faults
from sandbox.file_methods import FileServer
from sandbox.interactivity import Interactivity
from sandbox.payloads import Payloads
from sandbox.sockets import Sockets
from sandbox.ui import Ui
from sandbox.webapi import WebApi
from sandbox.workspace import Workspace

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Team:
    """A workspace; the addresses of all but the first begin with its id."""

    def __init__(
        self,
        workspace: Workspace,
        server_url: str,
        prefix: str,
        *,
        key: str,
        sockets: Sockets,
        alarm: Alarm,
        faults: Faults,
    ) -> None:
        self.workspace = workspace
        self.prefix = prefix
        base_url = server_url + prefix
        self._sockets = sockets
        self.courier = Courier(workspace, sockets, alarm, faults)
        self.does = Interactivity(workspace, self.courier, Payloads(workspace, base_url))
        self.ui = Ui(workspace, self.does, self.is_connected)
        self.api = WebApi(workspace, sockets, base_url, faults)
        self._files = FileServer(workspace, key)

    def routes(
        self, page: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> list[web.RouteDef]:
        """Return the routes of the workspace's own addresses."""
        at = self.prefix
        return [
            web.post(f"{at}/response/{{id}}", self.api.respond),
            web.post(f"{at}/upload/{{ticket}}", self._files.upload),
            web.get(f"{at}/files/{{id}}", self._files.download),
            web.get(f"{at}/files/{{id}}/{{name}}", self._files.download),
            *self.ui.routes(at),
            web.get(f"{at}/", page),
            web.get(f"{at}/{{file}}", page),
        ]

    def is_connected(self) -> bool:
        """Tell whether what people do here reaches the app."""
        listens = self._sockets.connected or self.courier.url is not None
        return listens and self.workspace.is_installed

    def tell_connected(self) -> None:
        """Tell the open pages so."""
        self.workspace.tell({"type": "connected", "value": self.is_connected()})
