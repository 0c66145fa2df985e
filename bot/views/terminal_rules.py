"""The rule book in the terminal: its values, what a change does, its history; also for `--json`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.reports import RulesPreview, RulesVersion
from bot.views.rule_effect import (
    field_lines,
    hours_lines,
    method_lines,
    move_lines,
    moved_line,
    tier_lines,
)
from bot.views.rule_labels import saved_by
from bot.views.rules import notes
from bot.words import Words
from domain.model import Quadrant
from domain.rule_drafts import differing, flat
from domain.rulebook import RuleBook
from domain.rulefile import to_plain

if TYPE_CHECKING:
    from domain.what_if import Move


def rule_table(rules: RuleBook, words: Words) -> RenderableType:
    """Show a rule book, each value with its source."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(words.say("Key"), no_wrap=True)
    table.add_column(words.say("Value"), overflow="fold")
    table.add_column(words.say("What it is, and whose"), overflow="fold")
    said = notes(words)
    for key, value in flat(to_plain(rules)).items():
        table.add_row(escape(key), escape(_shown(value)), escape(said.get(key, "")))
    return table


def preview(found: RulesPreview, words: Words) -> RenderableType:
    """Show what a rule book would change."""
    if not found.changes_rules:
        return Text(words.say("The file says what the rule book says already."))
    lines: list[RenderableType] = [
        *(Text(f"{key}: {old} → {new}") for key, old, new in changed_values(found)),
        Text(),
        Text(moved_line(found, words), style="bold"),
        *(Text(each) for each in move_lines(found, words)),
    ]
    for pairs in (tier_lines(found, words), field_lines(found, words)):
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for name, line in pairs:
            table.add_row(escape(name), escape(line))
        lines += [Text(), table]
    ends = (*hours_lines(found, words), *method_lines(found, words))
    return Group(*lines, Text(), *(Text(each) for each in ends))


def preview_values(found: RulesPreview) -> dict[str, Any]:
    """Give what a rule book would change."""
    effect = found.effect
    return {
        "version_before": found.before.version,
        "version_after": found.after.version,
        "changes": [
            {"key": key, "before": old, "after": new} for key, old, new in changed_values(found)
        ],
        "clients": effect.clients,
        "moved": effect.moved,
        "tiers": {
            "before": effect.tiers_before,
            "after": effect.tiers_after,
            "moves": [move_values(each, found.names) for each in effect.tiers],
        },
        "fields": {
            "before": effect.fields_before,
            "after": effect.fields_after,
            "moves": [move_values(each, found.names) for each in effect.fields],
        },
        "capacity": _capacity_values(found),
        "methods": {m.value: counts for m, counts in found.methods.counts.items()},
        "split": {m.value: counts for m, counts in found.split.items()},
    }


def changed_values(found: RulesPreview) -> list[tuple[str, str, str]]:
    """List the keys whose values change, with both."""
    old, new = to_plain(found.before), to_plain(found.after)
    before = flat(old)
    return [
        (key, _shown(before.get(key)), _shown(value))
        for key, value in flat(differing(old, new)).items()
    ]


def history_table(versions: tuple[RulesVersion, ...], words: Words) -> RenderableType:
    """List the versions, the newest first."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for label in (words.say("Version"), words.say("Holds from"), words.say("Saved by"), ""):
        table.add_column(label, overflow="fold")
    for each in versions:
        changes = (f"{key}: {_shown(old)} → {_shown(new)}" for key, old, new in each.changes)
        by, day = saved_by(each.by, words), words.day(each.valid_from)
        table.add_row(str(each.version), day, escape(by), escape("\n".join(changes)))
    return table


def history_values(versions: tuple[RulesVersion, ...]) -> list[dict[str, Any]]:
    """Give the versions as plain values."""
    return [
        {
            "version": each.version,
            "valid_from": each.valid_from.isoformat(),
            "saved_by": each.by,
            "saved_at": each.at.isoformat(),
            "changes": [
                {"key": key, "before": _shown(old), "after": _shown(new)}
                for key, old, new in each.changes
            ],
        }
        for each in versions
    ]


def _capacity_values(found: RulesPreview) -> dict[str, Any]:
    effect = found.capacity
    return {
        name: {
            "revenue": {tier.value: f"{part.revenue:.2f}" for tier, part in load.tiers.items()},
            "growth": f"{load.quadrants[Quadrant.GROW].untapped:.2f}",
            "advisor_hours": f"{used.needed:.2f}",
            "client_hours": f"{used.client_hours:.2f}",
        }
        for name, load, used in (
            ("before", effect.before, effect.used_before),
            ("after", effect.after, effect.used_after),
        )
    }


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def move_values(move: "Move", names: Mapping[int, str]) -> dict[str, Any]:
    """Give from where to where clients go, how many, and the first by money."""
    return {
        "before": move.before,
        "after": move.after,
        "clients": move.clients,
        "revenue": f"{move.revenue_cents // 100}.{move.revenue_cents % 100:02d}",
        "first": [names[each] for each in move.first if each in names],
    }
