"""Payloads as nobody sends them, out of those that Slack does, and a bot that has to bear them."""

import copy
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import structlog
from pydantic import SecretStr
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot import actions
from bot.app import create_app
from bot.gate import PATH, Gate
from bot.listeners import ACTIONS, COMMANDS, EVENTS, MODALS, OPTIONS, SHORTCUTS
from bot.requests import answer_payload
from bot.runtime import Runtime
from bot.settings import Settings
from bot.views.forms import Form
from bot.views.service_forms import Act
from sandbox.world import TEAM
from storage.store import open_store
from tests.bot.office import ANNA, EMILY, TUESDAY, VOGT, open_firm
from tests.storage.naughty import NAUGHTY

Json = dict[str, Any]

SECRET = "fictional-0123456789"
PEOPLE = (ANNA, EMILY, VOGT, "U0TOM", "U0NOBODY")
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 5, 10**30, 1.5, "", " ", "x", "0", "-1", "²", "1e9", "9" * 30,
    ":", "::", "a:b:c:d",
    "form:1", "None", "null", "\0", "\ud800", "\u202e", "é" * 3000, "x" * 5000, [], [[]], [None],
    ["x"], {}, {"": ""}, {"id": 5}, {"id": "U0ANNA"}, {"values": {}}, {"value": None}, [{}], [[{}]],
)  # fmt: skip
IDS = ("client_id", "private_metadata", "value", "action_id", "callback_id", "text", "tab")
ANSWERS: dict[str, Json] = {
    "auth.test": {"team_id": TEAM, "user_id": "U0BOT", "bot_id": "B0BOT"},
    "conversations.info": {"channel": {"id": "D0ANNA", "is_im": True, "user": ANNA}},
    "conversations.members": {"members": [ANNA]},
    "conversations.open": {"channel": {"id": "D0ANNA"}},
    "chat.postMessage": {"channel": "D0ANNA", "ts": "1.2", "message": {}},
    "files.completeUploadExternal": {"files": [{"id": "F1"}]},
}


class Slack(WebClient):
    """Says what Slack would, at once; files go to a server that throws them away."""

    bin_url = ""

    def api_call(self, api_method: str, **asked: Any) -> SlackResponse:
        data: Json = {"ok": True, **ANSWERS.get(api_method, {})}
        if api_method == "users.info":
            user_id = (asked.get("params") or {}).get("user")
            data["user"] = {
                "id": user_id,
                "team_id": TEAM,
                "locale": "de-DE",
                "tz": "Europe/Berlin",
            }
        if api_method == "files.getUploadURLExternal":
            data |= {"upload_url": self.bin_url, "file_id": "F1"}
        if api_method == "files.info":
            data = {"ok": False, "error": "file_not_found"}
        answer = SlackResponse(
            client=self,
            http_verb="POST",
            api_url=api_method,
            req_args={},
            data=data,
            headers={},
            status_code=200,
        )
        if not data["ok"]:
            raise SlackApiError("refused", answer)  # type: ignore[no-untyped-call]
        return answer


class Bin(BaseHTTPRequestHandler):
    """Takes whatever it is given."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        return


@dataclass(slots=True)
class Bot:
    """The whole bot behind its gate, in this process."""

    runtime: Runtime
    gate: Gate
    by_socket: Callable[[object], int]

    def by_http(self, body: bytes, kind: str) -> int:
        """Send a signed request; return the status."""
        stamp = str(int(time.time()))
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": PATH,
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            "HTTP_X_SLACK_REQUEST_TIMESTAMP": stamp,
            "HTTP_X_SLACK_SIGNATURE": _signature(stamp, body),
        }
        said: list[str] = []
        list(self.gate(environ, lambda status, _headers: said.append(status)))
        return int(said[0].split()[0])

    def rest(self) -> None:
        """Wait until nothing is being answered any more."""
        until = time.monotonic() + 300
        measures = self.runtime.measures
        while any(measures.now()[name] for name in ("waiting", "answering")):
            if time.monotonic() > until:
                raise TimeoutError("still answering")
            time.sleep(0.01)


@contextmanager
def open_bot(path: Path) -> Iterator[tuple[Bot, "Payloads"]]:
    """Run the bot on the migrated store at a path, with a firm's books in it."""
    settings = Settings(
        database_url=f"sqlite:///{path}",
        mode="http",
        slack_bot_token=SecretStr("xoxb-fictional"),
        slack_signing_secret=SecretStr(SECRET),
    )
    store = open_store(settings.database_url)
    runtime = Runtime(settings=settings, store=store, clock=lambda: TUESDAY)
    _, _, clients = open_firm(runtime)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bin)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    client = Slack("xoxb-fictional")
    client.bin_url = f"http://127.0.0.1:{server.server_port}/"
    app = create_app(runtime, client)

    def by_socket(payload: object) -> int:
        return answer_payload(app, payload, None).status

    try:
        yield Bot(runtime, Gate(app, SECRET, {}), by_socket), Payloads(sorted(clients.values()))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        store.close()


class Payloads:
    """Draws payloads; the same seed draws the same."""

    def __init__(self, client_ids: list[int]) -> None:
        self._client_ids = client_ids
        self._kinds = (
            self.command,
            self.click,
            self.form,
            self.search,
            self.event,
            self.shortcut,
        )

    def draw(self, random: Random) -> Json:
        """Draw one, with up to two things in it that are wrong."""
        payload = random.choice(self._kinds)(random)
        for _ in range(random.choice((0, 0, 1, 1, 2))):
            _harm(payload, random)
        return payload

    def command(self, random: Random) -> Json:
        """A slash command."""
        words = ("", "help", "team", "me", "rules", "capacity", "Huber", "Maria Huber", "new", "x")
        return {
            "command": random.choice((*COMMANDS, "/unknown")),
            "text": random.choice((*words, random.choice(NAUGHTY))),
            "team_id": TEAM,
            "user_id": random.choice(PEOPLE),
            "channel_id": random.choice(("D0ANNA", "C0TEAM")),
            "response_url": "https://example.com/",
            **_trigger(random),
        }

    def click(self, random: Random) -> Json:
        """A button or a choice, in a message or a view."""
        name = random.choice((*ACTIONS, *self._suffixed()))
        value = self._value(name, random)
        chosen: Json = {"value": value}
        if random.random() < 0.2:
            chosen = {"selected_option": {"text": {"type": "plain_text", "text": "x"}, **chosen}}
        done = {"type": "button", "action_id": name, "block_id": "b", "action_ts": "1.0", **chosen}
        where: Json = {
            "container": {"type": "message", "message_ts": "1.1", "channel_id": "D0ANNA"}
        }
        if random.random() < 0.5:
            where = {
                "container": {"type": "view", "view_id": "V1"},
                "view": self._view(name, random),
            }
        else:
            where |= {"channel": {"id": "D0ANNA"}, "message": {"ts": "1.1", "blocks": []}}
        return _interaction("block_actions", random) | where | {"actions": [done]}

    def form(self, random: Random) -> Json:
        """A form that was sent."""
        forms = [f"{actions.FORM}:{each}" for each in Form]
        acts = [f"{actions.SERVICE_FORM}:{each}" for each in Act]
        name = random.choice((*MODALS, *forms, *acts))
        return _interaction("view_submission", random) | {"view": self._view(name, random)}

    def search(self, random: Random) -> Json:
        """Letters typed into a searched list."""
        name = random.choice((*OPTIONS, "unknown"))
        typed = random.choice(("Hu", "Maria", "", random.choice(NAUGHTY)))
        where = {"view": self._view(actions.FIND_CLIENT_MODAL, random), "value": typed}
        return _interaction("block_suggestion", random) | {"action_id": name} | where

    def event(self, random: Random) -> Json:
        """Something that happened."""
        kind = random.choice((*EVENTS, "message", "team_join", "user_change", "channel_shared"))
        user = random.choice(PEOPLE)
        event = {"type": kind, "user": user, "user_id": user, "tab": "home", "file_id": "F1"}
        event |= {"channel": "D0ANNA", "channel_id": "D0ANNA", "text": random.choice(NAUGHTY)}
        number = random.getrandbits(64)
        return {
            "type": "event_callback",
            "team_id": TEAM,
            "event_id": f"Ev{number}",
            "event": event,
            "authorizations": [{"team_id": TEAM, "enterprise_id": None}],
        }

    def shortcut(self, random: Random) -> Json:
        """A shortcut, on a message or anywhere."""
        kind = random.choice(("shortcut", "message_action"))
        payload = _interaction(kind, random) | {"callback_id": random.choice((*SHORTCUTS, "none"))}
        said = {
            "message": {"ts": "1.1", "text": random.choice(NAUGHTY)},
            "channel": {"id": "C0TEAM"},
        }
        return payload | (said if kind == "message_action" else {})

    def _view(self, name: str, random: Random) -> Json:
        client_id = random.choice(self._client_ids)
        ticket = {"client": client_id, "version": random.choice((1, 2, 99)), "service": "review"}
        fields = ("score", "scale", "reason", "client_id", "wallet", "day", "note", "boxes", "tier")
        values = {each: {each: _entered(random)} for each in random.sample(fields, 4)}
        return {
            "id": "V1",
            "type": random.choice(("modal", "home")),
            "callback_id": name,
            "hash": "1.x",
            "private_metadata": random.choice((json.dumps(ticket), str(client_id), "", "{}")),
            "state": {"values": values},
            "blocks": [{"type": "input", "block_id": each, "element": {}} for each in values],
        }

    def _value(self, name: str, random: Random) -> str:
        client_id = random.choice(self._client_ids)
        return random.choice(
            (
                str(client_id),
                f"{random.choice(list(Form))}:{client_id}",
                f"{random.choice(list(Act))}:{client_id}:review",
                f"done:{client_id}:grow",
                "team:20",
                "me:1",
                random.choice(NAUGHTY),
                name,
            )
        )

    def _suffixed(self) -> list[str]:
        return [f"{each}:{what}" for each in ACTIONS for what in ("0", "team", "x")]


def _interaction(kind: str, random: Random) -> Json:
    user = {"id": random.choice(PEOPLE), "team_id": TEAM}
    return {
        "type": kind,
        "team": {"id": TEAM},
        "user": user,
        "enterprise": None,
        **_trigger(random),
    }


def _trigger(random: Random) -> Json:
    return {"trigger_id": f"1.{random.getrandbits(64)}"}


def _entered(random: Random) -> Json:
    value = random.choice(("3", "2026-11-23", "1.234,56", "-1", "", random.choice(NAUGHTY)))
    option = {"text": {"type": "plain_text", "text": "x"}, "value": value}
    return random.choice(
        (
            {"type": "plain_text_input", "value": value},
            {"type": "static_select", "selected_option": option},
            {"type": "checkboxes", "selected_options": [option]},
            {"type": "datepicker", "selected_date": value or None},
            {"type": "timepicker", "selected_time": value or None},
        )
    )


def _harm(payload: Any, random: Random) -> None:
    """Replace, drop, rename or double something, anywhere in it."""
    places = list(_places(payload))
    if not places:
        return
    inside, at = random.choice(places)
    how = random.choice(("odd", "odd", "odd", "drop", "rename", "double"))
    if how == "odd" or isinstance(inside, list):
        inside[at] = copy.deepcopy(random.choice(ODD))
    elif how == "drop":
        del inside[at]
    elif how == "rename":
        inside[random.choice(IDS)] = inside.pop(at)
    else:
        inside[at] = [inside[at], copy.deepcopy(inside[at])]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def as_request(payload: Json, random: Random) -> tuple[bytes, str]:
    """Write a payload as the body of a request; now and then a byte of it is another."""
    if "command" in payload:
        fields = {str(k): v if isinstance(v, str) else json.dumps(v) for k, v in payload.items()}
        body = urlencode(fields, errors="replace").encode()
    elif payload.get("type") == "event_callback":
        body = json.dumps(payload).encode()
    else:
        body = urlencode({"payload": json.dumps(payload)}).encode()
    if body and random.random() < 0.1:
        at = random.randrange(len(body))
        body = random.choice(
            (body[:at], body[:at] + bytes([random.randrange(256)]) + body[at + 1 :])
        )
    kind = "application/json" if body.startswith(b"{") else "application/x-www-form-urlencoded"
    return body, kind


def failures_of(events: list[Any]) -> set[str]:
    """Return where the bot met what nobody foresaw, out of what it logged."""
    return {
        f"{each.get('error')} at {' < '.join(reversed((each.get('trace') or ['?'])[-3:]))}"
        for each in events
        if each.get("log_level") in ("error", "critical") or each["event"] == "unexpected"
    }


def hear() -> Any:
    """Collect what is logged meanwhile."""
    return structlog.testing.capture_logs()


def _signature(stamp: str, body: bytes) -> str:
    signed = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, "sha256")
    return f"v0={signed.hexdigest()}"
