"""The terminal says which program it is."""

from importlib.metadata import version

from typer.testing import CliRunner

from bot.cli import app


def test_the_program_says_its_version_without_a_store() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.output.strip()) == (0, f"tierwise {version('tierwise')}")
