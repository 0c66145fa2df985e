"""The record of everything that went between the app and the workspace."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any, Literal

from sandbox.clock import Clock
from sandbox.shapes import shape_problems
from sandbox.validate import too_long
from sandbox.wire import Json, masked

Direction = Literal["bot→workspace", "workspace→bot"]
Kind = Literal["api", "socket", "http", "response_url", "user"]


class Transcript:
    """Numbered entries, oldest first; readers may wait for the next one."""

    def __init__(self, clock: Clock, on_entry: Callable[[], None]) -> None:
        self._clock = clock
        self._on_entry = on_entry
        self._entries: list[Json] = []
        self._news = asyncio.Event()
        self._judged = 0

    def record(
        self,
        direction: Direction,
        kind: Kind,
        name: str,
        request: Any,
        response: Any,
        *,
        ok: bool,
        ms: int = 0,
        problems: list[str] | None = None,
        place: str | None = None,
        audience: list[str] | None = None,
    ) -> None:
        """Add an entry; tokens in it are masked."""
        entry: Json = {
            "n": len(self._entries) + 1,
            "at": self._clock.now().isoformat(timespec="milliseconds"),
            "ms": ms,
            "direction": direction,
            "kind": kind,
            "name": name,
            "request": copy.deepcopy(masked(request)),
            "response": copy.deepcopy(masked(response)),
            "ok": ok,
            "problems": list(problems or []),
        }
        entry |= {"place": place} if place else {}
        entry |= {"audience": audience} if audience is not None else {}
        self._entries.append(entry)
        self._news.set()
        self._news = asyncio.Event()
        self._on_entry()

    def __len__(self) -> int:
        return len(self._entries)

    def after(self, n: int, most: int | None = None) -> list[Json]:
        """Return the entries with a number above ``n``, the oldest ``most`` of them."""
        end = len(self._entries) if most is None else min(n + most, len(self._entries))
        for entry in self._entries[self._judged : end]:  # on reading, so that it delays no answer
            mine = "request" if entry["direction"] == "bot→workspace" else "response"
            entry["problems"] += _second_look(entry[mine])
        self._judged = max(self._judged, end)
        return self._entries[n:end]

    async def wait_after(self, n: int, seconds: float, most: int | None = None) -> list[Json]:
        """Return the entries above ``n``; wait for the first of them at most ``seconds``."""
        if len(self._entries) <= n and seconds > 0:
            try:
                await asyncio.wait_for(self._news.wait(), timeout=seconds)
            except TimeoutError:
                return []
        return self.after(n, most)


def _second_look(payload: Any) -> list[str]:
    """Return what only some receivers refuse, and what the second judge says."""
    found = shape_problems(payload)
    if isinstance(payload, dict) and "view" not in payload and too_long(payload.get("blocks")):
        found.append("[ERROR] more characters than a message may have [json-pointer:/blocks]")
    return found
