"""What people enter: elements with a value, their state, and what a form asks for."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from typing import Any

from sandbox.wire import Json

# element type: (key of the value, key of the initial value, value when empty)
STATEFUL: dict[str, tuple[str, str, Any]] = {
    "plain_text_input": ("value", "initial_value", None),
    "number_input": ("value", "initial_value", None),
    "email_text_input": ("value", "initial_value", None),
    "url_text_input": ("value", "initial_value", None),
    "rich_text_input": ("rich_text_value", "initial_value", None),
    "static_select": ("selected_option", "initial_option", None),
    "external_select": ("selected_option", "initial_option", None),
    "radio_buttons": ("selected_option", "initial_option", None),
    "users_select": ("selected_user", "initial_user", None),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "channels_select": ("selected_channel", "initial_channel", None),
    "checkboxes": ("selected_options", "initial_options", []),
    "multi_static_select": ("selected_options", "initial_options", []),
    "multi_external_select": ("selected_options", "initial_options", []),
    "multi_users_select": ("selected_users", "initial_users", []),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", []),
    "multi_channels_select": ("selected_channels", "initial_channels", []),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
    "file_input": ("files", "", []),
}


def with_ids(blocks: list[Json]) -> list[Json]:
    """Return a copy of blocks in which every block and element has an id."""
    filled = copy.deepcopy(blocks)
    for block in filled:
        block.setdefault("block_id", secrets.token_hex(3))
        for element in elements_of(block):
            if element.get("type") != "image":
                element.setdefault("action_id", secrets.token_hex(3))
    return filled


def elements_of(block: Json) -> Iterator[Json]:
    """Yield the elements of a block, those of nested cards included."""
    if block.get("type") in ("context", "rich_text", "table", "data_table"):
        return
    for key in ("element", "accessory"):
        if isinstance(block.get(key), dict):
            yield block[key]
    for key in ("elements", "actions"):
        yield from (e for e in block.get(key) or [] if isinstance(e, dict))
    for child in block.get("child_blocks") or []:
        yield from elements_of(child)


def find_element(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json] | None:
    """Return the block and the element that the ids name."""
    for block in blocks:
        if block.get("block_id") == block_id:
            for element in elements_of(block):
                if element.get("action_id") == action_id:
                    return block, element
    return None


def initial_state(blocks: list[Json], kept: Json | None = None) -> Json:
    """Return state.values of a fresh view; ``kept`` are values entered before an update."""
    values: Json = {}
    for block in blocks:
        for element in elements_of(block):
            if element.get("type") in STATEFUL:
                entered = (kept or {}).get(block["block_id"], {}).get(element["action_id"])
                if entered is None or entered["type"] != element["type"]:
                    entered = _initial(element)
                values.setdefault(block["block_id"], {})[element["action_id"]] = entered
    return values


def _initial(element: Json) -> Json:
    key, initial_key, empty = STATEFUL[element["type"]]
    return {"type": element["type"], key: element.get(initial_key, copy.copy(empty))}


def entered(element: Json, given: Json, served: list[Json]) -> Json:
    """Return a value as state and actions carry it: options completed by what was offered.

    Raises LookupError when an option was not on offer.
    """
    key, _, empty = STATEFUL[element["type"]]
    value = given.get(key, copy.copy(empty))
    if key == "selected_option" and value is not None:
        value = _offered(element, value, served)
    elif key == "selected_options":
        value = [_offered(element, option, served) for option in value]
    elif key == "value" and value == "":
        value = None
    return {"type": element["type"], key: value}


def _offered(element: Json, choice: Json, served: list[Json]) -> Json:
    grouped = [o for group in element.get("option_groups", []) for o in group["options"]]
    initial = [element["initial_option"]] if "initial_option" in element else []
    initial += element.get("initial_options", [])
    for option in [*element.get("options", []), *grouped, *served, *initial]:
        if option.get("value") == choice.get("value"):
            return dict(option)
    raise LookupError(f"no such option: {choice.get('value')}")


def missing_or_wrong(blocks: list[Json], values: Json) -> dict[str, str]:
    """Return, by block id, the name of the rule that keeps a form from being sent."""
    wrong: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "input":
            continue
        element = block["element"]
        key, _, _ = STATEFUL[element["type"]]
        state = values.get(block["block_id"], {}).get(element["action_id"], {})
        problem = _problem(element, state.get(key), optional=block.get("optional", False))
        if problem:
            wrong[block["block_id"]] = problem
    return wrong


def _problem(element: Json, value: Any, *, optional: bool) -> str | None:
    if value in (None, "", []):
        return None if optional else "required"
    if element["type"] == "number_input":
        return _number_problem(element, str(value))
    if element["type"] == "plain_text_input":
        if len(value) > element.get("max_length", 3000):
            return "too_long"
        return "too_short" if len(value) < element.get("min_length", 0) else None
    if element["type"] == "email_text_input":
        return None if "@" in value.strip("@") else "email"
    if element["type"] == "url_text_input":
        return None if value.startswith(("http://", "https://")) else "url"
    most = element.get("max_selected_items")
    return "too_many" if most and len(value) > most else None


def _number_problem(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "number"
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "whole_number"
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < float(low):
        return "too_small"
    return "too_large" if high is not None and number > float(high) else None
