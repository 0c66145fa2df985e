"""Brings payloads to the app, over a socket or as signed requests, and its answers back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp

from sandbox.clock import Alarm
from sandbox.faults import Faults, Misdelivery
from sandbox.sockets import Sockets
from sandbox.wire import ApiError, Json, signature
from sandbox.workspace import Workspace

RETRY_AFTER_S = (0, 60, 300)
FORM = "application/x-www-form-urlencoded"

Envelope = Literal["slash_commands", "interactive", "events_api"]
Outcome = Literal["acked", "timeout", "error"]


@dataclass(slots=True)
class Taken:
    """What the workspace made of an answer, for the transcript and the page."""

    outcome: str = "acked"
    detail: str | None = None
    place: str | None = None
    audience: list[str] | None = None
    problems: list[str] | None = None
    more: Json | None = None


@dataclass(slots=True)
class Answer:
    """How a delivery ended."""

    outcome: Outcome
    ms: int
    payload: Any = None
    detail: str | None = None
    stop_retries: bool = False


class Courier:
    """Delivers to the socket connections, or to a URL when one is set."""

    def __init__(
        self, workspace: Workspace, sockets: Sockets, alarm: Alarm, faults: Faults
    ) -> None:
        self.url: str | None = None
        self._faults = faults
        self._passed = 0
        self._one_passed = asyncio.Condition()
        self._workspace, self._sockets, self._alarm = workspace, sockets, alarm
        self._secret = workspace.keys.signing_secret
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(
        self, envelope: Envelope, name: str, payload: Json, take: Callable[[Any], Taken]
    ) -> tuple[Answer, Taken]:
        """Deliver something a person did; ``take`` applies the app's answer."""
        how = self._faults.next_delivery()
        await self._let_pass(how.behind)
        answer = await self._deliver(envelope, payload, how)
        taken = Taken(outcome=answer.outcome, detail=answer.detail)
        if answer.outcome == "acked":
            try:
                taken = take(answer.payload)
            except ApiError as refusal:
                problems = refusal.messages or [refusal.code]
                taken = Taken("error", refusal.code, problems=problems)
        self._record(name, payload, answer, taken)
        return answer, taken

    def tell(self, event: Json) -> None:
        """Deliver an event in the background, and again when it is not acknowledged."""
        task = asyncio.create_task(self._tell(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def verify_url(self) -> bool:
        """Ask the app's URL for the challenge, as when it is entered in the settings."""
        challenge = {"type": "url_verification", "challenge": "a-challenge", "token": "…"}
        answer = await self._post(json.dumps(challenge).encode(), "application/json", {})
        echoed = answer.payload in ("a-challenge", {"challenge": "a-challenge"})
        self._record("url_verification", challenge, answer, Taken(answer.outcome))
        return echoed

    async def check_tls(self) -> bool:
        """Ask the app's URL whether it serves, as is done now and then for its certificate."""
        asked = {"ssl_check": "1", "token": "…"}
        answer = await self._post(urlencode(asked).encode(), FORM, {})
        self._record("ssl_check", asked, answer, Taken(answer.outcome))
        return answer.outcome == "acked"

    async def stop(self) -> None:
        """Give up on what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tell(self, payload: Json) -> None:
        how, reason = self._faults.next_delivery(), ""
        await self._let_pass(how.behind)
        for attempt, delay_s in enumerate((0, *RETRY_AFTER_S)):
            await self._alarm.sleep(delay_s)
            if attempt < how.lost:
                answer = Answer("timeout", 0, detail="timeout")
            else:
                answer = await self._deliver("events_api", payload, how, attempt, reason)
            self._record(payload["event"]["type"], payload, answer, Taken(answer.outcome))
            if answer.stop_retries or (answer.outcome == "acked" and attempt >= how.retries):
                return
            lost = answer.outcome in ("acked", "timeout")
            reason = "timeout" if lost else answer.detail or "http_error"

    async def _let_pass(self, others: int) -> None:
        """Wait until so many later payloads were delivered."""
        async with self._one_passed:
            until = self._passed + others
            await self._one_passed.wait_for(lambda: self._passed >= until)

    async def _deliver(
        self,
        envelope: Envelope,
        payload: Json,
        how: Misdelivery,
        attempt: int = 0,
        reason: str = "",
    ) -> Answer:
        answer = await self._bring(envelope, payload, how.copies, attempt, reason)
        async with self._one_passed:
            self._passed += 1
            self._one_passed.notify_all()
        return answer

    async def _bring(
        self, envelope: Envelope, payload: Json, copies: int, attempt: int, reason: str
    ) -> Answer:
        if self.url is not None:
            return await self._post(*_as_request(envelope, payload, attempt, reason), copies)
        retry: Json = {}
        if envelope == "events_api":
            retry = {"retry_attempt": attempt, "retry_reason": reason}
        start, seconds = time.monotonic(), self._workspace.deadline_s
        try:
            got = await self._sockets.deliver(envelope, payload, seconds, times=copies, **retry)
        except TimeoutError:
            return Answer("timeout", _ms(start), detail="timeout")
        except ConnectionError as lost:
            return Answer("error", _ms(start), detail=str(lost))
        return Answer("acked", _ms(start), got)

    async def _post(
        self, body: bytes, content_type: str, headers: dict[str, str], copies: int = 1
    ) -> Answer:
        """Send a request, perhaps more than once; the last answer counts."""
        timestamp = str(int(time.time()))  # the app checks the age of a signature on its own clock
        signed = headers | {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        start = time.monotonic()
        limit = aiohttp.ClientTimeout(total=self._workspace.deadline_s)
        try:
            async with aiohttp.ClientSession(timeout=limit) as session:
                for _ in range(copies):
                    async with session.post(str(self.url), data=body, headers=signed) as response:
                        raw = await response.text()
        except TimeoutError:
            return Answer("timeout", _ms(start), detail="timeout")
        except aiohttp.ClientError as failure:
            return Answer("error", _ms(start), detail=type(failure).__name__)
        stop = response.headers.get("x-slack-no-retry") == "1"
        if response.status != 200:
            return Answer("error", _ms(start), raw, f"http_{response.status}", stop)
        return Answer("acked", _ms(start), _read(raw, response.content_type), stop_retries=stop)

    def _record(self, name: str, payload: Json, answer: Answer, taken: Taken) -> None:
        self._workspace.transcript.record(
            "workspace→bot",
            "socket" if self.url is None else "http",
            name,
            payload,
            answer.payload if answer.detail is None else {"error": answer.detail},
            ok=taken.outcome not in ("timeout", "error"),
            ms=answer.ms,
            problems=taken.problems,
            place=taken.place,
            audience=taken.audience,
        )


def _as_request(
    envelope: Envelope, payload: Json, attempt: int, reason: str
) -> tuple[bytes, str, dict[str, str]]:
    if envelope == "slash_commands":
        return urlencode(payload).encode(), FORM, {}
    if envelope == "interactive":
        return urlencode({"payload": json.dumps(payload)}).encode(), FORM, {}
    retry = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
    return json.dumps(payload).encode(), "application/json", retry


def _read(raw: str, content_type: str) -> Any:
    """Return the body of an answer: JSON, or what a bare text stands for."""
    if content_type == "application/json" and raw:
        try:
            return json.loads(raw)
        except ValueError:
            return raw
    return {"text": raw} if raw else None


def _ms(start: float) -> int:
    return round((time.monotonic() - start) * 1000)
