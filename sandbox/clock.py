"""The workspace's clock: real time plus an offset that a person or a test can move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the workspace's time; moving it wakes whoever sleeps on it."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._watchers: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Return the workspace's time."""
        return datetime.now(UTC) + self._offset

    def jump_to(self, instant: datetime) -> None:
        """Set the time to ``instant``, which must be aware."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs a zone")
        self._offset = instant - datetime.now(UTC)
        self._moved()

    def advance(self, step: timedelta) -> None:
        """Move the time by ``step``."""
        self._offset += step
        self._moved()

    def on_move(self, watcher: Callable[[], None]) -> None:
        """Call ``watcher``, from the thread that moves the clock, after each move."""
        self._watchers.append(watcher)

    def _moved(self) -> None:
        for watcher in self._watchers:
            watcher()


class Alarm:
    """Lets the tasks of an event loop sleep on a clock that may jump."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._moved = asyncio.Event()

    def ring(self) -> None:
        """Let the sleepers look at the clock, from the loop's own thread."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Return once the workspace's clock is ``seconds`` further."""
        until = self._clock.now() + timedelta(seconds=seconds)
        while (left := (until - self._clock.now()).total_seconds()) > 0:
            try:
                await asyncio.wait_for(self._moved.wait(), timeout=left)
            except TimeoutError:
                continue
