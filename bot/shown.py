"""Whose data a message or view shows, read from what can be pressed in it.

Each line on a client has a button or menu whose value names the client (`bot.actions`), each form
on a client says so in its metadata, and a searched list offers clients only. What names somebody
without either says so itself: see `about` in `bot.listeners.calls`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot import actions
from domain.events import InvitationState

OF_A_GUEST = ("card", *InvitationState)
"""What an event's button does to one client."""


def clients_in(shown: Any) -> frozenset[int]:
    """Return the ids of the clients that blocks or a view name."""
    return frozenset(_found(shown))


def _found(shown: Any) -> Iterator[int]:
    if isinstance(shown, list):
        for each in shown:
            yield from _found(each)
    elif isinstance(shown, Mapping):
        yield from _in_metadata(shown.get("private_metadata"))
        action = str(shown.get("action_id") or "").partition(":")[0]
        if action:
            yield from _in_element(action, shown)
        else:
            for name in ("blocks", "accessory", "elements", "element"):
                yield from _found(shown.get(name))


def _in_element(action: str, element: Mapping[str, Any]) -> Iterator[int]:
    chosen = element.get("initial_option") or {}
    if element.get("type") == "external_select" and str(chosen.get("value")).isdecimal():
        yield int(chosen["value"])
    values = [element.get("value"), *(e.get("value") for e in element.get("options") or ())]
    for value in values:
        yield from _in_value(action, str(value or ""))


def _in_value(action: str, value: str) -> Iterator[int]:
    parts = value.split(":")
    match action:
        case actions.OPEN_CLIENT | actions.CLIENT_FILE | actions.ERASURE_ASK:
            named = parts[:1]
        case actions.EDIT | actions.SERVICE | actions.HANDLE:
            named = parts[1:2]
        case actions.EVENT if parts[0] in OF_A_GUEST:
            named = parts[2:3]
        case _:
            named = []
    yield from (int(each) for each in named if each.isdecimal())


def _in_metadata(metadata: Any) -> Iterator[int]:
    try:
        client_id = json.loads(metadata).get("client") if metadata else None
    except (ValueError, AttributeError):
        return
    if isinstance(client_id, int):
        yield client_id
