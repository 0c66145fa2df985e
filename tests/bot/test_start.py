"""Starting the bot: quick, and in one line what is missing."""

import shutil
import sys
from pathlib import Path

import pytest

from bot.manifest import manifest, write
from sandbox.server import Sandbox
from tests.bot.processes import run, tierwise
from tests.bot.web import free_port

HEAVY = {"pandas", "numpy", "pyarrow", "matplotlib", "icalendar", "alembic", "typer"}
ANSWER_ONE = """
import sys
from pathlib import Path
from tests.bot.office import ANNA, open_office

with open_office(Path(sys.argv[1])) as office:
    card = office.ask(ANNA, "/segment Maria Huber")
assert "Maria Huber · A · GROW" in card["text"]
print(*sys.modules)
"""
SIGNING = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-of-nobody", "SLACK_APP_TOKEN": "xapp-of-nobody"}


def test_an_answer_needs_none_of_the_heavy_libraries(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "store.db")
    done = run((sys.executable, "-c", ANSWER_ONE, "store.db"), tmp_path)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "bot.service" in loaded
    assert HEAVY & loaded == set()


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, "SLACK_BOT_TOKEN, SLACK_APP_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": " "}, "SLACK_APP_TOKEN"),
        ({"TIERWISE_MODE": "http"}, "SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET"),
    ],
)
def test_missing_settings_are_named(settings: dict[str, str], missing: str, tmp_path: Path) -> None:
    done = tierwise("run", folder=tmp_path, **settings)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Not set: {missing}. ")
    assert len(done.stderr.splitlines()) == 1


def test_a_setting_that_cannot_be_read_is_named_without_its_value(tmp_path: Path) -> None:
    done = tierwise("run", folder=tmp_path, TIERWISE_MODE="pigeon", **TOKENS)
    assert done.returncode == 2
    assert "TIERWISE_MODE" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_a_store_without_tables_says_what_to_run(mode: str, tmp_path: Path) -> None:
    secret = {"TIERWISE_MODE": mode, "SLACK_SIGNING_SECRET": SIGNING}
    done = tierwise("run", folder=tmp_path, **TOKENS, **secret)
    assert done.returncode == 2
    assert done.stderr == "The store has no tables yet. Run: tierwise migrate\n"


@pytest.mark.parametrize(
    ("mode", "wrong"),
    [("socket", "SLACK_BOT_TOKEN"), ("socket", "SLACK_APP_TOKEN"), ("http", "SLACK_BOT_TOKEN")],
)
def test_a_token_that_slack_refuses_is_named(
    mode: str, wrong: str, sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "tierwise.db")
    with Sandbox(manifest()) as sandbox:
        settings = {
            "TIERWISE_MODE": mode,
            "TIERWISE_HTTP_PORT": str(free_port()),
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_APP_TOKEN": sandbox.app_token,
            "SLACK_SIGNING_SECRET": sandbox.signing_secret,
            "SLACK_API_URL": sandbox.api_url,
            wrong: TOKENS[wrong],
        }
        done = tierwise("run", folder=tmp_path, **settings)
    assert done.returncode == 2
    assert f"Slack refuses {wrong}: invalid_auth" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_manifest_is_printed_as_it_stands_in_the_repository(tmp_path: Path) -> None:
    done = tierwise("manifest", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, write(manifest()))
