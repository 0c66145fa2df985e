"""The real bot, over Socket Mode, in a local workspace with a fictional book."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copy

import pytest
from pydantic import SecretStr

from bot.manifest import manifest
from bot.runtime import Runtime
from bot.service import Service
from bot.settings import Settings
from sandbox.server import Sandbox
from storage.store import open_store
from tests.bot.office import TUESDAY, Office, open_firm


@pytest.fixture(scope="session")
def closers() -> Iterator[ThreadPoolExecutor]:
    """Close socket clients in the background: each takes seconds."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture(scope="module")
def running(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, closers: ThreadPoolExecutor
) -> Iterator[Office]:
    """Run the bot for the tests of one file."""
    path = tmp_path_factory.mktemp("bot") / "store.db"
    copy(sqlite_template, path)
    with Sandbox(manifest()) as sandbox:
        sandbox.clock.jump_to(TUESDAY)
        settings = Settings(
            database_url=f"sqlite:///{path}",
            mode="socket",
            tick_s=3600,
            slack_bot_token=SecretStr(sandbox.bot_token),
            slack_app_token=SecretStr(sandbox.app_token),
            slack_api_url=sandbox.api_url,
        )
        runtime = Runtime(
            settings=settings, store=open_store(settings.database_url), clock=sandbox.clock.now
        )
        firm_id, members, clients = open_firm(runtime)
        service = Service(runtime)
        service.start()
        yield Office(sandbox, runtime, firm_id, members, clients)
        stopping = closers.submit(service.stop)
    stopping.result()


@pytest.fixture
def office(running: Office) -> Iterator[Office]:
    """Give the running bot; afterwards nobody has read what is not for them."""
    before = len(running.people.transcript())
    yield running
    assert running.leaks(before) == []
    assert running.problems(before) == []
