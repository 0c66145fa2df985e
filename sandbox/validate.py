"""Judges blocks and views as the Web API does."""

from __future__ import annotations

from sandbox.wire import Json


def message_problems(blocks: list[Json]) -> tuple[list[str], bool]:
    """Return what is wrong with a message's blocks, and whether they are too long in all."""
    return [], False


def view_problems(view: Json, kind: str) -> list[str]:
    """Return what is wrong with a modal or a Home tab."""
    return []


def option_problems(answer: object) -> list[str]:
    """Return what is wrong with the answer to a suggestion."""
    return []
