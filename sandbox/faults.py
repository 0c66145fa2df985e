"""Faults that a test orders: refusals, rate limits, lost answers, slowness, or all at random."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from aiohttp import web

from sandbox.wire import Json

HANG_S = 3600.0
"""Longer than anybody waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How one call goes wrong; with ``done_first`` it takes effect before it fails.

    A fault that only has ``delay_s`` is a slow call that succeeds.
    """

    error: str | None = None
    status: int = 200
    retry_after: int | str | None = None
    """The header of a refusal of too many calls; the platform sends seconds."""
    drop: bool = False
    hang: bool = False
    """No answer ever comes."""
    delay_s: float = 0
    done_first: bool = False
    done_after_s: float | None = None
    """It takes effect so long after it failed."""
    drip_s: float = 0
    """The answer comes byte by byte, with so long between two of them."""

    @property
    def fails(self) -> bool:
        """Whether the call fails in the end."""
        return self.drop or self.hang or self.status != 200 or self.error is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Misdelivery:
    """How a payload reaches the app otherwise than once, at once and in order."""

    copies: int = 1
    """So often the same envelope comes, or the same signed request."""
    lost: int = 0
    """So many attempts get lost on the way: an event then first comes as a retry."""
    retries: int = 0
    """So many retries come although the event was acknowledged: the answer got lost."""
    behind: int = 0
    """It comes only after so many later payloads."""


IN_ORDER = Misdelivery()


def rate_limited(retry_after: int | str | None) -> Fault:
    """Return the refusal of a call too many."""
    return Fault(error="ratelimited", status=429, retry_after=retry_after)


class Faults:
    """The faults that are due, by method, in the order in which they were ordered."""

    def __init__(self) -> None:
        self._due: dict[str, deque[Fault]] = defaultdict(deque)
        self._random = Random()
        self._share = 0.0
        self._mixture: Mapping[str, Sequence[Fault]] = {}
        self.all_calls: str | None = None
        """An error that every call gets, such as token_revoked."""
        self.seconds_between_posts = 0.0
        """The shortest time between two messages to one place; less is refused as too many."""
        self._posted: dict[str, float] = {}
        self._misdelivered: deque[Misdelivery] = deque()

    def order(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next ``times`` calls of a method go wrong."""
        self._due[method].extend([fault] * times)

    def misdeliver(self, how: Misdelivery, times: int = 1) -> None:
        """Let the next ``times`` payloads to the app come otherwise than once and in order."""
        self._misdelivered.extend([how] * times)

    def next_delivery(self) -> Misdelivery:
        """Return how a payload is to be delivered, once."""
        return self._misdelivered.popleft() if self._misdelivered else IN_ORDER

    def at_random(self, mixture: Mapping[str, Sequence[Fault]], *, share: float, seed: int) -> None:
        """Let this share of the calls go wrong from now on, each as one of its method's faults."""
        self._mixture, self._share, self._random = mixture, share, Random(seed)

    def next(self, method: str) -> Fault | None:
        """Return the fault that is due for a call, once."""
        if self.all_calls is not None:
            return Fault(error=self.all_calls)
        if due := self._due[method]:
            return due.popleft()
        if method in self._mixture and self._random.random() < self._share:
            return self._random.choice(self._mixture[method])
        return None

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
        self._misdelivered.clear()
        self._mixture = {}
        self.all_calls = None
        self.seconds_between_posts = 0.0


async def failed(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Answer as a fault says, break the connection off, or never answer."""
    if fault.hang:
        await asyncio.sleep(HANG_S)
    if fault.drop or fault.hang:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    body: Json = {"ok": False, "error": fault.error or "internal_error"}
    return web.json_response(body, status=fault.status, headers=headers)


async def dripped(request: web.Request, whole: web.Response, drip_s: float) -> web.StreamResponse:
    """Send an answer byte by byte."""
    response = web.StreamResponse(status=whole.status, headers={"Content-Type": "application/json"})
    await response.prepare(request)
    body = whole.body if isinstance(whole.body, bytes) else b""
    for byte in body:
        await response.write(bytes([byte]))
        await asyncio.sleep(drip_s)
    return response
