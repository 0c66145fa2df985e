"""What a command costs that is only acknowledged: our app beside Bolt's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from slack_bolt import Ack, App

from benchmarks.measure import Extent, Figure, Run, in_turns
from benchmarks.slack import ask, bare_app, our_app
from bot.listeners import COMMANDS
from storage.store import open_store

EMPTY = "/empty"
"""A command that ours does not know: it is acknowledged and nothing else."""
MORE = 40


def figures(extent: Extent) -> Iterator[Figure]:
    """Compare empty acknowledgements, with few commands and with many."""
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'empty.db'}")
        apps = {"bare": bare_app(before_response=True), "default": bare_app(before_response=False)}
        crowded = bare_app(before_response=True)
        for number in range(MORE):
            crowded.command(f"/other-{number}")(_acknowledge)
        apps |= {"crowded": crowded}
        for app in apps.values():
            app.command(EMPTY)(_acknowledge)
        ours = our_app(store)
        runs: dict[str, Run] = {name: partial(ask, app, EMPTY) for name, app in apps.items()}
        runs |= {"ours": partial(ask, ours, EMPTY), "ours crowded": partial(_among_many, ours)}
        taken = in_turns(runs, 8 * extent.rounds, times=7)
        store.close()
    topic = "empty acknowledgement"
    yield Figure(
        topic=topic,
        what="our app",
        ours=taken["ours"],
        beside="Bolt, process_before_response",
        theirs=taken["bare"],
        most=2.5,
        first=1.3,
    )
    yield Figure(
        topic=topic,
        what="our app",
        ours=taken["ours"],
        beside="Bolt's default",
        theirs=taken["default"],
        most=1 / 35,
        first=1 / 60,
    )
    yield Figure(
        topic=topic,
        what=f"{MORE} more commands",
        ours=taken["ours crowded"],
        beside="our app",
        theirs=taken["ours"],
        most=1.05,
    )
    yield Figure(
        topic=topic,
        what="our app",
        ours=taken["ours crowded"],
        beside=f"Bolt, {MORE} more commands",
        theirs=taken["crowded"],
        most=0.4,
    )


def _acknowledge(ack: Ack) -> None:
    ack()


def _among_many(app: App) -> float:
    with _more_commands():
        return ask(app, EMPTY)


@contextmanager
def _more_commands() -> Iterator[None]:
    more = {f"/other-{number}": COMMANDS["/segment"] for number in range(MORE)}
    COMMANDS.update(more)
    yield
    for name in more:
        del COMMANDS[name]
