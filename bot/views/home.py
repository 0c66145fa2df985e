"""App Home: the page for everybody who opens it."""

from collections.abc import Sequence
from typing import Any

from bot import actions
from bot.service_reports import MorningReport
from bot.views import explain, lists, notices
from bot.views.blocks import Block, button, context, divider, escape, header, section
from bot.views.blocks import actions as row
from bot.views.due import due_entry
from bot.views.events import event_line, events_summary, is_unnoted
from bot.views.issues import issues_section
from bot.words import Words
from domain.servicing import DueState

DUE, OTHERS = 4, 3
"""So many due services, and so many tensions, open decisions and events, stand on the page."""


def home(
    report: MorningReport,
    words: Words,
    *,
    sees_people: bool = False,
    administration: Sequence[Block] = (),
) -> dict[str, Any]:
    """Show a linked member what is due, who comes first, what waits, and what can be typed."""
    blocks = [
        header(_capital(words.long_day(report.due.today))),
        section(f"*{escape(_summary(report, words))}*"),
        *_due(report, words),
        *issues_section(report.issues, words, near=True),
        divider(),
        *lists.priorities(report.week, words),
        *_waiting(report, words),
        *_events(report, words),
        divider(),
        *_how_to(report, words, sees_people=sees_people),
        *administration,
    ]
    return _page(blocks)


def closed_home(slack_user_id: str, words: Words, *, is_member: bool) -> dict[str, Any]:
    """Tell a person without a role how to get one, and nothing to people from outside."""
    if not is_member:
        return _page([section(escape(notices.not_a_member(words)))])
    return _page(
        [
            header(words.say("Welcome to Tierwise")),
            section(escape(words.say("Which clients matter to you, why, and what to do next."))),
            section(notices.not_linked(slack_user_id, words)),
            row(button(words.say("I have a code"), actions.CODE, "me", primary=True)),
        ]
    )


def _summary(report: MorningReport, words: Words) -> str:
    due, decisions, tensions = report.due, len(report.decisions), len(report.tensions)
    overdue = due.count(DueState.OVERDUE)
    near = len(due.near) - overdue
    parts = [
        (overdue, words.say_n("{n} overdue", "{n} overdue", overdue)),
        (near, words.say_n("{n} due this week", "{n} due this week", near)),
        (decisions, words.say_n("{n} open decision", "{n} open decisions", decisions)),
        (tensions, words.say_n("{n} tension", "{n} tensions", tensions)),
    ]
    said = " · ".join(sentence for count, sentence in parts if count)
    return said or words.say("Nothing is due this week.")


def _due(report: MorningReport, words: Words) -> list[Block]:
    near = report.due.near
    if not near:
        return []
    blocks: list[Block] = [context(words.say("Due this week"))]
    for entry in near[:DUE]:
        blocks += due_entry(entry, report.due, words)
    every = words.say_n("See {n} more", "See {n} more", len(report.due.entries) - DUE)
    if len(report.due.entries) > DUE:
        blocks.append(row(button(every, actions.SHOW_DUE, "me")))
    return blocks


def _waiting(report: MorningReport, words: Words) -> list[Block]:
    """List open decisions and tensions, a few of each; `/book` has them all."""
    blocks: list[Block] = []
    for title, entries in (
        (
            words.say("Open decisions"),
            [(each.assessment, explain.asked(each, words)) for each in report.decisions],
        ),
        (
            words.say("Tensions between tier and field"),
            [
                (each, explain.conflict_sentence(each.conflict, words))
                for each in report.tensions
                if each.conflict is not None
            ],
        ),
    ):
        if entries:
            blocks += [divider(), context(f"{title} ({words.number(len(entries))})")]
        blocks += [lists.client_line(each, words, detail=why) for each, why in entries[:OTHERS]]
    return blocks


def _events(report: MorningReport, words: Words) -> list[Block]:
    today = report.events.today
    ahead = [
        each
        for each in report.events.events
        if is_unnoted(each) or (each.event.on >= today and not each.event.is_cancelled)
    ][:OTHERS]
    if not ahead:
        return []
    blocks: list[Block] = [divider(), context(events_summary(report.events, words))]
    for each in ahead:
        blocks.append(
            section(
                f"*{escape(each.event.name)}*\n{escape(event_line(each, words))}",
                accessory=button(
                    words.say("Open"),
                    f"{actions.EVENT}:open",
                    f"open:{each.event.event_id}",
                    about=each.event.name,
                ),
            )
        )
    return blocks


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _how_to(report: MorningReport, words: Words, *, sees_people: bool) -> list[Block]:
    commands = (
        ("/segment Huber", words.say("looks up a client")),
        ("/priorities", words.say("lists who comes first this week")),
        ("/due", words.say("lists what is owed now and next")),
        ("/events", words.say("plans client events")),
        ("/book", words.say("shows the whole book")),
    )
    return [
        section("\n".join(f"`{typed}` {escape(does)}" for typed, does in commands)),
        row(
            button(words.say("Messages and times"), actions.NOTICES, "me"),
            button(words.say("Settings"), actions.SETTINGS, "me"),
            *(
                [button(words.say("Team channel"), actions.TEAM_CHANNEL, "me")]
                if report.may_choose_channel
                else []
            ),
            *([button(words.say("People"), actions.PEOPLE, "me")] if sees_people else []),
        ),
        context(words.say("Every Monday at 8:00 your list comes, unless you chose another time.")),
    ]


def _page(blocks: list[Block]) -> dict[str, Any]:
    return {"type": "home", "blocks": blocks}
