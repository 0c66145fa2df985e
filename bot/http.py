"""Signed HTTP under gunicorn: one process, many threads; TLS is the reverse proxy's."""

from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from slack_bolt.adapter.wsgi import SlackRequestHandler

from bot.runtime import Runtime
from bot.service import Service
from bot.settings import Settings
from storage.migrate import check_version
from storage.store import open_store

PATH = "/slack/events"
THREADS = 20
TIMEOUT_S = 30

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]


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
        self.cfg.set("limit_request_field_size", 16_384)
        self.cfg.set("worker_exit", lambda _server, _worker: self._stop())

    def load(self) -> Wsgi:
        """Start the service in this worker and return what answers Slack."""
        store = open_store(self._settings.database_url)
        check_version(store)
        self._service = Service(Runtime(settings=self._settings, store=store))
        self._service.start()
        answer: Wsgi = SlackRequestHandler(self._service.app, path=PATH)
        return answer

    def _stop(self) -> None:
        if self._service is not None:
            self._service.stop()


def serve(settings: Settings) -> None:
    """Serve until the process is told to stop."""
    HttpServer(settings).run()
