"""Evidence in Slack: each promise of a period a line, the newest first, and the way to the file."""

from bot import actions
from bot.service_reports import EvidenceReport
from bot.views.blocks import Block, button, context, escape, header, section
from bot.views.blocks import actions as row
from bot.views.evidence import promise_name, small_print, summary, title
from bot.views.service_words import name_by_key
from bot.words import Words
from domain.evidence import Promise

NAME_CHARS = 31
LINES = 25
"""So many lines surely fit into a paragraph of 3,000 characters."""
MOST = 200
"""So many lines are shown; the file has all."""


def evidence_card(report: EvidenceReport, words: Words) -> list[Block]:
    """Show the evidence; figures stand below each other in Slack's fixed-width type."""
    rows = [_cells(each, report, words) for each in _newest(report)]
    widths = [max((len(each[at]) for each in rows), default=0) for at in (0, 1)]
    lines = [
        f"{day.ljust(widths[0])}  {name.ljust(widths[1])}  {outcome}" for day, name, outcome in rows
    ]
    tables = (
        "\n".join(escape(line) for line in lines[start : start + LINES])
        for start in range(0, len(lines), LINES)
    )
    blocks = [
        header(title(report, words)),
        section(f"*{escape(summary(report, words))}*"),
        *(section(f"```\n{each}\n```") for each in tables),
    ]
    older = len(report.promises) - len(lines)
    if older > 0:
        said = words.say("… and {n} older ones: the file has them.", n=words.number(older))
        blocks.append(context(said))
    if report.promises:
        of = f"evidence_file:{report.client.client_id}:"
        about = report.client.name
        as_file = button(
            words.say("As a file (CSV)"), f"{actions.SERVICE}:evidence_file", of, about=about
        )
        blocks.append(row(as_file))
    return [*blocks, context(small_print(report, words))]


def evidence_text(report: EvidenceReport, words: Words) -> str:
    """Say the evidence as text."""
    lines = [title(report, words), summary(report, words)]
    lines += ["{}: {}, {}".format(*_cells(each, report, words)) for each in _newest(report)]
    return escape("\n".join((*lines, small_print(report, words))))


def _newest(report: EvidenceReport) -> list[Promise]:
    return sorted(report.promises, key=lambda each: each.due_on, reverse=True)[:MOST]


def _cells(promise: Promise, report: EvidenceReport, words: Words) -> tuple[str, str, str]:
    outcome = promise_name(promise.state, words)
    if promise.settled_on:
        outcome = words.say(
            "{outcome} on {day}", outcome=outcome, day=words.day(promise.settled_on)
        )
    name = name_by_key(promise.service, report.rules.services, words)
    return words.day(promise.due_on), name[:NAME_CHARS], outcome
