"""Evidence: each promise of a period once, what was done, and if not, why; as table, CSV, page."""

import csv
import html
import io
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.service_reports import EvidenceReport
from bot.views.safe_files import inert
from bot.views.service_words import name_by_key, outcome_name, times_a_year
from bot.words import Words, say
from domain.entitlements import Ground
from domain.evidence import Promise, PromiseState

STYLE = """
body { font: 11pt/1.4 system-ui, sans-serif; margin: 2cm; color: #111; }
h1 { font-size: 16pt; margin: 0 0 .3em; } p { margin: .2em 0; }
table { border-collapse: collapse; width: 100%; margin-top: 1em; }
th, td { border-bottom: 1px solid #bbb; padding: .3em .5em; text-align: left; vertical-align: top; }
thead { display: table-header-group; } tr { break-inside: avoid; }
.open, .not_tried { font-weight: bold; }
@page { margin: 2cm; }
"""
PROMISE_NAMES = {
    PromiseState.DELIVERED: say("delivered"),
    PromiseState.DECLINED: say("declined by the client"),
    PromiseState.NAMED: say("as an imported list says"),
    PromiseState.NO_ANSWER: say("no answer"),
    PromiseState.NOT_TRIED: say("not tried"),
    PromiseState.CANCELLED: say("appointment cancelled"),
    PromiseState.OPEN: say("open"),
    PromiseState.NOT_YET_DUE: say("not yet due"),
}
GROUNDS = {
    Ground.TIER: say("by tier"),
    Ground.OVERRIDE: say("as agreed"),
    Ground.FLOOR: say("owed whatever the tier"),
}


def evidence_table(report: EvidenceReport, words: Words) -> RenderableType:
    """Show the evidence in the terminal."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in headings(words):
        table.add_column(heading, overflow="fold")
    for promise in report.promises:
        table.add_row(*(escape(cell) for cell in cells(promise, report, words)))
    head = [title(report, words), summary(report, words), ""]
    return Group(*(Text(line) for line in head), table)


def evidence_csv(report: EvidenceReport, words: Words) -> str:
    """Write the evidence as CSV that a spreadsheet shows as it is."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if words.language == "de" else ",")
    writer.writerow([words.say("Client"), words.say("Client number"), *headings(words)])
    client = report.client
    for promise in report.promises:
        row = (client.name, client.external_id, *cells(promise, report, words))
        writer.writerow([inert(cell) for cell in row])
    return text.getvalue()


def evidence_page(report: EvidenceReport, words: Words) -> str:
    """Write the evidence as a page to print; it needs nothing from outside."""
    head = "".join(f"<th scope='col'>{html.escape(each)}</th>" for each in headings(words))
    rows = "".join(
        f"<tr class='{promise.state.value}'>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells(promise, report, words))
        + "</tr>"
        for promise in report.promises
    )
    name = html.escape(title(report, words))
    facts = (summary(report, words), small_print(report, words))
    said = "".join(f"<p>{html.escape(each)}</p>" for each in facts)
    return (
        f"<!doctype html><html lang='{words.language}'><head><meta charset='utf-8'>"
        f"<title>{name}</title><style>{STYLE}</style></head><body><h1>{name}</h1>{said}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></body></html>\n"
    )


def evidence_values(report: EvidenceReport) -> dict[str, Any]:
    """Give the evidence as plain values."""
    return {
        "client_id": report.client.external_id,
        "name": report.client.name,
        "advisor": report.advisor,
        "from": report.first_day.isoformat(),
        "to": report.last_day.isoformat(),
        "as_of": report.today.isoformat(),
        "counts": {state.value: _count(report, state) for state in PromiseState},
        "promises": [_values(each) for each in report.promises],
    }


def title(report: EvidenceReport, words: Words) -> str:
    """Name the client and the period."""
    return words.say(
        "{client}: services promised from {first} to {last}",
        client=f"{report.client.name} ({report.client.external_id})",
        first=words.day(report.first_day),
        last=words.day(report.last_day),
    )


def summary(report: EvidenceReport, words: Words) -> str:
    """Count the promises by what became of them."""
    if not report.promises:
        return words.say("Nothing was promised in this period.")
    parts = [
        f"{words.number(_count(report, state))} {promise_name(state, words)}"
        for state in PromiseState
        if _count(report, state)
    ]
    return " · ".join(parts)


def small_print(report: EvidenceReport, words: Words) -> str:
    """Say who made it, when, and by which rules."""
    return words.say(
        "Advisor: {advisor} · as of {day} · rule book {version}",
        advisor=report.advisor,
        day=words.day(report.today),
        version=report.rules.version,
    )


def promise_name(state: PromiseState, words: Words) -> str:
    """Name what became of a promise."""
    return words.say(PROMISE_NAMES[state])


def headings(words: Words) -> list[str]:
    """Name the columns."""
    return [
        words.say("Due on"),
        words.say("Service"),
        words.say("Promised"),
        words.say("Outcome"),
        words.say("On"),
        words.say("On record"),
        words.say("Rule book"),
    ]


def cells(promise: Promise, report: EvidenceReport, words: Words) -> list[str]:
    """Write one promise."""
    records = "; ".join(
        words.day(each.on)
        + f" {outcome_name(each.outcome, words)}"
        + (f": {each.note}" if each.note else "")
        + (f" ({each.by})" if each.by else "")
        for each in promise.records
    )
    return [
        words.day(promise.due_on),
        name_by_key(promise.service, report.rules.services, words),
        f"{times_a_year(promise.entitlement.per_year, words)}, {_ground(promise, words)}",
        promise_name(promise.state, words),
        words.day(promise.settled_on) if promise.settled_on else "",
        records,
        str(promise.rule_version),
    ]


def _ground(promise: Promise, words: Words) -> str:
    return words.say(GROUNDS[promise.entitlement.ground])


def _count(report: EvidenceReport, state: PromiseState) -> int:
    return sum(each.state is state for each in report.promises)


def _values(promise: Promise) -> dict[str, Any]:
    return {
        "service": promise.service,
        "due_on": promise.due_on.isoformat(),
        "state": promise.state.value,
        "per_year": str(promise.entitlement.per_year),
        "ground": promise.entitlement.ground.value,
        "settled_on": promise.settled_on.isoformat() if promise.settled_on else None,
        "rule_book": promise.rule_version,
        "records": [
            {
                "on": each.on.isoformat(),
                "outcome": each.outcome.value,
                "advisor_minutes": each.advisor_minutes,
                "staff_minutes": each.staff_minutes,
                "note": each.note,
                "by": each.by,
            }
            for each in promise.records
        ],
    }
