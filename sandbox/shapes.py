"""A second, independent judge: the schema made from Slack's own published types.

It knows which fields exist and which of them are required, but no lengths, counts or surfaces.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from sandbox.wire import Json

SCHEMA = Path(__file__).parent / "schemas" / "block-kit.json"
VIEW_SHAPES = {"modal": "ModalView", "home": "HomeView"}


def shape_problems(payload: Any) -> list[str]:
    """Return what is wrong with the shape of the blocks or the view in a payload of the app."""
    if not isinstance(payload, dict):
        return []
    view = payload.get("view")
    if isinstance(view, dict):
        whole = _problem(view | {"blocks": []}, VIEW_SHAPES.get(view.get("type", "")), "/view")
        return [*whole, *_block_problems(view.get("blocks"), "/view/blocks")]
    return list(_block_problems(payload.get("blocks"), "/blocks"))


def _block_problems(blocks: Any, at: str) -> Iterator[str]:
    for i, block in enumerate(blocks if isinstance(blocks, list) else []):
        if isinstance(block, dict):
            yield from _problem(block, _names().get(str(block.get("type"))), f"{at}/{i}")


def _problem(value: Json, name: str | None, at: str) -> Iterator[str]:
    if name is None:
        return  # the published types lag behind the newest blocks
    error = best_match(_validator(name).iter_errors(value))
    if error is not None:
        where = "".join(f"/{part}" for part in error.absolute_path)
        yield f"[SHAPE] not as the published type {name} has it [json-pointer:{at}{where}]"


@cache
def _definitions() -> Json:
    definitions: Json = json.loads(SCHEMA.read_text())["definitions"]
    return definitions


@cache
def _names() -> dict[str, str]:
    """Return the name of each block's definition by its type."""
    return {
        shape["properties"]["type"]["const"]: name
        for name, shape in _definitions().items()
        if name.endswith("Block") and "const" in shape.get("properties", {}).get("type", {})
    }


@cache
def _validator(name: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": _definitions()})
