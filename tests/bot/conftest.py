"""The real bot, over Socket Mode, in a local workspace with a fictional book."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from sandbox.world import TEAM
from tests.bot.office import Office, open_office


@pytest.fixture(scope="module")
def running(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Run the bot for the tests of one file."""
    path = tmp_path_factory.mktemp("bot") / "store.db"
    copy(sqlite_template, path)
    with open_office(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def heads(running: Office) -> deque[int]:
    """Keep the journal's last entry as each of the last few tests began."""
    return deque([running.runtime.journal.head(running.firm_id).seq], maxlen=3)


@pytest.fixture
def office(running: Office, heads: deque[int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Give the running bot; nobody has read what is not for them, or without a record of it.

    Home follows a form or an undo in its own time: what the tests before have recorded for it may
    be shown in this one.
    """
    monkeypatch.setenv("TIERWISE_FIRM", TEAM)
    before, since = running.people.recorded(), heads[0]
    heads.append(running.runtime.journal.head(running.firm_id).seq)
    yield running
    assert running.leaks(before) == []
    assert running.unwitnessed(before, since=since) == []
    assert running.problems(before) == []
