"""The bot over signed HTTP: the real process under gunicorn, and who speaks to it."""

import hmac
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from bot.manifest import manifest
from bot.runtime import Runtime
from bot.settings import Settings
from sandbox.client import PATIENCE_S
from sandbox.server import Sandbox
from storage.store import open_store
from tests.bot.office import Office, open_firm
from tests.bot.processes import PROGRAM, environment

Json = dict[str, Any]
LOG = "log"
FORM = "application/x-www-form-urlencoded"
opener = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Web:
    """The running process, its address, and the workspace that speaks to it."""

    office: Office
    process: subprocess.Popen[bytes]
    url: str
    log: Path

    @property
    def port(self) -> int:
        """Return where it listens."""
        return urlsplit(self.url).port or 0

    def said(self) -> str:
        """Return what the process has written so far."""
        return self.log.read_text()

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Send a request as it is; return status and body."""
        request = Request(self.url, body, {"Content-Type": FORM, **headers}, method="POST")
        try:
            with opener.open(request, timeout=60) as response:
                return response.status, response.read().decode()
        except HTTPError as refused:
            return refused.code, refused.read().decode()

    def signed(self, body: bytes, *, age_s: int = 0, secret: str = "") -> dict[str, str]:
        """Sign a body as Slack does."""
        timestamp = str(int(time.time()) - age_s)
        key = (secret or self.office.sandbox.signing_secret).encode()
        signature = hmac.new(key, f"v0:{timestamp}:".encode() + body, sha256).hexdigest()
        return {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={signature}",
        }

    def ask_as(self, user_id: str, command: str, text: str, **fields: str) -> tuple[int, str]:
        """Send a signed command of anybody."""
        body = command_of(user_id, command, text, **fields)
        return self.post(body, self.signed(body))


def command_of(user_id: str, command: str = "/segment", text: str = "x", **fields: str) -> bytes:
    known = {
        "team_id": "T0TIERWISE",
        "channel_id": "C0TEAM",
        "user_id": user_id,
        "command": command,
        "text": text,
        "trigger_id": f"1.{secrets.token_hex(8)}",
        **fields,
    }
    return urlencode({name: value for name, value in known.items() if value}).encode()


@contextmanager
def open_web(folder: Path, sqlite_template: Path, **settings: str) -> Iterator[Web]:
    """Run `tierwise run` over HTTP in a folder."""
    shutil.copy(sqlite_template, folder / "tierwise.db")
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events"
    with Sandbox(manifest("http", url=url), deadline_s=PATIENCE_S) as sandbox:
        store = open_store(f"sqlite:///{folder / 'tierwise.db'}")
        runtime = Runtime(settings=Settings(), store=store)
        office = Office(sandbox, runtime, *open_firm(runtime))
        process = start(folder, port, sandbox, **settings)
        assert sandbox.send_events_to(url)
        yield Web(office, process, url, folder / LOG)
        process.terminate()
        process.wait(timeout=60)
        store.close()


def start(folder: Path, port: int, sandbox: Sandbox, **settings: str) -> subprocess.Popen[bytes]:
    """Start the process and wait until it says that it has started."""
    known = {
        "TIERWISE_MODE": "http",
        "TIERWISE_HTTP_PORT": str(port),
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_SIGNING_SECRET": sandbox.signing_secret,
        "SLACK_API_URL": sandbox.api_url,
    }
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            (*PROGRAM, "run"), cwd=folder, env=environment(**known, **settings), stderr=log
        )
    until = time.monotonic() + PATIENCE_S
    while '"event": "started"' not in (said := (folder / LOG).read_text()):
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            raise AssertionError(said)
        time.sleep(0.05)
    return process


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
