"""The pulse: a running program says about once a minute that it is there, for others to see."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.digests.delivery import DigestDesk
from bot.digests.status import life, silent_after
from storage import heartbeats

log = structlog.get_logger()

BEAT = timedelta(seconds=30)
"""Signs of life lie at least so far apart, however often the clock ticks."""


class Pulse:
    """The signs of life of one program."""

    def __init__(self, desk: DigestDesk) -> None:
        self._desk = desk
        self._beaten_at: datetime | None = None

    def beat(self) -> None:
        """Give a sign of life; the first one raises the alarm if nobody had given any for long."""
        try:
            now = self._desk.now()
            if self._beaten_at is None:
                self._look_back(now)
            elif abs(now - self._beaten_at) < BEAT:
                return
        except SQLAlchemyError as error:
            log.warning("sign of life not kept", error=type(error).__name__)
            return
        self._keep(heartbeats.beat)
        self._beaten_at = now

    def stop(self) -> None:
        """Say that the program ends as it should."""
        if self._beaten_at is not None:
            self._keep(heartbeats.stop)

    def _look_back(self, now: datetime) -> None:
        runtime = self._desk.runtime
        found = life(runtime)
        if found.running or found.seen_at is None:
            return
        if now - found.seen_at > silent_after(runtime.settings):
            log.error("ALERT: no program had run", since=found.seen_at.isoformat())

    def _keep(self, write: Callable[..., None]) -> None:
        try:
            with self._desk.runtime.store.write(None) as session:
                write(session, self._desk.worker, now=self._desk.now(session))
        except SQLAlchemyError as error:  # the next one tells as much
            log.warning("sign of life not kept", error=type(error).__name__)
