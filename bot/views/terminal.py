"""Answers in the terminal: the same reports as Rich renderables, and errors as one sentence."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.reports import (
    ClientReport,
    HelpReport,
    LookUpReport,
    NotFoundReport,
    PeopleReport,
    SeveralReport,
    WeekReport,
)
from bot.service_reports import DigestReport, ReminderReport
from bot.views import explain
from bot.views.client_card import card_lines, figures, headline
from bot.views.digest import digest_text, parts_of
from bot.views.reminder import item_line, reminder_text
from bot.words import Words
from domain.access import Grant
from domain.priorities import Assessment


def look_up(report: LookUpReport, words: Words) -> RenderableType:
    """Show the answer to a look-up."""
    match report:
        case ClientReport():
            return client(report, words)
        case SeveralReport():
            return Group(
                Text(words.say("Several clients fit “{query}”.", query=report.query)),
                assessments(report.hits, words),
            )
        case NotFoundReport():
            missed = words.say("No client “{query}” in this book.", query=report.query)
            near = words.say("Near: {names}", names=", ".join(name for _, name in report.near))
            return Text(f"{missed} {near}" if report.near else missed)
        case HelpReport():
            return Text(words.say("Please type at least two letters of the name."))


def client(report: ClientReport, words: Words) -> RenderableType:
    """Show the client card."""
    table = Table.grid(padding=(0, 2))
    for label, value in figures(report, words):
        table.add_row(f"[dim]{escape(label)}[/dim]", escape(value))
    text = Text("\n".join(card_lines(report, words)) + "\n")
    return Panel(Group(text, table), title=escape(headline(report, words)), title_align="left")


def week(report: WeekReport, words: Words) -> RenderableType:
    """Show the week's names."""
    found = report.priorities
    counts = (
        f"GROW {len(found.grow)} · FIX {len(found.fix)} · MOVE {len(found.move)} · "
        f"MODEL {len(found.model)} · {words.say('not placed')} {len(found.not_placed)}"
    )
    return Group(Text(f"{report.whose}: {counts}"), assessments(report.week.names, words))


def digest(report: DigestReport, words: Words) -> RenderableType:
    """Show the Monday message: what a notification says, the names, and the parts after them."""
    notification = Text(digest_text(report, words))
    parts = [Text("\n".join(("", title, *lines))) for title, lines, _ in parts_of(report, words)]
    return Panel(Group(notification, Text(), assessments(report.week.week.names, words), *parts))


def reminder(report: ReminderReport, words: Words) -> RenderableType:
    """Show a reminder: what a notification says, and each thing."""
    lines = [item_line(each, report.rules, words, today=report.today) for each in report.items]
    return Panel(Text("\n".join((reminder_text(report, words), "", *lines)).rstrip()))


def deliveries(values: Sequence[dict[str, Any]]) -> RenderableType:
    """List digests by member and week, with what keeps one back."""
    if not values:
        return Text("Every digest that was due has been sent.")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for label in ("kind", "period", "member", "team", "state", "reason", "due"):
        table.add_column(label)
    for each in values:
        named = ("kind", "period", "member", "team", "state", "reason", "due_at")
        row = (each[name] or "" for name in named)
        table.add_row(*(escape(value) for value in row))
    return table


def assessments(found: Sequence[Assessment], words: Words) -> Table:
    """List clients with what they are, what it is worth, and the next step."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for label in ("", words.say("Client"), words.say("Segment"), words.say("Next step")):
        table.add_column(label, overflow="fold")
    for rank, each in enumerate(found, 1):
        tier = each.tier.tier.value if each.tier.tier else "–"
        quadrant = explain.quadrant_name(each.quadrant.quadrant, words)
        step = f"{explain.worth(each, words)}\n{explain.next_step(each, words)}"
        table.add_row(str(rank), escape(each.client.name), f"{tier} · {quadrant}", escape(step))
    return table


def members(report: PeopleReport, zone: ZoneInfo) -> Table:
    """List members with their roles and links, and who acts for whom until when."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for label in ("key", "name", "role", "team", "Slack", "acts for"):
        table.add_column(label)
    for each in report.members:
        slack = each.slack_user_id or ("not linked" if each.is_active else "has left")
        roles = " + ".join(each.roles)
        granted = "; ".join(_granted(grant, report, zone) for grant in each.grants)
        cells = (each.key, each.name, roles, each.team, slack, granted)
        table.add_row(*(escape(cell) for cell in cells))
    return table


def _granted(grant: Grant, report: PeopleReport, zone: ZoneInfo) -> str:
    rights = [
        name
        for name, given in (
            ("record", grant.may_record),
            ("digest", grant.may_get_digest),
            ("import", grant.may_import),
        )
        if given
    ]
    until = grant.until.astimezone(zone)
    may = ", ".join(("see", *rights))
    return f"{report.named(grant.advisor_id)} until {until:%Y-%m-%d %H:%M} ({may})"
