"""Signed HTTP under gunicorn: one process, many threads; TLS is the reverse proxy's."""

import os
import sys
import time
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from bot.checks import check_files
from bot.gate import Gate, Wsgi
from bot.health import health_page
from bot.runtime import Runtime
from bot.service import Service, keep_what_is_loaded
from bot.settings import Settings
from storage.migrate import check_version
from storage.store import open_store

HEALTH = "/health"
THREADS = 64
"""Far more than the pool that answers has: who waits for it costs little, and acks stay quick."""
TIMEOUT_S = 30
UNFIT = 2
"""The exit code of a start that a person has to correct something for."""
KEPT_S = 75
"""How long a connection is kept: longer than a proxy keeps it, lest one end as somebody asks."""
ARRIVAL_S = 5.0
"""How long a request may take to arrive; Slack's come at once."""


class PunctualSocket:
    """A connection that ends for its reader when a request has not arrived in time.

    The server waits for each byte anew, so that one byte a second would hold a thread for ever.
    """

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._until = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def expect(self) -> None:
        """Begin to wait for a request."""
        self._until = time.monotonic() + ARRIVAL_S

    def recv(self, size: int) -> bytes:
        """Return what has come, or nothing when the time is over."""
        self._socket.settimeout(max(self._until - time.monotonic(), 0.001))
        try:
            received: bytes = self._socket.recv(size)
        except TimeoutError:
            return b""
        finally:
            self._socket.settimeout(TIMEOUT_S)
        return received


class PunctualWorker(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's threads, which wait for nobody's request longer than they should."""

    def handle(self, conn: Any) -> Any:
        """Handle one request."""
        if not isinstance(conn.sock, PunctualSocket):
            conn.sock = PunctualSocket(conn.sock)
        conn.sock.expect()
        return super().handle(conn)


class HttpServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn with our settings; the service is made in the worker, after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._service: Service | None = None
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        self.cfg.set("bind", f"{self._settings.http_host}:{self._settings.http_port}")
        self.cfg.set("worker_class", PunctualWorker)
        self.cfg.set("threads", THREADS)
        self.cfg.set("timeout", TIMEOUT_S)
        self.cfg.set("keepalive", KEPT_S)
        self.cfg.set("control_socket_disable", True)
        self.cfg.set("limit_request_field_size", 16_384)
        self.cfg.set("worker_exit", lambda _server, _worker: self._stop())

    def load(self) -> Wsgi:
        """Start the service in this worker; what a person can correct is said in one line."""
        try:
            return self._start()
        except OSError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(Arbiter.APP_LOAD_ERROR)

    def _start(self) -> Wsgi:
        check_files(self._settings)
        store = open_store(self._settings.database_url)
        check_version(store)
        self._service = Service(Runtime(settings=self._settings, store=store))
        self._service.start()
        keep_what_is_loaded()
        secret = self._settings.slack_signing_secret
        return Gate(
            self._service.app,
            secret.get_secret_value() if secret else "",
            {HEALTH: health_page(self._service.troubles), **self._service.pages},
        )

    def _stop(self) -> None:
        if self._service is not None:
            self._service.stop()


def serve(settings: Settings) -> None:
    """Serve until the process is told to stop."""
    parent = os.getpid()
    try:
        HttpServer(settings).run()
    except SystemExit as end:
        if os.getpid() == parent and end.code == Arbiter.APP_LOAD_ERROR:
            sys.exit(UNFIT)
        raise  # the parent has to see why its worker ended
