"""One process of the bot's clock, for tests that kill it: `python -m tests.chaos.runner JSON`."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot import runtime
from bot.clients import create_client
from bot.digests.clock import DigestClock, dispatcher_for
from bot.digests.delivery import DigestDesk
from bot.digests.points import Point
from bot.offices import Offices
from bot.settings import Settings
from domain.access import Member
from sandbox.world import TEAM
from storage.store import open_store


@dataclass(frozen=True, slots=True)
class Page:
    """A short message."""

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    about: frozenset[int] = frozenset()


def write(*, firm_id: int, member: Member, period: str, due_at: datetime, late: bool) -> Page:
    """Write what the test counts: whose message it is, and of which week."""
    return Page(f"{period} for {member.key}")


def dies_at(point: str) -> Callable[[Point], None]:
    """Kill this process, as the kernel would, when it comes to a point."""

    def reach(reached: Point) -> None:
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return reach


def main() -> None:
    """Keep time until told to stop, by a clock of this process that is wrong on purpose."""
    given = json.loads(sys.argv[1])
    settings = Settings.model_validate(given["settings"])
    name, _, what = os.environ.get("FAILPOINT", "").partition(":")
    offset = timedelta(seconds=given["offset_s"])
    runtime.system_clock = lambda: datetime.now(UTC) + offset
    running = runtime.Runtime(settings=settings, store=open_store(settings.database_url))
    token = create_client(settings).token
    desk = DigestDesk(
        runtime=running,
        office_of=Offices(running, {TEAM: token}.get).of,
        compose=write,
        reach=dies_at(name) if what == "kill" else lambda _point: None,
    )
    clock = DigestClock(desk, dispatcher_for(desk))
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    clock.start()
    stopped.wait()
    clock.stop()
    desk.runtime.store.close()


if __name__ == "__main__":
    main()
