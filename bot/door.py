"""The door: each request is let in once, whichever way and however often it came.

Slack repeats what was not acknowledged in time, the network repeats what it likes, and people click
twice. What was let in is remembered for a day, in the store, so that replicas know it too.
"""

import json
from collections.abc import Container, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Lock
from time import monotonic
from typing import Any

import structlog
from slack_bolt import App, BoltRequest, BoltResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import reference_for
from bot.requests import NEEDED, MalformedError, kind_of, read_payload
from bot.runtime import Runtime

log = structlog.get_logger()

REMEMBERED = timedelta(hours=24)
FORGET_EACH_S = 3600.0
SHARED_S = 3.0
"""How long a second copy waits for the answer that the first one gets."""
MOMENT_S = 0.25
"""Clicks nearer to each other are one; those after twice as long are two."""
SIGNATURE = "x-slack-signature"


class Door(App):
    """Bolt's app behind a door: Socket Mode and HTTP both come through `dispatch`."""

    def __init__(self, runtime: Runtime, *, events: Container[str], **arguments: Any) -> None:
        """Make the app; `events` are those that somebody here awaits."""
        super().__init__(**arguments)
        self._events = events
        self._runtime = runtime
        self._under_way: dict[str, Future[BoltResponse]] = {}
        self._lock = Lock()
        self._forgot_at: float | None = None

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer a request."""
        began = monotonic()
        try:
            req.body = read_payload(req.body)
        except MalformedError as error:
            log.info("malformed", why=str(error))
            return BoltResponse(status=400, body="")
        kind = kind_of(req.body)
        event_type = (req.body.get("event") or {}).get("type")
        if kind not in NEEDED or (event_type is not None and event_type not in self._events):
            # taken, lest Slack send it again and again
            log.info("ignored", type=kind, event_type=event_type)
            return _empty()
        try:
            response = self._answer(req)
        except Exception as error:
            reference_for(error)
            return BoltResponse(status=500, body="")
        self._runtime.measures.acknowledged(kind, monotonic() - began)
        return response

    def _answer(self, req: BoltRequest) -> BoltResponse:
        """Answer a request; its second copy gets the same answer if it came by the same line."""
        names = list(names_of(req))
        if not names:
            return super().dispatch(req)
        with self._lock:
            first = self._under_way.get(names[0])
            if first is None:
                answer = self._under_way[names[0]] = Future[BoltResponse]()
        if first is not None:
            return _repeated() if SIGNATURE in req.headers else _shared(first)
        try:
            response = super().dispatch(req) if self._is_first(names) else _repeated()
            answer.set_result(response)
        except BaseException as error:
            answer.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._under_way[names[0]]
        return response

    def _is_first(self, names: list[str]) -> bool:
        """Tell whether nothing like it was let in before; without a memory it counts as new."""
        now = self._runtime.now()
        try:
            is_first = self._runtime.journal.first_time(*names, at=now)
            if self._forgot_at is None or monotonic() - self._forgot_at > FORGET_EACH_S:
                self._forgot_at = monotonic()
                self._runtime.journal.forget_requests(before=now - REMEMBERED)
        except SQLAlchemyError as error:
            log.warning("not_remembered", error=type(error).__name__)
            return True
        if not is_first:
            self._runtime.measures.repeated()
        return is_first


def names_of(req: BoltRequest) -> Iterator[str]:
    """Name what must not take effect twice.

    The envelope's id says no more than these: its copies hold the same payload. What has none of
    them changes nothing (a searched list, a closed form) unless somebody signed it.
    """
    body = req.body
    team = (body.get("team") or {}).get("id") or body.get("team_id") or ""
    signature = (req.headers.get(SIGNATURE) or [""])[0]
    if body.get("event_id"):
        yield f"event:{team}:{body['event_id']}"
    elif body.get("trigger_id"):
        yield f"trigger:{team}:{body['trigger_id']}"
    elif signature and body.get("type") != "block_suggestion":
        yield f"signature:{signature}"
    if body.get("type") == "block_actions" and body.get("actions"):
        yield from _clicks(body)


def _clicks(body: dict[str, Any]) -> Iterator[str]:
    """Name a click by its moment and the next, so that a double click is found in both.

    The same thing, in the same state, on the same page: nobody means that twice at once. Whoever
    closed a form and opens it again took longer.
    """
    view, done = body.get("view") or {}, body["actions"][0]
    same = [
        (body.get("user") or {}).get("id"),
        body.get("container"),
        view.get("hash"),
        (view.get("state") or {}).get("values"),
        body.get("message"),
        (body.get("state") or {}).get("values"),
        {name: value for name, value in done.items() if name != "action_ts"},
    ]
    digest = sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()
    moment = _moment(done.get("action_ts"))
    yield f"click:{digest}:{moment}"
    yield f"click:{digest}:{moment + 1}"


def _moment(action_ts: Any) -> int:
    try:
        return int(float(action_ts) / MOMENT_S)
    except (TypeError, ValueError, OverflowError):
        return int(datetime.now(UTC).timestamp() / MOMENT_S)


def _shared(first: "Future[BoltResponse]") -> BoltResponse:
    try:
        return first.result(timeout=SHARED_S)
    except Exception:  # its own request tells it
        return _empty()


def _repeated() -> BoltResponse:
    log.info("repeated")
    return _empty()


def _empty() -> BoltResponse:
    return BoltResponse(status=200, body="")
