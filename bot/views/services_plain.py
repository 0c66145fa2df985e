"""What is due, and client events, as plain values for `--json` and as tables for the terminal."""

from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.service_reports import (
    DueReport,
    EventReport,
    EventsReport,
    IssuesReport,
    ServiceReport,
)
from bot.views.due import client_lines, client_summary, summary
from bot.views.events import event_line, events_summary, reason_of
from bot.views.issues import issue_lines, issue_values
from bot.views.service_words import name_by_key, stand, state_name
from bot.words import Words
from domain.servicing import DueService


def due_table(
    report: DueReport, words: Words, *, issues: IssuesReport | None = None
) -> RenderableType:
    """List what is due in a book, after the issues for all where they are asked for."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("", words.say("Client"), words.say("Service"), ""):
        table.add_column(heading, overflow="fold")
    for entry in report.entries:
        tier = entry.tier.value if entry.tier else "–"
        name = f"{entry.client.name} · {tier}"
        table.add_row(
            state_name(entry.due.state, words),
            escape(f"{name} · {entry.advisor}" if report.is_several else name),
            escape(name_by_key(entry.due.service, report.rules.services, words)),
            escape(stand(entry.due, words, today=report.today)),
        )
    lines = [f"{report.whose}: {summary(report, words)}"]
    lines += issue_lines(issues.due, issues.rules, words) if issues else []
    return Group(Text("\n".join(lines)), table)


def client_due(report: ServiceReport, words: Words) -> RenderableType:
    """List a client's services."""
    lines = client_lines(report.due, report.rules, words, today=report.today)
    lines += issue_lines(report.issues, report.rules, words)
    return Text("\n".join((f"{report.client.name}: {client_summary(report, words)}", *lines)))


def due_values(report: DueReport, issues: IssuesReport | None = None) -> dict[str, Any]:
    """Give what is due in a book, and the issues for all where they are asked for."""
    return {
        "issues": [issue_values(each) for each in issues.due] if issues else [],
        "whose": report.whose,
        "as_of": report.today.isoformat(),
        "rule_book": report.rules.version,
        "clients": report.clients,
        "entries": [
            {
                "client_id": entry.client.external_id,
                "name": entry.client.name,
                "tier": entry.tier.value if entry.tier else None,
                "advisor": entry.advisor,
                **service_values(entry.due),
            }
            for entry in report.entries
        ],
        "agreed_otherwise": [
            {
                "client_id": client.external_id,
                "service": override.service,
                "per_year": str(override.per_year),
                "reason": override.reason,
                "by": override.by,
                "until": override.last_day.isoformat(),
            }
            for client, override in report.overrides
        ],
    }


def client_due_values(report: ServiceReport) -> dict[str, Any]:
    """Give a client's services."""
    return {
        "client_id": report.client.external_id,
        "name": report.client.name,
        "tier": report.tier.value if report.tier else None,
        "advisor": report.advisor,
        "as_of": report.today.isoformat(),
        "services": [service_values(each) for each in report.due],
        "issues": [issue_values(each) for each in report.issues],
    }


def service_values(due: DueService) -> dict[str, Any]:
    """Give how one service stands."""
    return {
        "service": due.service,
        "state": due.state.value,
        "due_on": due.due_on.isoformat(),
        "overdue_on": due.overdue_on.isoformat(),
        "last_on": due.last.on.isoformat() if due.last else None,
        "last_outcome": _last_outcome(due),
        "per_year": str(due.entitlement.per_year),
        "ground": due.entitlement.ground.value,
        "attempts": [each.isoformat() for each in due.attempts],
        "appointment_on": due.appointment.on.isoformat() if due.appointment else None,
        "put_off_until": due.snooze.until.isoformat() if due.snooze else None,
    }


def _last_outcome(due: DueService) -> str | None:
    """Give what came of it last; of a day that an imported list names nothing else is known."""
    if due.last is None:
        return None
    return due.last.outcome.value if due.last.outcome else "named"


def events_table(report: EventsReport, words: Words) -> RenderableType:
    """List a team's events."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("", words.say("Event"), ""):
        table.add_column(heading, overflow="fold")
    for each in report.events:
        table.add_row(
            str(each.event.event_id), escape(each.event.name), escape(event_line(each, words))
        )
    return Group(Text(events_summary(report, words)), table)


def event_table(report: EventReport, words: Words) -> RenderableType:
    """Show an event with guests and whom to invite next."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in (words.say("Client"), "", ""):
        table.add_column(heading, overflow="fold")
    for guest in report.guests:
        table.add_row(guest.external_id, escape(guest.name), guest.invitation.state.value)
    for each in report.candidates[:20]:
        why = reason_of(each, words, today=report.today)
        table.add_row(each.client.external_id, escape(each.client.name), escape(f"→ {why}"))
    head = f"{report.event.name}\n{event_line(report, words)}"
    return Group(Text(head), table)


def event_values(report: EventReport) -> dict[str, Any]:
    """Give an event."""
    event = report.event
    return {
        "event_id": event.event_id,
        "name": event.name,
        "on": event.on.isoformat(),
        "at": event.at.isoformat("minutes"),
        "ends_at": event.ends_at.isoformat("minutes"),
        "zone": event.zone,
        "place": event.place,
        "seats": event.seats,
        "seats_left": report.seats_left,
        "service": event.service,
        "tiers": [each.value for each in event.tiers],
        "is_cancelled": event.is_cancelled,
        "counts": {state.value: count for state, count in report.counts.items()},
        "guests": [
            {
                "client_id": guest.external_id,
                "name": guest.name,
                "state": guest.invitation.state.value,
                "on": guest.invitation.on.isoformat(),
            }
            for guest in report.guests
        ],
        "invite_next": [
            {"client_id": each.client.external_id, "name": each.client.name}
            for each in report.candidates
        ],
    }


def events_values(report: EventsReport) -> list[dict[str, Any]]:
    """Give a team's events."""
    return [event_values(each) for each in report.events]
