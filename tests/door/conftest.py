"""One running bot for the tests of a file: over signed HTTP, or over Socket Mode."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.conftest import heads as heads
from tests.bot.conftest import office as office
from tests.bot.conftest import running as running
from tests.bot.web import Web, open_web


@pytest.fixture(scope="module")
def web(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Run `tierwise run` over HTTP; whatever was sent, no error of ours is in its log."""
    with open_web(tmp_path_factory.mktemp("door"), sqlite_template) as opened:
        yield opened
        said = opened.said()
    assert "Traceback" not in said
    assert '"unexpected"' not in said
