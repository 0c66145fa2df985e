"""What an operator has to know of at once shows while it lasts, and no longer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url
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
from storage.deliveries import Owed, owe
from storage.store import open_store
from tests.bot.office import manifest
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


def test_the_terminal_ends_with_an_error_while_something_due_has_not_ended(
    sqlite_address: str,
) -> None:
    store = open_store(sqlite_address)
    firm = save_firm(store, "T0001", "Nordlicht Vermögen")
    anna = members_of(store, firm)["anna"].member_id

    def status_after(minutes: int) -> Result:
        due_at = datetime.now(UTC) - timedelta(minutes=minutes)
        owed = Owed(member_id=anna, kind=f"after {minutes}", period="2026-W48", due_at=due_at)
        with store.write(firm.id) as session:
            owe(session, [owed], now=due_at)
        arguments = ["--database", sqlite_address, "--locale", "en-GB", "digest", "status"]
        return CliRunner().invoke(cli.app, arguments)

    assert status_after(minutes=10).exit_code == 0
    late = status_after(minutes=16)
    assert late.exit_code == 1
    assert "1 should have ended a quarter of an hour ago" in late.output
    store.close()
