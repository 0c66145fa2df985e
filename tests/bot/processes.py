"""Starts `tierwise` as an operator does: a process of its own, with an environment of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
HASTE = "TIERWISE_REQUESTS_PER_MINUTE"
"""Tests ask faster than people may."""
FIRM = "TIERWISE_FIRM"
"""Says to a command which of two firms is meant."""
PROGRAM = (sys.executable, "-c", "from bot.cli import main; main()")


def environment(**settings: str) -> dict[str, str]:
    """Return this process's environment with these settings of Tierwise and no others."""
    ours = ("SLACK_", "TIERWISE_")
    kept = {k: v for k, v in os.environ.items() if k == FIRM or not k.startswith(ours)}
    known = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", HASTE: os.environ.get(HASTE, "100000")}
    return {**kept, **known, **settings}


def tierwise(*arguments: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of Tierwise in a folder without `.env`."""
    return run((*PROGRAM, *arguments), folder, **settings)


def run(command: Sequence[str], folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
