"""Judges every payload that the real bot sent in a test run, whichever test made it send it.

The local workspace judges as it records (limits, surfaces, shapes as published); here Slack's own
SDK judges too, and our rule that no text mentions or links by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.listeners import COMMANDS
from sandbox.server import Sandbox
from tests.views.judges import assert_blocks

BOT = "Tierwise"
"""The app whose payloads must be flawless; tests plant broken ones under other names."""


@contextmanager
def watched(app: str = BOT) -> Iterator[list[str]]:
    """Collect what the judges object to in all of an app's workspaces that stop meanwhile."""
    found: list[str] = []
    stop = Sandbox.stop

    def judge_and_stop(sandbox: Sandbox) -> None:
        try:
            if _is_bots(sandbox, app):
                for entry in sandbox.client.transcript():
                    found.extend(_objections(entry))
        finally:
            stop(sandbox)

    Sandbox.stop = judge_and_stop  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Sandbox.stop = stop  # type: ignore[method-assign]


def _is_bots(sandbox: Sandbox, name: str) -> bool:
    """Tell whether the real bot's manifest is installed, under this name."""
    person = next(iter(sandbox.world.people))
    app = sandbox.client.state(person)["app"]
    return app["name"] == name and {c["command"] for c in app["commands"]} == set(COMMANDS)


def _objections(entry: dict[str, Any]) -> Iterator[str]:
    for problem in entry["problems"]:
        if problem.startswith("["):  # a plain word is a refusal, of a token or a trigger, say
            yield f"{entry['name']}: {problem}"
    for surface, shown in _shown(entry):
        try:
            assert_blocks(shown, surface)
        except Exception as objection:
            yield f"{entry['name']}: {type(objection).__name__}: {objection} in {shown}"


def _shown(entry: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Find what a payload shows: blocks of a message, a modal, a Home."""
    sent = [entry.get("request"), entry.get("response")]
    if entry["direction"] != "bot→workspace":
        sent = [entry.get("response")]
    for each in sent:
        if not isinstance(each, dict):
            continue
        if isinstance(each.get("blocks"), list) and each["blocks"] and "type" not in each:
            yield "message", each["blocks"]
        view = each.get("view")
        if isinstance(view, dict) and "id" not in view:
            yield view["type"], view
