"""A book placed anew: how many clients moved, from where to where."""

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from bot.reports import BookPlaced
from bot.views.rule_effect import move_line
from bot.views.terminal_rules import move_values
from bot.words import Words


def placed_book(found: BookPlaced, words: Words) -> RenderableType:
    """Show who moved since last noted."""
    lines: list[RenderableType] = [
        Text(
            words.say_n(
                "{n} of {all} clients moved.", "{n} of {all} clients moved.", found.moved,
                all=words.number(found.clients),
            ),
            style="bold",
        )
    ]  # fmt: skip
    if found.first:
        lines.append(
            Text(
                words.say_n(
                    "{n} client was noted for the first time.",
                    "{n} clients were noted for the first time.",
                    found.first,
                )
            )
        )
    moves = (*found.tiers, *found.fields)
    return Group(*lines, *(Text(move_line(each, found.names, words)) for each in moves))


def placed_values(found: BookPlaced) -> dict[str, Any]:
    """Give who moved since last noted."""
    return {
        "clients": found.clients,
        "moved": found.moved,
        "first": found.first,
        "tiers": [move_values(each, found.names) for each in found.tiers],
        "fields": [move_values(each, found.names) for each in found.fields],
    }
