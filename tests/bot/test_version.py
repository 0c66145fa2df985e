"""The program says which one it is, at once and without a store."""

import sys
from importlib.metadata import version
from pathlib import Path

from typer.testing import CliRunner

from bot.cli import app
from tests.bot.processes import run

HEAVY = {"typer", "rich", "slack_bolt", "sqlalchemy", "sqlmodel", "pydantic", "structlog"}


def test_the_program_says_its_version_without_a_store() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.output.strip()) == (0, f"tierwise {version('tierwise')}")


def test_who_asks_for_the_version_waits_for_no_library(tmp_path: Path) -> None:
    asked = "import sys; sys.argv[1:] = ['--version']; from bot.__main__ import main; main()"
    done = run((sys.executable, "-c", f"{asked}; print(*sys.modules)"), tmp_path)
    said, loaded = done.stdout.splitlines()
    assert said == f"tierwise {version('tierwise')}"
    assert HEAVY & set(loaded.split()) == set()
