"""A firm, its workspace, and processes of the bot's clock that may be killed at any moment."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle, repeat
from random import Random
from typing import IO, Any

from sqlmodel import func, select

from sandbox.client import PATIENCE_S
from sandbox.faults import Fault, rate_limited
from sandbox.server import Sandbox
from sandbox.world import TEAM, Person, World
from storage.store import Store, open_store
from storage.tables import DeliveryRow, FirmRow, MemberRow
from tests.digests.conftest import LINKED, SCOPES, manifest
from tests.firms import NOW

MONDAY_EVENING = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
"""When it is past eight on Monday everywhere."""
OPEN = ("due", "claimed", "unknown")

TIMING = {
    "TIERWISE_TICK_S": 0.5,
    "TIERWISE_CALL_TIMEOUT_S": 1,
    "TIERWISE_FENCE_S": 3,
    "TIERWISE_SETTLE_S": 6,
}
"""Down to a tenth of the usual times; settling still outlasts fence, call and delay. A shorter
fence would be shut most of the time where a machine has much else to do."""

WRONG_BY = (0.0, 3600.0, -3600.0, 90.0)
"""Seconds by which the processes' own clocks differ where the database's is the one that counts."""

UNCLEAR = (
    Fault(status=500),
    Fault(status=503, done_first=True),
    Fault(drop=True),
    Fault(drop=True, done_first=True),
    Fault(drop=True, done_after_s=1),
    Fault(hang=True),
    Fault(hang=True, done_first=True),
    Fault(error="internal_error", done_first=True),
)
MIXTURE = {
    "chat.postMessage": (rate_limited(1), *UNCLEAR),
    "conversations.history": (rate_limited(1), Fault(status=500), Fault(drop=True)),
    "conversations.open": (rate_limited(1), Fault(status=503), Fault(drop=True)),
    "users.info": (rate_limited(1), Fault(status=500), Fault(drop=True)),
}


@dataclass(slots=True)
class Chaos:
    """What a run needs, and the processes it has started."""

    sandbox: Sandbox
    store: Store
    address: str
    log: IO[bytes]
    timing: dict[str, Any] = field(default_factory=lambda: dict(TIMING))
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    wrong_by: Iterator[float] = field(default_factory=lambda: repeat(0.0))
    """How far each new process's own clock is ahead, in seconds."""

    def start(self, failpoint: str = "") -> subprocess.Popen[bytes]:
        """Start one more process of the clock."""
        settings = self.timing | {
            "SLACK_BOT_TOKEN": self.sandbox.bot_token,
            "SLACK_API_URL": self.sandbox.api_url,
            "TIERWISE_DATABASE_URL": self.address,
        }
        offset = _ahead(self.sandbox) + next(self.wrong_by)
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.chaos.runner",
                json.dumps({"settings": settings, "offset_s": offset}),
            ],
            env={**os.environ, "FAILPOINT": failpoint},
            stdout=self.log,
            stderr=self.log,
        )
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process as a power cut would."""
        process.kill()
        process.wait()
        self.processes.remove(process)

    def said(self) -> list[dict[str, Any]]:
        """Return the messages that stand in the workspace, as people find them there."""
        board = self.sandbox.workspace.board
        return [
            message.as_json()
            for place in list(self.sandbox.world.places.values())
            for message in board.lasting(place.id)
        ]

    def open_rows(self) -> int | None:
        """Count the deliveries that have not ended; None before all are recorded."""
        with self.store.read(None) as session:
            everything = session.exec(select(func.count()).select_from(DeliveryRow)).one()
            members = session.exec(select(func.count()).select_from(MemberRow)).one()
            unfinished = select(func.count()).where(DeliveryRow.state.in_(OPEN))  # type: ignore[attr-defined]
            return session.exec(unfinished).one() if everything == members else None

    def finish(self, patience_s: float) -> None:
        """Wait until every delivery has ended."""
        until = time.monotonic() + patience_s
        while (left := self.open_rows()) != 0:
            if time.monotonic() > until or not any(p.poll() is None for p in self.processes):
                self.log.seek(0)
                tail = self.log.read()[-2000:].decode(errors="replace")
                raise TimeoutError(f"{left} deliveries have not ended\n{tail}")
            time.sleep(0.2)

    def tally(self) -> tuple[int, int]:
        """Count what was lost and what was doubled, by what stands in the workspace.

        Held or given up with a reason is not lost; a repeat that says so is not doubled.
        """
        texts = Counter(each["text"] for each in self.said())
        with self.store.read(None) as session:
            rows = session.exec(
                select(MemberRow.key, DeliveryRow).where(MemberRow.id == DeliveryRow.member_id)
            ).all()
        lost = [
            key
            for key, row in rows
            if texts[f"2026-W48 for {key}"] == 0
            and not (row.state in ("held", "dead") and row.reason)
        ]
        return len(lost), sum(count - 1 for count in texts.values())


@contextmanager
def office(address: str, people: int) -> Iterator[Chaos]:
    """Open a workspace with a firm of so many people, all owed a digest since Monday at eight."""
    world = World(team_id=TEAM, team_name="Birkenhof Beratung", domain="birkenhof")
    world.add_people(Person(f"U{n:05}", f"p{n}", f"Person {n}") for n in range(people))
    world.add_people([Person("U0BOT", "tierwise", "Tierwise", "bot")])
    store = open_store(address)
    with store.write(None) as session:
        firm = FirmRow(workspace_id=TEAM, name="Birkenhof Beratung", created_at=NOW)
        session.add(firm)
        session.flush()
        session.add_all(
            MemberRow(
                firm_id=firm.id,
                key=f"p{n}",
                name=f"Person {n}",
                role="advisor",
                team="private clients",
                slack_user_id=f"U{n:05}",
                linked_at=LINKED,
            )
            for n in range(people)
        )
    with (
        tempfile.TemporaryFile() as log,
        Sandbox(manifest(*SCOPES), world, deadline_s=PATIENCE_S) as sandbox,
    ):
        sandbox.clock.jump_to(MONDAY_EVENING)
        chaos = Chaos(sandbox, store, address, log)
        if store.now() is not None:
            _move_the_database_s_clock(store, _ahead(sandbox))
            chaos.wrong_by = cycle(WRONG_BY)
        try:
            yield chaos
        finally:
            for process in chaos.processes:
                process.kill()
                process.wait()
            store.close()


def _ahead(sandbox: Sandbox) -> float:
    return (sandbox.clock.now() - datetime.now(UTC)).total_seconds()


def _move_the_database_s_clock(store: Store, seconds: float) -> None:
    """Let the database say the workspace's time to everybody who connects from now on."""
    name = store.engine.url.database
    with store.engine.begin() as connection:
        for statement in (
            "CREATE SCHEMA moved",
            "CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
            f"$$ SELECT pg_catalog.clock_timestamp() + interval '{seconds} s' $$",
            f'ALTER DATABASE "{name}" SET search_path = public, moved, pg_catalog',
        ):
            connection.exec_driver_sql(statement)
    store.engine.dispose()


def kill_at_random(chaos: Chaos, *, kills: int, processes: int, every_s: float, seed: int) -> None:
    """Kill a process again and again, and start another in its place."""
    chance = Random(seed)
    for _ in range(processes):
        chaos.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.5, 1.5) * every_s)
        chaos.kill(chance.choice(chaos.processes))
        chaos.start()


def freeze_at_random(chaos: Chaos, *, times: int, for_s: float, every_s: float, seed: int) -> None:
    """Let a process sleep again and again, beyond its lease, while another goes on."""
    chance = Random(seed)
    for _ in range(times):
        time.sleep(chance.uniform(0.5, 1.5) * every_s)
        process = chance.choice(chaos.processes)
        process.send_signal(signal.SIGSTOP)
        time.sleep(for_s)
        process.send_signal(signal.SIGCONT)
