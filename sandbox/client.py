"""Acts as people do on the page; for tests and scripts."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from sandbox.wire import Json

ENTRIES = 500
"""So many of what was recorded are fetched at once."""
PATIENCE_S = 120.0
"""How long a busy machine may take to show what an idle one shows at once."""

Seen = TypeVar("Seen")

# The machine's proxy settings, if any, do not concern a server on this machine.
_opener = build_opener(ProxyHandler({}))


class _Stay(HTTPRedirectHandler):
    """Follows no redirection: where it leads to is the answer."""

    def redirect_request(self, *_: object) -> None:
        return None


_stays = build_opener(ProxyHandler({}), _Stay)


class SandboxClient:
    """What a person can do and see, one method each; ``as_`` is the person's id."""

    def __init__(self, base_url: str, key: str) -> None:
        self._base_url, self._key = base_url, key

    # looking

    def state(self, as_: str) -> Json:
        """Return the workspace as a person sees it."""
        return self._get("state", {"as": as_})

    def messages(self, as_: str, place: str) -> list[Json]:
        """Return the messages of a place that a person sees, oldest first."""
        found: list[Json] = self._get("messages", {"as": as_, "place": place})["messages"]
        return found

    def views(self, as_: str) -> list[Json]:
        """Return a person's open modals, bottom first."""
        found: list[Json] = self._get("views", {"as": as_})["views"]
        return found

    def home(self, as_: str) -> Json | None:
        """Return a person's Home tab."""
        found: Json | None = self._get("home", {"as": as_})["view"]
        return found

    def transcript(self, after: int = 0, wait: float = 0) -> list[Json]:
        """Return what was recorded after entry ``after``; wait for it at most ``wait`` seconds."""
        found: list[Json] = []
        while True:
            page = self._get("transcript", {"after": after, "wait": wait, "most": ENTRIES})
            found += page["entries"]
            if len(page["entries"]) < ENTRIES:
                return found
            after, wait = after + ENTRIES, 0

    def recorded(self) -> int:
        """Return how many entries were recorded."""
        return int(self._get("transcript", {"most": 0})["recorded"])

    # acting

    def say(self, as_: str, place: str, text: str) -> Json:
        """Write a message or run a command."""
        return self._post("say", {"as": as_, "place": place, "text": text})

    def click(
        self,
        as_: str,
        block_id: str,
        action_id: str,
        *,
        place: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        action: Json | None = None,
        values: Json | None = None,
    ) -> Json:
        """Click or choose something in a message (place, ts) or in a view (view_id)."""
        where = {"place": place, "ts": ts, "view_id": view_id, "values": values}
        what = {"block_id": block_id, "action_id": action_id, "action": action or {}}
        return self._post("click", {"as": as_, **what, **where})

    def submit(self, as_: str, view_id: str, values: Json | None = None) -> Json:
        """Send a form; fields left out keep what they show."""
        return self._post("view/submit", {"as": as_, "view_id": view_id, "values": values or {}})

    def close(self, as_: str, view_id: str, *, clear: bool = False) -> Json:
        """Close a modal, or with ``clear`` all of them."""
        return self._post("view/close", {"as": as_, "view_id": view_id, "clear": clear})

    def upload(self, as_: str, name: str, data: bytes, *, place: str | None = None) -> Json:
        """Put a file into a place; without one it can go into a form's file input by its id."""
        content = base64.b64encode(data).decode()
        return self._post("file", {"as": as_, "name": name, "base64": content, "place": place})

    def invite(self, as_: str, place: str, person: str) -> Json:
        """Bring somebody into a channel."""
        return self._post("members", {"as": as_, "place": place, "person": person})

    def remove(self, as_: str, place: str, person: str) -> Json:
        """Take somebody out of a channel, or leave it."""
        return self._post("members", {"as": as_, "place": place, "person": person, "leave": True})

    def open_home(self, as_: str, tab: str = "home") -> Json:
        """Look at the app's Home."""
        return self._post("home/open", {"as": as_, "tab": tab})

    def shortcut(
        self, as_: str, callback_id: str, *, place: str | None = None, ts: str | None = None
    ) -> Json:
        """Use a global shortcut, or one on a message."""
        where = {"place": place, "ts": ts}
        return self._post("shortcut", {"as": as_, "callback_id": callback_id, **where})

    def options(
        self,
        as_: str,
        block_id: str,
        action_id: str,
        value: str,
        *,
        place: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
    ) -> Json:
        """Type into an external select."""
        where = {"place": place, "ts": ts, "view_id": view_id}
        what = {"block_id": block_id, "action_id": action_id, "value": value}
        return self._post("options", {"as": as_, **what, **where})

    def uninstall(self, as_: str) -> Json:
        """Take the app out of the workspace, as an owner."""
        return self._post("uninstall", {"as": as_})

    def consent(self, address: str, as_: str, *, allow: bool = True) -> str:
        """Answer the page that an installation leads to; return where the browser is sent then.

        ``as_`` is a person of any workspace here: ``T0TIERWISE/U0VOGT``.
        """
        body = urlencode({"who": as_, **({"allow": "yes"} if allow else {})}).encode()
        request = Request(address, data=body, method="POST", headers={"X-Sandbox-Key": self._key})
        try:
            with _stays.open(request, timeout=PATIENCE_S):
                raise AssertionError("the page did not send the browser back")
        except HTTPError as sent:
            with sent:
                if sent.code != 302:
                    raise ValueError(sent.read().decode()) from None
                return str(sent.headers["Location"])

    def clock_to(self, to: str, as_: str = "U0ANNA") -> float:
        """Move the clock to an ISO instant, or to the next "monday" at eight of a person's zone."""
        return float(self._post("clock", {"as": as_, "to": to})["now"])

    def advance(self, seconds: float, as_: str = "U0ANNA") -> float:
        """Move the clock on."""
        return float(self._post("clock", {"as": as_, "advance_s": seconds})["now"])

    # waiting

    def wait_for(self, seen: Callable[[], Seen], timeout: float = PATIENCE_S) -> Seen:
        """Return what ``seen`` returns once it is true; looks again after each new entry."""
        until = time.monotonic() + timeout
        known = self.recorded()
        while not (found := seen()):
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"not seen within {timeout} s")
            known += len(self.transcript(known, wait=min(left, 1.0)))
        return found

    def wait_for_entry(
        self, wanted: Callable[[Json], bool], after: int = 0, timeout: float = PATIENCE_S
    ) -> Json:
        """Return the first entry of the transcript after ``after`` that is ``wanted``."""
        until = time.monotonic() + timeout
        while True:
            left = max(0.0, until - time.monotonic())
            for entry in self.transcript(after, wait=left):
                if wanted(entry):
                    return entry
                after = entry["n"]
            if left == 0:
                raise TimeoutError(f"no such entry within {timeout} s")

    def _get(self, name: str, params: Json) -> Json:
        return self._send(Request(f"{self._base_url}/ui/{name}?{urlencode(params)}"))

    def _post(self, name: str, body: Json) -> Json:
        data = json.dumps(body).encode()
        request = Request(f"{self._base_url}/ui/{name}", data=data, method="POST")
        request.add_header("Content-Type", "application/json")
        return self._send(request)

    def _send(self, request: Request) -> Json:
        request.add_header("X-Sandbox-Key", self._key)
        with _opener.open(request, timeout=PATIENCE_S) as response:
            answer: Json = json.load(response)
        return answer
