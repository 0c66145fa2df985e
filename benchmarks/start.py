"""Fresh processes: how long the program takes to be there, and what it weighs at rest."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from statistics import median

from benchmarks.measure import Extent, Figure, in_turns

BOT = "import bot.service"
BARE = "import slack_bolt, sqlmodel, rapidfuzz"
EAGER = f"{BOT}; import pandas, pyarrow"
WEIGH = "; print(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmRSS')))"
VERSION = "from bot.__main__ import main; import sys; sys.argv = ['tierwise', '--version']; main()"


def figures(extent: Extent) -> Iterator[Figure]:
    """Compare imports and memory; interpreters start with compiled files, as installed ones do."""
    commands = {"version": VERSION, "bot": BOT, "bare": BARE, "eager": EAGER}
    runs = {name: partial(_run, code) for name, code in commands.items()}
    taken = in_turns(runs, 2 * extent.rounds - 1)
    weight = {
        name: median(int(_run(commands[name] + WEIGH)) for _ in range(extent.rounds))
        for name in ("bot", "eager")
    }
    bare = "import of slack_bolt, sqlmodel, rapidfuzz"
    eager = "the same with pandas and pyarrow"
    for what, ours, beside, theirs, most, first in (
        ("import of the bot", "bot", bare, "bare", 2.5, 1.15),
        ("import of the bot", "bot", eager, "eager", 0.9, 0.6),
        ("tierwise --version", "version", bare, "bare", 0.5, None),
    ):
        yield Figure(
            topic="start",
            what=what,
            ours=taken[ours],
            beside=beside,
            theirs=taken[theirs],
            most=most,
            first=first,
        )
    yield Figure(
        topic="memory",
        what="the bot at rest",
        ours=weight["bot"] / 1024,
        beside=eager,
        theirs=weight["eager"] / 1024,
        most=0.55,
        first=0.45,
        unit="MB",
    )


def _run(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout
