"""Builders of a modal's fields; block id and action id are the field's name."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from bot.views.blocks import Block, plain

LABEL_CHARS = 2000
OPTION_CHARS = 75
REASON_CHARS = 500

ENTERED = {
    "value": "initial_value",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_user": "initial_user",
}
"""What Slack sends of a field, and how a field is told to begin with it."""
SEVERAL = ("checkboxes", "multi_static_select")
Choice = tuple[str, str]
"""A value and what people read for it."""


def field(
    name: str, label: str, element: Block, *, hint: str = "", optional: bool = False
) -> Block:
    """Make a labelled field of an element."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, LABEL_CHARS),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint, LABEL_CHARS)
    return block


def text(*, initial: str = "", longest: int = REASON_CHARS, lines: bool = False) -> Block:
    """Make a text element."""
    element: Block = {"type": "plain_text_input", "max_length": longest, "multiline": lines}
    if initial:
        element["initial_value"] = initial
    return element


def select(choices: Sequence[Choice], *, initial: str | None = None) -> Block:
    """Make a list to choose one from."""
    return _choosing("static_select", choices, initial)


def radio(choices: Sequence[Choice], *, initial: str | None = None) -> Block:
    """Make up to ten buttons to choose one from."""
    return _choosing("radio_buttons", choices, initial)


def checks(choices: Sequence[Choice], *, initial: Sequence[str] = ()) -> Block:
    """Make boxes to tick."""
    options = [option(*each) for each in choices]
    element: Block = {"type": "checkboxes", "options": options}
    ticked = [each for each in options if each["value"] in initial]
    if ticked:
        element["initial_options"] = ticked
    return element


def day(initial: date | None = None) -> Block:
    """Make a day to choose."""
    element: Block = {"type": "datepicker"}
    if initial:
        element["initial_date"] = initial.isoformat()
    return element


def clock(initial: time | None = None) -> Block:
    """Make a time of day to choose."""
    element: Block = {"type": "timepicker"}
    if initial:
        element["initial_time"] = initial.strftime("%H:%M")
    return element


def several(choices: Sequence[Choice], prompt: str, *, initial: Sequence[str] = ()) -> Block:
    """Make a list to choose up to a hundred from."""
    options = [option(*each) for each in choices[:100]]
    element: Block = {
        "type": "multi_static_select",
        "options": options,
        "placeholder": plain(prompt, 150),
    }
    chosen = [each for each in options if each["value"] in initial]
    if chosen:
        element["initial_options"] = chosen
    return element


def client_search(prompt: str) -> Block:
    """Make a list that is searched while one types."""
    return {
        "type": "external_select",
        "min_query_length": 2,
        "placeholder": plain(prompt, 150),
    }


def people_search(prompt: str) -> Block:
    """Make a list of members that is searched while one types, and full before."""
    return {
        "type": "external_select",
        "min_query_length": 0,
        "placeholder": plain(prompt, 150),
    }


def account(prompt: str, *, initial: str | None = None) -> Block:
    """Make a list of the workspace's people to choose one from."""
    element: Block = {"type": "users_select", "placeholder": plain(prompt, 150)}
    if initial:
        element["initial_user"] = initial
    return element


def option(value: str, label: str) -> Block:
    """Make one choice."""
    return {"text": plain(label, OPTION_CHARS), "value": value}


def refilled(block: Block, state: Mapping[str, Mapping[str, Any]]) -> Block:
    """Fill a field with what was entered in it; one that was not shown stays as it is."""
    name, shown = block.get("block_id", ""), block.get("element") or {}
    if block.get("type") != "input" or "type" not in shown or name not in state.get(name, {}):
        return block
    entered = state[name][name] or {}
    element = {k: v for k, v in shown.items() if not k.startswith("initial_")}
    for read, written in ENTERED.items():
        if entered.get(read):
            element[written] = entered[read]
    chosen = [entered.get("selected_option"), *(entered.get("selected_options") or [])]
    values = [each.get("value") for each in chosen if each]
    offered = element.get("options", [each for each in chosen if each])
    ticked = [each for each in offered if each.get("value") in values]
    if ticked and element["type"] in SEVERAL:
        element["initial_options"] = ticked
    elif ticked:
        element["initial_option"] = ticked[0]
    return {**block, "element": element}


def _choosing(kind: str, choices: Sequence[Choice], initial: str | None) -> Block:
    options = [option(*each) for each in choices]
    element: Block = {"type": kind, "options": options}
    chosen: dict[str, Any] | None = next((o for o in options if o["value"] == initial), None)
    if chosen:
        element["initial_option"] = chosen
    return element
