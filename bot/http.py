"""Signed HTTP under gunicorn: one process, many threads; TLS is the reverse proxy's."""

import re
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

from gunicorn.app.base import BaseApplication
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.signature import SignatureVerifier

from bot.digests.status import is_healthy
from bot.runtime import Runtime
from bot.service import Service
from bot.settings import Settings
from storage.migrate import check_version
from storage.store import open_store

PATH = "/slack/events"
HEALTH = "/health"
THREADS = 20
TIMEOUT_S = 30
MAX_BODY = 2**20
"""Bytes; a form with everything in it has a tenth of that."""

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]


class SignedOnly:
    """Refuses what Slack did not sign before anybody reads it: Bolt trips over some of that."""

    def __init__(self, answer: Wsgi, secret: str, is_healthy: Callable[[], bool]) -> None:
        self._answer = answer
        self._is_healthy = is_healthy
        self._verifier = SignatureVerifier(secret)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Answer a request that is signed; any other gets 401 and nothing else."""
        if environ["PATH_INFO"] == HEALTH:
            healthy = self._is_healthy()
            status = "200 OK" if healthy else "503 Service Unavailable"
            start_response(status, [("Content-Type", "text/plain")])
            return [b"ok" if healthy else b"deliveries are overdue: tierwise digest status"]
        if environ["PATH_INFO"] != PATH:
            return self._answer(environ, start_response)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length <= MAX_BODY else b""
        if not self._is_signed(environ, body):
            start_response("401 Unauthorized", [("Content-Length", "0")])
            return []
        return self._answer({**environ, "wsgi.input": BytesIO(body)}, start_response)

    def _is_signed(self, environ: dict[str, Any], body: bytes) -> bool:
        stamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        if not (re.fullmatch("[0-9]{1,12}", stamp) and signature.isascii()):
            return False
        return bool(self._verifier.is_valid(body, stamp, signature))


class HttpServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn with our settings; the service is made in the worker, after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._service: Service | None = None
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        self.cfg.set("bind", f"{self._settings.http_host}:{self._settings.http_port}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("threads", THREADS)
        self.cfg.set("timeout", TIMEOUT_S)
        self.cfg.set("control_socket_disable", True)
        self.cfg.set("limit_request_field_size", 16_384)
        self.cfg.set("worker_exit", lambda _server, _worker: self._stop())

    def load(self) -> Wsgi:
        """Start the service in this worker and return what answers Slack."""
        store = open_store(self._settings.database_url)
        check_version(store)
        self._service = Service(Runtime(settings=self._settings, store=store))
        self._service.start()
        secret = self._settings.slack_signing_secret
        answer: Wsgi = SlackRequestHandler(self._service.app, path=PATH)
        return SignedOnly(
            answer,
            secret.get_secret_value() if secret else "",
            partial(is_healthy, self._service.runtime),
        )

    def _stop(self) -> None:
        if self._service is not None:
            self._service.stop()


def serve(settings: Settings) -> None:
    """Serve until the process is told to stop."""
    HttpServer(settings).run()
