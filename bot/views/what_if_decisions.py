"""What if these clients were handed over or ended: the form, and before and after side by side."""

import json
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

from bot import actions
from bot.reports import CapacityReport
from bot.views.blocks import TITLE_CHARS, Block, context, divider, escape, fields, plain, section
from bot.views.capacity_words import UNKNOWN, fit_sentence, percent
from bot.views.inputs import field, several
from bot.words import Words
from domain.capacity import Load
from domain.priorities import Assessment
from domain.what_if_decisions import DecisionsEffect, Side

MOST = 100
"""So many clients a list of Slack's holds."""


class WhatIfField(StrEnum):
    """Names of fields."""

    HAND_OVER = "what_if_hand_over"
    END = "what_if_end"


def what_if_modal(
    report: CapacityReport,
    open_clients: list[Assessment],
    words: Words,
    *,
    effect: DecisionsEffect | None = None,
    hand_over: Collection[int] = (),
    end: Collection[int] = (),
) -> dict[str, Any]:
    """Ask whom to hand over and to end; with an answer, show it above, so that each can change."""
    choices = [(str(each.client.client_id), _label(each, words)) for each in open_clients[:MOST]]
    prompt, hint = words.say("Choose clients"), ""
    if len(open_clients) > MOST:
        hint = words.say("The first {n} of {of}.", n=MOST, of=words.number(len(open_clients)))

    def chooser(name: WhatIfField, label: str, chosen: Collection[int]) -> Block:
        element = several(choices, prompt, initial=[str(each) for each in chosen])
        return field(name, label, element, hint=hint, optional=True)

    above = effect_blocks(effect, words) if effect else [context(_what_it_is(words))]
    return {
        "type": "modal",
        "callback_id": actions.WHAT_IF_FORM,
        "private_metadata": json.dumps({"team": report.is_team}),
        "title": plain(words.say("What if they go?"), TITLE_CHARS),
        "submit": plain(
            words.say("Work out anew") if effect else words.say("Work out"), TITLE_CHARS
        ),
        "close": plain(words.say("Close"), TITLE_CHARS),
        "blocks": [
            *above,
            chooser(WhatIfField.HAND_OVER, words.say("Hand over to a colleague"), hand_over),
            chooser(WhatIfField.END, words.say("End the relationship"), end),
        ],
    }


def effect_blocks(effect: DecisionsEffect, words: Words) -> list[Block]:
    """Show before and after side by side; two columns fit on a telephone as well."""
    heading, *rows = effect_rows(effect, words)
    sides = [(heading[at], "\n".join(f"{row[0]}: {row[at]}" for row in rows)) for at in (1, 2)]
    return [
        fields(sides),
        section("\n".join(f"• {escape(each)}" for each in effect_lines(effect, words))),
        context(nothing_saved(words)),
        divider(),
    ]


def effect_rows(effect: DecisionsEffect, words: Words) -> list[tuple[str, str, str]]:
    """List the figures of both sides, under their headings."""
    sides = (effect.before, effect.after)

    def row(name: str, cells: tuple[str, ...]) -> tuple[str, str, str]:
        return name, cells[0], cells[1]

    return [
        ("", words.say("Now"), words.say("Then")),
        row(words.say("Clients"), tuple(words.number(each.load.clients) for each in sides)),
        row(words.say("Hours"), tuple(words.hours(each.used.needed) for each in sides)),
        row(words.say("Of the year"), tuple(percent(s.used.of_all_pct, words) for s in sides)),
        row(
            words.say("Without reserve"),
            tuple(percent(each.used.of_rest_pct, words) for each in sides),
        ),
        row(words.say("Revenue"), tuple(words.about(each.load.revenue) for each in sides)),
        row(words.say("an hour"), tuple(_rate(each, words) for each in sides)),
    ]


def effect_lines(effect: DecisionsEffect, words: Words) -> list[str]:
    """Say what leaves the book, what leaves the firm, and whether the rest fits into the year."""
    lines = []
    if effect.handed_over.clients:
        lines.append(
            words.say(
                "Handed over: {clients} with {hours} a year. {money} go along and stay in the "
                "firm.",
                **_part(effect.handed_over, words),
            )
        )
    if effect.ended.clients:
        lines.append(
            words.say(
                "Ended: {clients} with {hours} a year. The firm has {money} less.",
                **_part(effect.ended, words),
            )
        )
    return [*lines, fit_sentence(effect.after.used, words)]


def nothing_saved(words: Words) -> str:
    """Say that nothing was decided."""
    return words.say("Nothing is saved. To decide: the client's card, “Decide”.")


def nobody_open(words: Words) -> str:
    """Say that there is nobody to choose."""
    return words.say("No client of the lowest tier waits for a decision here.")


def twice(names: Sequence[str], words: Words) -> str:
    """Say that one client cannot go both ways."""
    return words.say("In both lists: {names}.", names=", ".join(names))


def what_if_values(report: CapacityReport, effect: DecisionsEffect) -> dict[str, Any]:
    """Give both sides as plain values; money, hours and per cent are text."""
    return {
        "whose": report.whose,
        "before": _side_values(effect.before),
        "after": _side_values(effect.after),
        "handed_over": _load_values(effect.handed_over),
        "ended": _load_values(effect.ended),
        "freed_hours": _tenth(effect.freed),
        "saved": False,
    }


def _what_it_is(words: Words) -> str:
    return words.say(
        "Clients of the lowest tier of whom nobody has decided. Choose some: hours, revenue and "
        "capacity stand side by side, and nothing is saved."
    )


def _label(assessment: Assessment, words: Words) -> str:
    client = assessment.client
    money = words.say("revenue not known")
    if client.revenue is not None:
        money = words.about(client.revenue)
    return f"{client.name} · {money}"


def _part(load: Load, words: Words) -> dict[str, str]:
    return {
        "clients": words.say_n("{n} client", "{n} clients", load.clients),
        "hours": words.hours(load.planned.advisor),
        "money": words.about(load.revenue),
    }


def _rate(side: Side, words: Words) -> str:
    rate = side.load.revenue_per_hour
    return UNKNOWN if rate is None else words.about(rate)


def _side_values(side: Side) -> dict[str, Any]:
    return {
        **_load_values(side.load),
        "of_year_pct": _tenth(side.used.of_all_pct),
        "of_rest_pct": _tenth(side.used.of_rest_pct),
    }


def _load_values(load: Load) -> dict[str, Any]:
    rate = load.revenue_per_hour
    return {
        "clients": load.clients,
        "hours": _tenth(load.planned.advisor),
        "revenue": f"{load.revenue:.2f}",
        "revenue_per_hour": None if rate is None else f"{rate:.2f}",
    }


def _tenth(value: Any) -> str:
    return f"{value:.1f}"
