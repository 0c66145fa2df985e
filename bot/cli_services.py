"""`tierwise due`, `evidence`, `events …`, and what `record` keeps of services."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from bot.cli_record import (
    Advisor,
    AsJson,
    Client,
    Day,
    Desk,
    NeededDay,
    Reason,
    fail,
    number,
    record_app,
)
from domain.access import Action, Member
from domain.errors import DomainError
from domain.events import EventError, InvitationState
from domain.model import Tier
from domain.servicing import Channel, Outcome, PerYearError

if TYPE_CHECKING:
    from bot.service_reports import EventReport

events_app = typer.Typer(no_args_is_help=True, help="Client events: plan, invite, reply, attend.")
console = Console(highlight=False)

ServiceKey = Annotated[str, typer.Argument(help="Key of the service, such as review.")]
EventId = Annotated[int, typer.Argument(help="Number of the event, see: tierwise events list")]
Planner = Annotated[str, typer.Option("--advisor", help="Key of the member.")]
Numbers = Annotated[list[str], typer.Argument(help="Client numbers, or names that fit one.")]


def due_command(
    context: typer.Context,
    client: Annotated[str | None, typer.Argument(help="Client number or name.")] = None,
    advisor: Advisor = None,
    team: Annotated[bool, typer.Option(help="All books of a lead's team.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is owed now and next: of a client, or of a member's book."""
    from bot.usecases.issues import issues_of, keeps_issues
    from bot.usecases.services import due_of_book, services_of
    from bot.views import services_plain as plain

    desk = Desk(context, advisor, as_json=as_json)
    if client is not None:
        client_id = desk.find(client, Action.SEE_CLIENT)
        report = services_of(
            client_id, desk.asker(Action.SEE_CLIENT), desk.runtime, today=desk.today
        )
        _answer(desk, plain.client_due_values(report), lambda: plain.client_due(report, desk.words))
        return
    if desk.member is None:
        fail("Say whose: --advisor KEY, or name a client.")
    book = due_of_book(desk.firm_id, desk.member, desk.runtime, today=desk.today, team=team)
    issues = None
    if keeps_issues(desk.member):
        issues = issues_of(desk.firm_id, desk.runtime, today=desk.today)
    _answer(
        desk,
        plain.due_values(book, issues),
        lambda: plain.due_table(book, desk.words, issues=issues),
    )


def evidence_command(
    context: typer.Context,
    client: Client,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"])],
    csv: Annotated[Path | None, typer.Option(help="Write a CSV file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page to print.")] = None,
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Show what was promised to a client in a period (both days included), and what was done."""
    from bot.usecases.services import evidence_of
    from bot.views import evidence

    desk = Desk(context, advisor, as_json=as_json)
    report = evidence_of(
        desk.find(client, Action.SEE_CLIENT),
        first.date(),
        last.date(),
        asker=desk.asker(Action.SEE_CLIENT),
        runtime=desk.runtime,
        today=desk.today,
    )
    for path, write in ((csv, evidence.evidence_csv), (html, evidence.evidence_page)):
        if path is not None:
            mark = "utf-8-sig" if path is csv else "utf-8"
            path.write_text(write(report, desk.words), mark, newline="")
            console.print(str(path), markup=False, soft_wrap=True)
    if csv is None and html is None:
        _answer(
            desk,
            evidence.evidence_values(report),
            lambda: evidence.evidence_table(report, desk.words),
        )


@record_app.command("delivery")
def delivery_command(
    context: typer.Context,
    client: Client,
    service: ServiceKey,
    outcome: Annotated[Outcome, typer.Option()] = Outcome.DELIVERED,
    on: Day = None,
    minutes: Annotated[int | None, typer.Option(min=0, max=9999)] = None,
    staff_minutes: Annotated[int | None, typer.Option(min=0, max=9999)] = None,
    channel: Annotated[Channel | None, typer.Option(help="How the client was reached.")] = None,
    note: Annotated[str, typer.Option()] = "",
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Record that a service was delivered, or why it was not."""
    from bot.usecases import services

    desk = Desk(context, advisor, as_json=as_json)
    _record(
        desk,
        client,
        service,
        "log",
        lambda: services.delivery(
            service,
            outcome,
            on=desk.day(on),
            advisor_minutes=minutes,
            staff_minutes=staff_minutes,
            note=note[:500],
            channel=channel,
            today=desk.today,
        ),
        outcome=outcome,
    )


@record_app.command("issue")
def issue_command(
    context: typer.Context,
    service: Annotated[str, typer.Argument(help="Key of the bulk service, such as newsletter.")],
    on: Day = None,
    minutes: Annotated[int | None, typer.Option(min=0, max=9999, help="In all.")] = None,
    tiers: Annotated[str | None, typer.Option(help="Such as A+,A; none: all who get it.")] = None,
    note: Annotated[str, typer.Option()] = "",
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Record that an issue of a bulk service was sent: once, for all clients of its tiers."""
    from bot.usecases.issues import keeps_issues, record_issue
    from bot.views.issues import issue_values, recorded_lines

    desk = Desk(context, advisor, as_json=as_json)
    if desk.member is not None and not keeps_issues(desk.member):
        fail("An issue for all clients is recorded by a lead, or without --advisor.")
    recorded = record_issue(
        service,
        on=desk.day(on),
        tiers=_tiers(tiers) if tiers else None,
        minutes=minutes,
        note=note[:500],
        by=desk.asker(Action.RECORD).name,
        firm_id=desk.firm_id,
        runtime=desk.runtime,
        today=desk.today,
    )
    due = recorded.report.find(service)
    values = {"issue": issue_values(due) if due else None, "undo": recorded.batch}
    _answer(desk, values, lambda: "\n".join(recorded_lines(recorded, desk.words)))
    if not as_json:
        console.print(f"tierwise record undo {recorded.batch}", style="dim")


@record_app.command("appointment")
def appointment_command(
    context: typer.Context,
    client: Client,
    service: ServiceKey,
    on: Day = None,
    at: Annotated[str | None, typer.Option(help="Such as 09:30.")] = None,
    minutes: Annotated[int, typer.Option(min=5, max=1440)] = 60,
    cancel: Annotated[bool, typer.Option("--cancel", help="Cancel the one to come.")] = False,
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Book a service, or cancel its appointment."""
    from bot.usecases import services

    desk = Desk(context, advisor, as_json=as_json)
    if cancel:
        change = lambda: services.cancelled_appointment(service, today=desk.today)  # noqa: E731
    elif on is None:
        fail("Say the day: --on 2026-12-10, or --cancel.")
    else:
        change = lambda: services.appointment(  # noqa: E731
            service,
            on=on.date(),
            at=_time(at) if at else None,
            zone=desk.zone.key,
            minutes=minutes,
            today=desk.today,
        )
    _record(desk, client, service, "cancel" if cancel else "book", change)


@record_app.command("snooze")
def snooze_command(
    context: typer.Context,
    client: Client,
    service: ServiceKey,
    until: NeededDay,
    reason: Reason = "",
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Put a service off until a day."""
    from bot.usecases import services

    desk = Desk(context, advisor, as_json=as_json)
    _record(
        desk,
        client,
        service,
        "snooze",
        lambda: services.snooze(service, until=until.date(), reason=reason[:500], today=desk.today),
    )


@record_app.command("service-override")
def service_override_command(
    context: typer.Context,
    client: Client,
    service: ServiceKey,
    times: Annotated[str | None, typer.Option(help="Times a year, such as 4 or 0.5.")] = None,
    reason: Reason = "",
    until: Day = None,
    lift: Annotated[bool, typer.Option("--lift", help="Let the tier decide again.")] = False,
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Agree with a client on another number of times a year, or lift that."""
    from bot.usecases import services

    desk = Desk(context, advisor, as_json=as_json)
    if lift:
        _record(
            desk,
            client,
            service,
            "lift",
            lambda: services.lifted_override(service, today=desk.today),
        )
        return
    if times is None or until is None or not reason:
        fail("Say --times, --reason and --until; or --lift.")
    per_year, last_day = number(times), until.date()
    _record(
        desk,
        client,
        service,
        "agree",
        lambda: services.service_override(
            service, per_year, reason=reason[:500], last_day=last_day, today=desk.today
        ),
    )


@events_app.command("list")
def events_list_command(context: typer.Context, advisor: Planner, as_json: AsJson = False) -> None:
    """List the events of a member's team."""
    from bot.usecases.events import events_of
    from bot.views import services_plain as plain

    desk = Desk(context, advisor, as_json=as_json)
    report = events_of(_member(desk), desk.firm_id, desk.runtime, today=desk.today)
    _answer(desk, plain.events_values(report), lambda: plain.events_table(report, desk.words))


@events_app.command("show")
def events_show_command(
    context: typer.Context, event: EventId, advisor: Planner, as_json: AsJson = False
) -> None:
    """Show an event: guests, and whom to invite next with the reason."""
    desk = Desk(context, advisor, as_json=as_json)
    _show(desk, _opened(desk, event))


@events_app.command("create")
def events_create_command(
    context: typer.Context,
    name: Annotated[str, typer.Argument()],
    on: NeededDay,
    seats: Annotated[int, typer.Option(min=1, max=5000)],
    advisor: Planner,
    service: Annotated[str, typer.Option(help="What it counts as.")] = "small_event",
    at: Annotated[str, typer.Option(help="Such as 18:00.")] = "18:00",
    ends_at: Annotated[str, typer.Option(help="Such as 21:00.")] = "21:00",
    place: Annotated[str, typer.Option()] = "",
    as_json: AsJson = False,
) -> None:
    """Plan an event for the tiers to which the service model promises it."""
    from bot.usecases.events import EventDraft, entitled_tiers, plan_event
    from bot.usecases.rules import rules_in_force

    desk = Desk(context, advisor, as_json=as_json)
    draft = EventDraft(
        name=name[:120],
        on=on.date(),
        at=_time(at),
        ends_at=_time(ends_at),
        zone=desk.zone.key,
        place=place[:200],
        seats=seats,
        service=service,
        tiers=entitled_tiers(service, rules_in_force(desk.firm_id, desk.runtime)),
    )
    event_id = plan_event(draft, _member(desk), desk.firm_id, desk.runtime, today=desk.today)
    _show(desk, _opened(desk, event_id))


@events_app.command("cancel")
def events_cancel_command(
    context: typer.Context, event: EventId, advisor: Planner, as_json: AsJson = False
) -> None:
    """Cancel an event; invitations stay on record."""
    from bot.usecases.events import cancel_event

    desk = Desk(context, advisor, as_json=as_json)
    cancel_event(event, _member(desk), desk.firm_id, desk.runtime)
    _show(desk, _opened(desk, event))


@events_app.command("invite")
def events_invite_command(
    context: typer.Context,
    event: EventId,
    clients: Numbers,
    advisor: Planner,
    as_json: AsJson = False,
) -> None:
    """Invite clients."""
    from bot.usecases.events import invite

    desk = Desk(context, advisor, as_json=as_json)
    ids = [desk.find(each, Action.RECORD) for each in clients]
    asker = desk.asker(Action.RECORD)
    changed = invite(event, ids, _member(desk), asker, desk.runtime, today=desk.today)
    _show(desk, changed.report, batch=changed.batch)


@events_app.command("reply")
def events_reply_command(
    context: typer.Context,
    event: EventId,
    client: Client,
    state: Annotated[InvitationState, typer.Argument()],
    advisor: Planner,
    as_json: AsJson = False,
) -> None:
    """Record a guest's reply, or whether the guest came."""
    desk = Desk(context, advisor, as_json=as_json)
    _note(desk, event, {desk.find(client, Action.RECORD): state})


@events_app.command("attend")
def events_attend_command(
    context: typer.Context,
    event: EventId,
    came: Numbers,
    advisor: Planner,
    as_json: AsJson = False,
) -> None:
    """Record who of the member's guests came; the others did not."""
    from bot.usecases.events import guests_came

    desk = Desk(context, advisor, as_json=as_json)
    present = [desk.find(each, Action.RECORD) for each in came]
    _note(desk, event, guests_came(_opened(desk, event), present))


@events_app.command("ics")
def events_ics_command(
    context: typer.Context,
    event: EventId,
    file: Annotated[Path, typer.Argument(help="Where to write the calendar file.")],
    advisor: Planner,
) -> None:
    """Write an event as a calendar file."""
    from bot.views.calendar_file import event_file

    desk = Desk(context, advisor, as_json=False)
    report = _opened(desk, event)
    file.write_bytes(event_file(report.event, now=desk.runtime.now()))
    console.print(str(file), markup=False, soft_wrap=True)


def sentence_for(error: DomainError, words: Any) -> str | None:
    """Say what can be corrected about services and events; None if it is another command's."""
    from bot.usecases.issues import IssueKnownError, NoReceiverError
    from bot.usecases.services import PeriodError, ServiceUnknownError
    from bot.views import notices
    from bot.views.issues import issue_known

    match error:
        case IssueKnownError():
            return issue_known(words)
        case NoReceiverError():
            return "No tier of these gets it: leave --tiers away for all who do."
        case EventError():
            return notices.event_refused(error, words)
        case ServiceUnknownError():
            return notices.service_gone(words)
        case PeriodError():
            return "The period has to begin before it ends."
        case PerYearError():
            return "Say --times 0, or a number from 0.1 to 365."
    return None


def _record(
    desk: Desk,
    client: str,
    service: str,
    act: str,
    change: Callable[[], Any],
    *,
    outcome: Outcome | None = None,
) -> None:
    """Record something of a service and say how it stands now."""
    from bot.usecases.services import record_service
    from bot.views.service_forms import Act, said_of
    from bot.views.service_words import stand
    from bot.views.services_plain import service_values

    client_id = desk.find(client, Action.RECORD)
    recorded = record_service(
        client_id,
        service,
        change(),
        asker=desk.asker(Action.RECORD),
        runtime=desk.runtime,
        today=desk.today,
    )
    due = recorded.report.find(service)
    if desk.as_json:
        values = {
            "client_id": recorded.report.client.external_id,
            "service": service_values(due) if due else None,
            "undo": recorded.batch,
        }
        console.print_json(json.dumps(values, ensure_ascii=False))
        return
    console.print(said_of(Act(act), recorded, outcome, desk.words), markup=False)
    if due is not None:
        console.print(stand(due, desk.words, today=desk.today), markup=False)
    console.print(f"tierwise record undo {recorded.batch}", style="dim")


def _note(desk: Desk, event_id: int, states: dict[int, InvitationState]) -> None:
    from bot.usecases.events import note_states

    asker = desk.asker(Action.RECORD)
    changed = note_states(event_id, states, _member(desk), asker, desk.runtime, today=desk.today)
    _show(desk, changed.report, batch=changed.batch)


def _opened(desk: Desk, event_id: int) -> "EventReport":
    from bot.usecases.events import open_event

    asker = desk.asker(Action.SEE_CLIENT)
    return open_event(event_id, _member(desk), asker, desk.runtime, today=desk.today)


def _show(desk: Desk, report: "EventReport", *, batch: str | None = None) -> None:
    from bot.views import services_plain as plain

    values = plain.event_values(report) | ({"undo": batch} if batch else {})
    _answer(desk, values, lambda: plain.event_table(report, desk.words))
    if batch and not desk.as_json:
        console.print(f"tierwise record undo {batch}", style="dim")


def _member(desk: Desk) -> Member:
    if desk.member is None:
        raise ValueError("an advisor was named")
    return desk.member


def _answer(desk: Desk, values: Any, shown: Callable[[], Any]) -> None:
    if desk.as_json:
        console.print_json(json.dumps(values, ensure_ascii=False))
    else:
        console.print(shown())


def _tiers(text: str) -> list[Tier]:
    try:
        return [Tier(each.strip().upper()) for each in text.split(",")]
    except ValueError:
        fail(f"“{text}” names no tiers. Say them as A+,A,B.")


def _time(text: str) -> Any:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        fail(f"“{text}” is no time of day. Write it as 18:30.")
