"""Issues of bulk services: when the next one is due, the form that keeps one, the confirmation."""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from bot import actions
from bot.service_reports import IssueRecorded, IssuesReport
from bot.views.blocks import TITLE_CHARS, Block, button, context, divider, escape, plain, section
from bot.views.blocks import actions as row
from bot.views.inputs import checks, day, field, text
from bot.views.service_words import name_by_key, state_name, times_a_year
from bot.words import Words
from domain.issues import DueIssue
from domain.rulebook import RuleBook
from domain.servicing import DueState


class IssueField(StrEnum):
    """Names of fields."""

    TIERS = "issue_tiers"
    ON = "issue_on"
    MINUTES = "issue_minutes"
    NOTE = "issue_note"


def issues_section(report: IssuesReport | None, words: Words, *, near: bool) -> list[Block]:
    """List the bulk services that are near, or the others, each with a button to log an issue."""
    shown = [each for each in report.due if each.is_near is near] if report else []
    if report is None or not shown:
        return []
    blocks: list[Block] = [divider(), context(words.say("For all at once"))]
    for due in shown:
        name = name_by_key(due.service, report.rules.services, words)
        label = f"{name} · {state_name(due.state, words)}"
        blocks.append(
            section(
                f"*{escape(label)}*\n{escape(stand(due, words))}",
                accessory=button(
                    words.say("Log an issue"),
                    f"{actions.ISSUE}:log",
                    f"log:{due.service}",
                    about=name,
                ),
            )
        )
    return blocks


def issue_lines(due: Sequence[DueIssue], rules: RuleBook, words: Words) -> list[str]:
    """Say how each bulk service stands."""
    return [
        f"{name_by_key(each.service, rules.services, words)} · {state_name(each.state, words)}. "
        f"{stand(each, words)}"
        for each in due
    ]


def stand(due: DueIssue, words: Words) -> str:
    """Say when the next issue is due, when the last one went out, and how often one does."""
    on = words.day(due.due_on)
    when = (
        words.say("The next issue was due on {day}.", day=on)
        if due.state in (DueState.DUE, DueState.OVERDUE)
        else words.say("The next issue is due on {day}.", day=on)
    )
    last = words.say("None is on record yet.")
    if due.last is not None:
        last = words.say("The last one went out on {day}.", day=words.day(due.last.on))
    often = times_a_year(due.per_year, words)
    return f"{when} {last} {often[:1].upper()}{often[1:]}."


def issue_modal(due: DueIssue, report: IssuesReport, words: Words) -> dict[str, Any]:
    """Ask what is to be kept of an issue; nothing has to be typed."""
    name = name_by_key(due.service, report.rules.services, words)
    tiers = [(each.value, each.value) for each in due.tiers]
    return {
        "type": "modal",
        "callback_id": actions.ISSUE_FORM,
        "private_metadata": json.dumps({"service": due.service}),
        "title": plain(words.say("Log an issue"), TITLE_CHARS),
        "submit": plain(words.say("Save"), TITLE_CHARS),
        "close": plain(words.say("Cancel"), TITLE_CHARS),
        "blocks": [
            section(f"*{escape(name)}*\n{escape(stand(due, words))}"),
            field(IssueField.ON, words.say("Sent on"), day(report.today)),
            field(
                IssueField.TIERS,
                words.say("To all clients of"),
                checks(tiers, initial=[value for value, _ in tiers]),
                hint=words.say("It counts as delivered in each of these clients' evidence."),
            ),
            field(
                IssueField.MINUTES,
                words.say("Minutes in all"),
                text(longest=4),
                hint=words.say("All the time it took, yours and colleagues'."),
                optional=True,
            ),
            field(IssueField.NOTE, words.say("Note"), text(lines=True), optional=True),
        ],
    }


def issue_recorded_modal(recorded: IssueRecorded, words: Words) -> dict[str, Any]:
    """Confirm an issue, say when the next one is due, and offer the undo."""
    undo = button(words.say("Undo"), actions.ISSUE_UNDO, recorded.batch)
    lines = recorded_lines(recorded, words)
    blocks = [section(f"*{escape(lines[0])}*"), *(section(escape(each)) for each in lines[1:])]
    return _page(words.say("Saved"), [*blocks, row(undo)], words)


def recorded_lines(recorded: IssueRecorded, words: Words) -> list[str]:
    """Say what was kept, and when the next one is due."""
    report, issue = recorded.report, recorded.issue
    said = words.say(
        "{service}: the issue of {day} is on record, for tiers {tiers}.",
        service=name_by_key(recorded.service, report.rules.services, words),
        day=words.day(issue.on),
        tiers=", ".join(each.value for each in issue.tiers),
    )
    due = report.find(recorded.service)
    return [said, stand(due, words)] if due else [said]


def issue_taken_back_modal(report: IssuesReport, service: str, words: Words) -> dict[str, Any]:
    """Confirm that an issue is no longer on record."""
    lines = taken_back_lines(report, service, words)
    blocks = [section(f"*{escape(lines[0])}*"), *(section(escape(each)) for each in lines[1:])]
    return _page(words.say("Taken back"), blocks, words)


def taken_back_lines(report: IssuesReport, service: str, words: Words) -> list[str]:
    """Say what was taken back, and when the next issue is due then."""
    name = name_by_key(service, report.rules.services, words)
    due = report.find(service)
    said = words.say("{service}: the issue is no longer on record.", service=name)
    return [said, stand(due, words)] if due else [said]


def issue_values(due: DueIssue) -> dict[str, Any]:
    """Give how a bulk service stands as plain values."""
    return {
        "service": due.service,
        "state": due.state.value,
        "due_on": due.due_on.isoformat(),
        "overdue_on": due.overdue_on.isoformat(),
        "per_year": str(due.per_year),
        "tiers": [each.value for each in due.tiers],
        "last_on": due.last.on.isoformat() if due.last else None,
    }


def issue_known(words: Words) -> str:
    """Say that the issue of a day is on record."""
    return words.say("The issue of this day is on record already.")


def _page(title: str, blocks: list[Block], words: Words) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain(title, TITLE_CHARS),
        "close": plain(words.say("Close"), TITLE_CHARS),
        "blocks": blocks,
    }
