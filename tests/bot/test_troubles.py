"""What an operator has to know of at once shows while it lasts, and no longer."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen
from time import monotonic, sleep

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from sqlmodel import select
from typer.testing import CliRunner, Result

from bot import cli
from bot.digests import clock
from bot.http import health_page
from bot.runtime import Runtime
from bot.service import Service, Trouble
from bot.settings import Settings
from sandbox.client import PATIENCE_S
from sandbox.faults import Fault
from sandbox.server import Sandbox
from sandbox.world import TEAM
from storage.deliveries import Owed, owe
from storage.heartbeats import beat, life, stop
from storage.store import Store, open_store
from storage.tables import HeartbeatRow
from tests.bot.office import manifest
from tests.bot.processes import PROGRAM, environment, run
from tests.firms import members_of, save_firm


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(manifest(), deadline_s=PATIENCE_S) as running:
        yield running


@pytest.fixture
def service(sandbox: Sandbox, sqlite_address: str) -> Iterator[Service]:
    settings = Settings(
        database_url=sqlite_address,
        tick_s=0.1,
        slack_bot_token=SecretStr(sandbox.bot_token),
        slack_app_token=SecretStr(sandbox.app_token),
        slack_api_url=sandbox.api_url,
    )
    with Service(Runtime(settings=settings, store=open_store(sqlite_address))) as running:
        yield running


def wait_for_troubles(sandbox: Sandbox, service: Service, *wanted: Trouble) -> None:
    sandbox.client.wait_for(lambda: service.troubles() == [*wanted])


def test_a_service_that_runs_has_no_trouble(service: Service) -> None:
    assert service.troubles() == []


def test_without_a_connection_to_slack_there_is_trouble_until_there_is_one(
    service: Service, sandbox: Sandbox
) -> None:
    sandbox.faults.order("apps.connections.open", Fault(status=500), times=3)
    sandbox.disconnect_sockets(None)
    wait_for_troubles(sandbox, service, Trouble.LINE)
    wait_for_troubles(sandbox, service)


def test_a_clock_whose_thread_died_is_trouble(
    service: Service, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "STANDSTILL_S", 2.0)
    assert service.troubles() == []
    service.clock._scheduler.pause()  # as if nothing woke it any more
    wait_for_troubles(sandbox, service, Trouble.CLOCK)
    service.clock._scheduler.resume()
    wait_for_troubles(sandbox, service)


def test_a_store_that_cannot_be_reached_is_trouble(service: Service, sandbox: Sandbox) -> None:
    store = Path(make_url(service.runtime.settings.database_url).database or "")
    service.runtime.store.engine.dispose()
    store.rename(store.with_suffix(".away"))
    store.mkdir()
    wait_for_troubles(sandbox, service, Trouble.STORE)
    store.rmdir()
    store.with_suffix(".away").rename(store)
    wait_for_troubles(sandbox, service)


def test_the_health_page_names_the_trouble(service: Service, sandbox: Sandbox) -> None:
    def look() -> tuple[str, bytes]:
        said: list[str] = []
        page = health_page(service.troubles)
        body = b"".join(page({}, lambda status, _headers: said.append(status)))
        return said[0], body

    assert look() == ("200 OK", b"ok")
    sandbox.faults.order("apps.connections.open", Fault(status=500), times=3)
    sandbox.disconnect_sockets(None)
    wait_for_troubles(sandbox, service, Trouble.LINE)
    assert look() == ("503 Service Unavailable", b"there is no connection to Slack")


def tell_status(address: str) -> Result:
    arguments = ["--database", address, "--locale", "en-GB", "digest", "status"]
    return CliRunner().invoke(cli.app, arguments)


def test_the_terminal_ends_with_an_error_while_something_due_has_not_ended(
    sqlite_address: str,
) -> None:
    store = open_store(sqlite_address)
    firm = save_firm(store, "T0001", "Nordlicht Vermögen")
    anna = members_of(store, firm)["anna"].member_id
    with store.write(None) as session:
        beat(session, "a program", now=datetime.now(UTC))

    def status_after(minutes: int) -> Result:
        due_at = datetime.now(UTC) - timedelta(minutes=minutes)
        owed = Owed(member_id=anna, kind=f"after {minutes}", period="2026-W48", due_at=due_at)
        with store.write(firm.id) as session:
            owe(session, [owed], now=due_at)
        return tell_status(sqlite_address)

    assert status_after(minutes=10).exit_code == 0
    late = status_after(minutes=16)
    assert late.exit_code == 1
    assert "1 should have ended a quarter of an hour ago" in late.output
    assert "No program" not in late.output
    store.close()


@contextmanager
def program(sandbox: Sandbox, address: str, folder: Path) -> Iterator[Popen[bytes]]:
    """Run the bot as an operator does, in a process of its own."""
    settings = {
        "TIERWISE_DATABASE_URL": address,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_APP_TOKEN": sandbox.app_token,
        "SLACK_API_URL": sandbox.api_url,
    }
    with (
        (folder / "log").open("ab") as log,
        Popen((*PROGRAM, "run"), cwd=folder, env=environment(**settings), stderr=log) as running,
    ):
        try:
            yield running
        finally:
            running.kill()


def wait_for_status(address: str, exit_code: int) -> str:
    """Ask the terminal until it ends so; return what it said."""
    until = monotonic() + 60
    while (said := tell_status(address)).exit_code != exit_code:
        assert monotonic() < until, said.output
        sleep(0.2)
    return said.output


def test_the_terminal_says_since_when_no_program_has_run(
    sandbox: Sandbox, sqlite_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERWISE_FIRM", TEAM)
    store = open_store(sqlite_address)
    save_firm(store, TEAM, "Birkenhof Beratung")
    assert "No program has run yet" in wait_for_status(sqlite_address, 1)
    # One that is cut off is missed after five minutes
    with program(sandbox, sqlite_address, tmp_path) as running:
        wait_for_status(sqlite_address, 0)
        running.kill()
        running.wait(60)
    assert tell_status(sqlite_address).exit_code == 0
    with store.write(None) as session:
        (row,) = session.exec(select(HeartbeatRow))
        row.seen_at = datetime(2026, 11, 20, 8, 5, tzinfo=UTC)
    sentence = "No program has run since 2026-11-20 08:05 UTC: nothing is sent."
    assert sentence in wait_for_status(sqlite_address, 1)
    # In a process of its own: what still runs in this one may write a line of its log between
    doctor = run((*PROGRAM, "--database", sqlite_address, "doctor", "--json"), tmp_path)
    (found,) = (each for each in json.loads(doctor.stdout) if each["name"] == "program")
    assert (found["state"], sentence in found["said"]) == ("fail", True)
    # The next one raises the alarm, and when it is stopped it is gone at once
    with program(sandbox, sqlite_address, tmp_path) as running:
        wait_for_status(sqlite_address, 0)
        running.terminate()
        assert running.wait(60) == 0
    assert "No program has run since" in wait_for_status(sqlite_address, 1)
    store.close()
    alarms = [line for line in (tmp_path / "log").read_text().splitlines() if "ALERT" in line]
    assert [json.loads(line)["since"] for line in alarms] == ["2026-11-20T08:05:00+00:00"]


def test_a_program_that_was_silent_for_five_minutes_does_not_run(store: Store) -> None:
    began, patience = datetime(2026, 11, 23, 7, tzinfo=UTC), timedelta(minutes=5)

    def runs_at(minute: int) -> tuple[int, datetime | None]:
        with store.read(None) as session:
            found = life(session, now=began + timedelta(minutes=minute), patience=patience)
        return found.running, found.seen_at

    assert runs_at(0) == (0, None)
    with store.write(None) as session:
        beat(session, "one", now=began)
        beat(session, "two", now=began + timedelta(minutes=1))
    assert [runs_at(minute)[0] for minute in (1, 5, 6, 7)] == [2, 2, 1, 0]
    assert runs_at(7) == (0, began + timedelta(minutes=1))
    with store.write(None) as session:
        stop(session, "two", now=began + timedelta(minutes=2))
    assert runs_at(2) == (1, began + timedelta(minutes=2))
    with store.write(None) as session:  # what is long past is forgotten
        beat(session, "three", now=began + timedelta(days=8))
        assert [row.worker for row in session.exec(select(HeartbeatRow))] == ["three"]


def test_a_file_that_is_opened_twice_shows_what_another_process_writes(
    sqlite_address: str, tmp_path: Path
) -> None:
    """To close a file in use would drop its locks: the other would think itself the last."""
    written = (
        "import sys; from datetime import UTC, datetime; from storage.heartbeats import beat;"
        "from storage.store import open_store; store = open_store(sys.argv[1]);\n"
        "with store.write(None) as session: beat(session, sys.argv[2], now=datetime.now(UTC))\n"
        "store.close()"
    )

    def seen_by(store: Store) -> set[str]:
        with store.read(None) as session:
            return {row.worker for row in session.exec(select(HeartbeatRow))}

    first = open_store(sqlite_address)
    with first.write(None) as session:
        beat(session, "first", now=datetime.now(UTC))
    for name in ("one", "two"):
        second = open_store(sqlite_address)
        seen_by(second)
        second.close()
        done = run((sys.executable, "-c", written, sqlite_address, name), tmp_path)
        assert done.returncode == 0, done.stderr
        assert name in seen_by(first)
    first.close()
