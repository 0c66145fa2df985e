"""Faults that a test orders: refusals, rate limits, lost answers, slowness."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Fault:
    """How one call goes wrong; with ``done_first`` it takes effect before it fails.

    A fault that only has ``delay_s`` is a slow call that succeeds.
    """

    error: str | None = None
    status: int = 200
    retry_after_s: int | None = None
    drop: bool = False
    delay_s: float = 0
    done_first: bool = False

    @property
    def fails(self) -> bool:
        """Whether the call fails in the end."""
        return self.drop or self.status != 200 or self.error is not None


def rate_limited(retry_after_s: int) -> Fault:
    """Return the refusal of a call too many."""
    return Fault(error="ratelimited", status=429, retry_after_s=retry_after_s)


class Faults:
    """The faults that are due, by method, in the order in which they were ordered."""

    def __init__(self) -> None:
        self._due: dict[str, deque[Fault]] = defaultdict(deque)
        self.all_calls: str | None = None
        """An error that every call gets, such as token_revoked."""
        self.seconds_between_posts = 0.0
        """The shortest time between two messages to one place; less is refused as too many."""
        self._posted: dict[str, float] = {}

    def order(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next ``times`` calls of a method go wrong."""
        self._due[method].extend([fault] * times)

    def next(self, method: str) -> Fault | None:
        """Return the fault that is due for a call, once."""
        if self.all_calls is not None:
            return Fault(error=self.all_calls)
        due = self._due[method]
        return due.popleft() if due else None

    def too_soon(self, place: str) -> bool:
        """Note a message to a place; whether the last one was too short ago."""
        now, before = time.monotonic(), self._posted.get(place, float("-inf"))
        if now - before < self.seconds_between_posts:
            return True
        self._posted[place] = now
        return False

    def clear(self) -> None:
        """Let everything go well again."""
        self._due.clear()
        self.all_calls = None
        self.seconds_between_posts = 0.0


def failed(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Answer as a fault says, or break the connection off."""
    if fault.drop:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
    body = {"ok": False, "error": fault.error or "internal_error"}
    return web.json_response(body, status=fault.status, headers=headers)
