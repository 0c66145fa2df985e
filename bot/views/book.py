"""A whole book at a glance, in Slack and in the terminal."""

from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape as markup
from rich.table import Table
from rich.text import Text

from bot import actions
from bot.reports import BookReport, PartReport
from bot.views import acceptance, explain
from bot.views.blocks import Block, button, context, divider, escape, header, section
from bot.views.rules import method_name, mode_name
from bot.words import Words
from domain.priorities import Assessment

LISTED = 5
"""So many clients of each list are named; the rest is counted."""

Entry = tuple[Assessment, str]
"""A client and why she is listed."""


def book(report: BookReport, words: Words) -> list[Block]:
    """Show a book: tiers, fields, what waits, other methods."""
    blocks = [
        header(_title(report, words)),
        section("\n".join(_part_line(each, words) for each in report.tiers)),
        section("\n".join(_field_line(each, words) for each in report.fields)),
    ]
    for title, entries in _lists(report, words):
        blocks += [divider(), context(f"{title} · {len(entries)}")]
        blocks += [_line(each, why, words) for each, why in entries[:LISTED]]
    blocks.append(divider())
    blocks += [context(line) for line in _others(report, words)]
    blocks.append(context(_small_print(report, words)))
    return blocks


def book_text(report: BookReport, words: Words) -> str:
    """Say the book as text, for screen readers."""
    lines = [_title(report, words)]
    lines += [_plain(_part_line(each, words)) for each in report.tiers]
    lines += [_plain(_field_line(each, words)) for each in report.fields]
    for title, entries in _lists(report, words):
        lines.append(f"{title} · {len(entries)}")
        lines += [escape(f"{each.client.name}: {why}") for each, why in entries[:LISTED]]
    lines += [*_others(report, words), _small_print(report, words)]
    return "\n".join(lines)


def book_table(report: BookReport, words: Words) -> RenderableType:
    """Show a book in the terminal."""
    tables: list[RenderableType] = [Text(_title(report, words))]
    for parts in (report.tiers, report.fields):
        table = Table(box=None, padding=(0, 2, 0, 0))
        for label in (
            "",
            words.say("Clients"),
            words.say("Revenue a year"),
            words.say("Untapped"),
            words.say("At risk"),
        ):
            table.add_column(label, justify="left" if not label else "right")
        for each in parts:
            amounts = (each.revenue, each.untapped, each.at_risk)
            table.add_row(
                each.name or words.say("not placed"),
                words.number(each.clients),
                *(words.about(amount) for amount in amounts),
            )
        tables.append(table)
    for title, entries in _lists(report, words):
        listed = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for client, why in entries:
            listed.add_row(markup(client.client.name), markup(why))
        tables += [Text(f"\n{title} · {len(entries)}"), listed]
    tables += [Text(), *(Text(line) for line in _others(report, words))]
    tables.append(Text(_small_print(report, words)))
    return Group(*tables)


def book_values(report: BookReport) -> dict[str, Any]:
    """Give a book as plain values."""
    return {
        "whose": report.whose,
        "as_of": report.today.isoformat(),
        "rule_book": report.rules.version,
        "tiers": [_part_values(each) for each in report.tiers],
        "fields": [_part_values(each) for each in report.fields],
        "open_decisions": [each.assessment.client.external_id for each in report.decisions],
        "rechecks": [each.assessment.client.external_id for each in report.rechecks],
        "reviews": [each.assessment.client.external_id for each in report.reviews],
        "ending_overrides": [each.assessment.client.external_id for each in report.overrides],
        "new_clients": [
            {
                "client_id": each.assessment.client.external_id,
                "fit": each.acceptance.fit.value,
                "misses_criteria": each.acceptance.warns,
            }
            for each in report.new_clients
        ],
        "methods": {m.value: counts for m, counts in report.comparison.counts.items()},
        "splits": {mode.value: counts for mode, counts in report.splits.items()},
    }


def _title(report: BookReport, words: Words) -> str:
    if report.is_team:
        return words.say("The books of the team {team}", team=report.whose)
    return words.say("The book of {name}", name=report.whose)


def _part_line(part: PartReport, words: Words) -> str:
    name = part.name or words.say("no tier")
    clients = words.say_n("{n} client", "{n} clients", part.clients)
    if not part.clients:
        return f"*{escape(name)}* · {clients}"
    average = words.say("{money} on average", money=words.about(part.revenue / part.clients))
    return f"*{escape(name)}* · {clients} · {words.about(part.revenue)} · {average}"


def _field_line(part: PartReport, words: Words) -> str:
    name = part.name or words.say("not placed")
    facts = [words.say_n("{n} client", "{n} clients", part.clients), words.about(part.revenue)]
    if part.untapped and part.name == "GROW":
        facts.append(words.say("{money} more possible", money=words.about(part.untapped)))
    if part.at_risk and part.name == "FIX":
        facts.append(words.say("{money} at risk", money=words.about(part.at_risk)))
    return f"*{escape(name)}* · {' · '.join(facts)}"


def _lists(report: BookReport, words: Words) -> list[tuple[str, list[Entry]]]:
    found: list[tuple[str, list[Entry]]] = [
        (
            words.say("Open decisions"),
            [(each.assessment, explain.asked(each, words)) for each in report.decisions],
        ),
        (
            words.say("Strategic clients to look at again"),
            [(each.assessment, words.day(each.due_on)) for each in report.rechecks],
        ),
        (
            words.say("Legacy clients whose sponsor left or fell below A"),
            [(each.assessment, explain.worth(each.assessment, words)) for each in report.reviews],
        ),
        (
            words.say("Tiers set by hand that end soon"),
            [
                (
                    each.assessment,
                    words.say(
                        "{tier} until {day}, then {after}",
                        tier=each.override.tier.value,
                        day=words.day(each.override.last_day),
                        after=explain.tier_name(each.tier_after, words),
                    ),
                )
                for each in report.overrides
            ],
        ),
    ]
    missing = [each for each in report.new_clients if each.acceptance.warns]
    criteria = report.rules.acceptance
    found.append(
        (
            words.say("New clients that miss the criteria"),
            [
                (each.assessment, " ".join(acceptance.because(each.acceptance, criteria, words)))
                for each in missing
            ],
        )
    )
    return [(title, entries) for title, entries in found if entries]


def _line(assessment: Assessment, why: str, words: Words) -> Block:
    client = assessment.client
    return section(
        f"*{escape(client.name)}*\n{escape(why)}",
        accessory=button(
            words.say("Open"), actions.OPEN_CLIENT, str(client.client_id), about=client.name
        ),
    )


def _others(report: BookReport, words: Words) -> list[str]:
    """Say how new clients fit, and where the other methods would put the book's clients."""
    lines = []
    if report.new_clients:
        fits = acceptance.counts(report.new_clients, words)
        lines.append(words.say("New clients: {fits}", fits=fits))
    for method, counts in report.comparison.counts.items():
        if method is not report.rules.method:
            name = method_name(method, words)
            lines.append(
                words.say("Tiers, {method}: {counts}", method=name, counts=_shares(counts))
            )
    for mode, counts in report.splits.items():
        if mode is not report.rules.matrix.mode:
            name = mode_name(mode, words)
            lines.append(words.say("Fields, {mode}: {counts}", mode=name, counts=_shares(counts)))
    return lines


def _shares(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.items() if name != "not_placed")


def _small_print(report: BookReport, words: Words) -> str:
    return words.say(
        "As of {day} · rule book {version} of {since}",
        day=words.day(report.today),
        version=report.rules.version,
        since=words.day(report.rules.valid_from),
    )


def _part_values(part: PartReport) -> dict[str, Any]:
    return {
        "name": part.name,
        "clients": part.clients,
        "revenue": f"{part.revenue:.2f}",
        "untapped": f"{part.untapped:.2f}",
        "at_risk": f"{part.at_risk:.2f}",
    }


def _plain(line: str) -> str:
    return line.replace("*", "")
