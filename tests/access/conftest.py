"""One office for the tests of a file."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
import structlog

from tests.access.office import Office, open_office, quiet_logs

ANSWERS = ("channel_not_found", "user_not_found")
"""Whom and what the workspace does not name is refused; that is an answer, too."""


@pytest.fixture(scope="module")
def running(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Run the bot for the tests of one file."""
    path = tmp_path_factory.mktemp("access") / "store.db"
    copy(sqlite_template, path)
    quiet_logs()
    with open_office(path) as opened:
        yield opened
    structlog.reset_defaults()


@pytest.fixture
def office(running: Office) -> Iterator[Office]:
    """Give the running bot; whatever it sent meanwhile was well formed and taken."""
    before = running.seen()
    yield running
    for person in running.sandbox.world.people:
        running.close_modals(person)
    assert [
        (each["name"], each["response"], each["problems"])
        for each in running.entries(before)
        if (not each["ok"] or each["problems"])
        and each["response"].get("error") not in ANSWERS
        and "fault" not in each["response"]  # which a test ordered
    ] == []
