"""Judges blocks, views and options as the Web API does: a walk along the tables of `limits`."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sandbox.forms import elements_of
from sandbox.limits import (
    ID,
    MAX_CHARTS,
    MAX_MARKDOWN,
    MAX_MESSAGE_CHARACTERS,
    MAX_TABLES,
    MAX_VIEW_BYTES,
    MESSAGE_BLOCKS,
    SUGGESTIONS,
    TABLES,
    VIEWS,
    Flag,
    Many,
    Number,
    OneOf,
    Shape,
    Str,
    Text,
    Typed,
)
from sandbox.wire import Json

Problem = tuple[str, str]
"""Where (a JSON pointer) and what."""

TABLE_TYPES = ("table", "data_table")


def message_problems(blocks: list[Json]) -> tuple[list[str], bool]:
    """Return what is wrong with a message's blocks, and whether they are too long in all."""
    return _worded(_in_blocks(blocks, "/blocks")), too_long(blocks)


def too_long(blocks: Any) -> bool:
    """Whether blocks hold more characters than a message may have in all."""
    return _characters(blocks) > MAX_MESSAGE_CHARACTERS


def view_problems(view: Json, kind: str) -> list[str]:
    """Return what is wrong with a modal or a Home tab."""
    if view.get("type") != kind:
        return _worded([("/view/type", f"must be {kind}")])
    if len(json.dumps(view).encode()) > MAX_VIEW_BYTES:
        return ["view_too_large"]
    return _worded(_in_view(view, kind, "/view"))


def option_problems(answer: Any) -> list[str]:
    """Return what is wrong with the answer to a suggestion."""
    return _worded(_walk(answer, SUGGESTIONS, ""))


def _in_blocks(blocks: Any, at: str) -> list[Problem]:
    found = list(_walk(blocks, MESSAGE_BLOCKS, at))
    return found or [*_across(blocks, at), *_message_totals(blocks, at)]


def _in_view(view: Json, kind: str, at: str) -> list[Problem]:
    if found := list(_walk(_untyped(view), VIEWS[kind], at)):
        return found
    return [*_across(view["blocks"], f"{at}/blocks"), *_submit(view, at), *_focus(view, at)]


def _any_message(message: Any) -> list[Problem]:
    if not isinstance(message, dict):
        return [("", "must provide an object")]
    return _in_blocks(message.get("blocks", []), "/blocks")


def _any_view(view: Any) -> list[Problem]:
    if not isinstance(view, dict) or view.get("type") not in VIEWS:
        return [("/type", f"must be {' or '.join(VIEWS)}")]
    return _in_view(view, view["type"], "")


JUDGES: dict[str, Callable[[Any], list[Problem]]] = {
    "blocks": lambda blocks: _in_blocks(blocks, ""),
    "message": _any_message,
    "view": _any_view,
}
"""What blocks.validate takes, each with its judge."""


# the walk along the tables


def _walk(value: Any, rule: Any, at: str) -> Iterator[Problem]:
    match rule:
        case Shape():
            yield from _shape(value, rule, at)
        case Typed():
            yield from _typed(value, rule, at)
        case Many():
            yield from _many(value, rule, at)
        case Text():
            yield from _text(value, rule, at)
        case Str():
            yield from _string(value, rule, at)
        case OneOf():
            if value not in rule.words:
                yield at, "must be a valid enum value"
        case Flag():
            if not isinstance(value, bool):
                yield at, "must be a boolean"
        case Number():
            if isinstance(value, bool) or not isinstance(value, int):
                yield at, "must be an integer"
            elif not rule.least <= value <= rule.most:
                yield at, f"must be between {rule.least} and {rule.most}"


def _shape(value: Any, rule: Shape, at: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield at, "must provide an object"
        return
    fields = rule.needs | rule.may
    for name in rule.needs:
        if name not in value:
            yield at, f"missing required field: {name}"
    if rule.some_of and not any(name in value for name in rule.some_of):
        yield at, f"missing required field: {' or '.join(rule.some_of)}"
    for name, given in value.items():
        if name in fields:
            yield from _walk(given, fields[name], f"{at}/{name}")
        else:
            yield at, f"invalid additional property: {name}"


def _typed(value: Any, rule: Typed, at: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield at, "must provide an object"
        return
    kind = value.get("type")
    if kind is None:
        yield at, "missing required field: type"
    elif kind not in rule.types:
        yield f"{at}/type", f"unsupported type: {kind}"
    else:
        shape = TABLES[rule.table][kind]
        found = list(_walk(_untyped(value) if isinstance(shape, Shape) else value, shape, at))
        if rule.table == "block":
            found += _walk(value.get("block_id", ""), ID, f"{at}/block_id")
        yield from found or _initial(value, at)


def _untyped(value: Json) -> Json:
    return {name: given for name, given in value.items() if name not in ("type", "block_id")}


def _many(value: Any, rule: Many, at: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield at, "must provide an array"
        return
    if len(value) > rule.most:
        yield at, f"no more than {rule.most} items allowed"
    if len(value) < rule.least:
        yield at, f"no less than {rule.least} items allowed"
    for i, item in enumerate(value):
        yield from _walk(item, rule.item, f"{at}/{i}")


def _text(value: Any, rule: Text, at: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield at, "must provide an object"
        return
    kind = value.get("type")
    extra = {"plain_text": {"emoji"}, "mrkdwn": {"verbatim"}}.get(str(kind))
    if extra is None or (rule.plain and kind != "plain_text"):
        yield f"{at}/type", f"must be {'plain_text' if rule.plain else 'plain_text or mrkdwn'}"
        return
    for name in value.keys() - extra - {"type", "text"}:
        yield at, f"invalid additional property: {name}"
    yield from _string(value.get("text"), Str(rule.most, least=1), f"{at}/text")


def _string(value: Any, rule: Str, at: str) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield at, "must be a string"
    elif len(value) > rule.most:
        yield at, f"must be less than {rule.most + 1} characters"
    elif len(value) < rule.least:
        yield at, f"must be more than {rule.least - 1} characters"
    elif rule.pattern and not re.fullmatch(rule.pattern, value):
        yield at, "does not have the right format"


# what a table cannot say


def _initial(element: Json, at: str) -> Iterator[Problem]:
    """An initial option must be one of the options."""
    groups = element.get("option_groups") or []
    options = element.get("options") or [o for group in groups for o in group.get("options", [])]
    if not options:
        return
    for i, initial in enumerate(element.get("initial_options") or []):
        if initial not in options:
            yield f"{at}/initial_options/{i}", "must be one of the options"
    if "initial_option" in element and element["initial_option"] not in options:
        yield f"{at}/initial_option", "must be one of the options"


def _across(blocks: list[Json], at: str) -> Iterator[Problem]:
    """Ids are unique, and selects either list options or groups."""
    yield from _repeated((b.get("block_id") for b in blocks), at, "block_id")
    for i, block in enumerate(blocks):
        elements = list(elements_of(block))
        yield from _repeated((e.get("action_id") for e in elements), f"{at}/{i}", "action_id")
        for element in elements:
            if "options" in element and "option_groups" in element:
                yield f"{at}/{i}", "options and option_groups exclude each other"


def _repeated(ids: Iterable[str | None], at: str, name: str) -> Iterator[Problem]:
    for given, times in Counter(ids).items():
        if given is not None and times > 1:
            yield at, f"{name} is not unique: {given}"


def _message_totals(blocks: list[Json], at: str) -> Iterator[Problem]:
    types = Counter(block["type"] for block in blocks)
    if sum(types[name] for name in TABLE_TYPES) > MAX_TABLES:
        yield at, "only one table allowed"
    if types["data_visualization"] > MAX_CHARTS:
        yield at, f"no more than {MAX_CHARTS} charts allowed"
    if sum(len(b["text"]) for b in blocks if b["type"] == "markdown") > MAX_MARKDOWN:
        yield at, f"markdown must be less than {MAX_MARKDOWN + 1} characters in all"


def _submit(view: Json, at: str) -> Iterator[Problem]:
    asks = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and asks and "submit" not in view:
        yield at, "missing required field: submit"


def _focus(view: Json, at: str) -> Iterator[Problem]:
    elements = [e for block in view["blocks"] for e in elements_of(block)]
    if sum(bool(e.get("focus_on_load")) for e in elements) > 1:
        yield at, "only one element can have focus_on_load"


def _characters(value: Any) -> int:
    """Count the characters of every text in blocks."""
    if isinstance(value, list):
        return sum(_characters(item) for item in value)
    if not isinstance(value, dict):
        return 0
    own = value.get("text")
    nested = (v for v in value.values() if isinstance(v, dict | list))
    return (len(own) if isinstance(own, str) else 0) + sum(_characters(v) for v in nested)


def _worded(problems: Iterable[Problem]) -> list[str]:
    return [f"[ERROR] {what} [json-pointer:{where}]" for where, what in problems]
