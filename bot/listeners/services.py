"""`/due`, the buttons of each service, their forms, and the shortcut on a message."""

from collections.abc import Callable
from dataclasses import replace

from bot.listeners.calls import (
    Call,
    FieldErrors,
    OpenModal,
    Options,
    Reply,
    Say,
    SendFile,
    UpdateModal,
    whole,
)
from bot.listeners.entered import Entered
from bot.listeners.segment import handle_open_client
from bot.reports import ClientReport, HelpReport, NotFoundReport, SeveralReport
from bot.service_reports import Page, ServiceReport
from bot.usecases import lookup, recording, services
from bot.usecases.issues import issues_of, keeps_issues
from bot.usecases.recording import Change
from bot.usecases.records import erasure_waits
from bot.usecases.rules import rules_in_force
from bot.views import due, lists, modals, notices, service_forms
from bot.views.blocks import escape
from bot.views.records import client_buttons
from bot.views.service_forms import Act, ServiceField, ServiceTicket
from bot.views.service_words import name_by_key
from domain.access import Action, Scope, may, scope_of
from domain.calendar import add_months
from domain.servicing import Channel, Outcome, PerYearError

MINE = ("", "me", "ich")
TEAM = ("team",)
EVIDENCE = ("evidence", "evidence_file")
EVIDENCE_MONTHS = 24
HELP = ("help", "hilfe", "?", "-h", "--help")


def handle_due(call: Call) -> Reply:
    """Answer with what is due in a book, in a team's books, or to a client."""
    typed = lookup.tidy(call.text)
    word = typed.casefold()
    if word in HELP:
        return Say(text=notices.due_help(call.words, is_lead=_is_lead(call)))
    if word in (*MINE, *TEAM):
        return _page(call, team=word in TEAM, start=0)
    report = lookup.look_up(typed, call.asker(Action.SEE_CLIENT), call.runtime, today=call.today)
    match report:
        case ClientReport():
            return _client(call, report.assessment.client.client_id)
        case SeveralReport():
            return Say(
                text=lists.picker_text(report, call.words),
                blocks=due.picker(report, call.words),
                about_clients=True,
            )
        case NotFoundReport():
            return Say(
                text=notices.not_found_text(report, call.words),
                blocks=notices.not_found(report, call.words),
                about_clients=True,
            )
        case HelpReport():
            return Say(text=notices.due_help(call.words, is_lead=_is_lead(call)))


def handle_more_due(call: Call) -> Reply:
    """Turn the page: the button's value names the list and where the page starts."""
    whose, _, start = call.text.partition(":")
    return _page(call, team=whose in TEAM, start=whole(start or "0"), turned=bool(start))


def handle_service(call: Call) -> Reply:
    """Do what a service's button says, as ``act:client id:service``."""
    act, _, of = call.text.partition(":")
    client_id, _, service = of.partition(":")
    if act == "open":
        return handle_open_client(replace(call, text=client_id))
    if not client_id.isdecimal():
        return Say(text=notices.client_gone(call.words))
    if act == "show":
        return _client(call, int(client_id))
    if act in EVIDENCE:
        return _evidence(call, int(client_id), as_file=act == "evidence_file")
    report = _reached(call, int(client_id))
    if act == "calendar":
        return _calendar(call, report, service)
    if act not in list(Act):
        return Say(text=notices.form_outdated(call.words))
    return OpenModal(view=service_forms.service_modal(Act(act), report, service, call.words))


def handle_log_contact(call: Call) -> Reply:
    """Ask whom a message was a contact with; its text becomes the note."""
    rules = rules_in_force(call.firm_id, call.runtime)
    view = service_forms.contact_modal(rules, call.text, call.words, today=call.today)
    return OpenModal(view=view)


def handle_contact_options(call: Call) -> Reply:
    """Offer clients whom the asker may record something of."""
    found = lookup.names_like(call.text, call.asker(Action.RECORD), call.runtime)
    return Options(choices=[(str(client_id), name) for client_id, name in found])


def handle_service_form(call: Call) -> Reply:
    """Record what was entered, or say under each field what is wrong."""
    entered = Entered(call.state, call.words)
    try:
        act = Act(call.name.partition(":")[2])
        ticket = _contact(entered) if act is Act.CONTACT else ServiceTicket.read(call.metadata)
    except ValueError:
        return UpdateModal(
            view=modals.message_modal(
                call.words.say("Not saved"), notices.form_outdated(call.words), call.words
            )
        )
    change = _change(act, ticket, entered, call)
    if change is None or entered.wrong or ticket is None:
        return FieldErrors(sentences=entered.wrong)
    recorded = services.record_service(
        ticket.client_id,
        ticket.service,
        change,
        asker=call.asker(Action.RECORD),
        runtime=call.runtime,
        today=call.today,
    )
    outcome = entered.choice(ServiceField.OUTCOME, Outcome)
    said = service_forms.said_of(act, recorded, outcome, call.words)
    return UpdateModal(view=service_forms.recorded_modal(recorded, said, call.words))


def handle_service_undo(call: Call) -> Reply:
    """Take back what the confirmation was about."""
    report = services.take_back(
        call.text, asker=call.asker(Action.RECORD), runtime=call.runtime, today=call.today
    )
    said = due.client_summary(report, call.words)
    return UpdateModal(view=service_forms.taken_back_modal(report, said, call.words))


def _page(call: Call, *, team: bool, start: int, turned: bool = False) -> Reply:
    if team and not _is_lead(call):
        return Say(text=notices.leads_only(call.words, own="/due"))
    call.demand(Action.SEE_PRIORITIES)
    report = services.due_of_book(
        call.firm_id,
        call.member,
        call.runtime,
        today=call.today,
        team=team,
        page=Page(start, due.PAGE),
    )
    issues = None
    if keeps_issues(call.member):
        issues = issues_of(call.firm_id, call.runtime, today=call.today)
    return Say(
        text=due.due_list_text(report, call.words, start=start, issues=issues),
        blocks=due.due_list(report, call.words, start=start, issues=issues),
        replace=turned,
        about_clients=True,
    )


def _client(call: Call, client_id: int) -> Reply:
    report = _reached(call, client_id, Action.SEE_CLIENT)
    return Say(
        text=due.client_services_text(report, call.words),
        blocks=due.client_services(report, call.words),
        about_clients=True,
    )


def _reached(call: Call, client_id: int, action: Action = Action.RECORD) -> ServiceReport:
    return services.services_of(client_id, call.asker(action), call.runtime, today=call.today)


def _evidence(call: Call, client_id: int, *, as_file: bool) -> Reply:
    from bot.views.evidence import evidence_csv, title  # slow to import, seldom asked for
    from bot.views.evidence_card import evidence_card, evidence_text

    report = services.evidence_of(
        client_id,
        add_months(call.today, -EVIDENCE_MONTHS),
        call.today,
        asker=call.asker(Action.EXPORT if as_file else Action.SEE_CLIENT),
        runtime=call.runtime,
        today=call.today,
    )
    if not as_file:
        return Say(
            text=evidence_text(report, call.words),
            blocks=[
                *evidence_card(report, call.words),
                *client_buttons(
                    client_id,
                    report.client.name,
                    call.words,
                    may_export=may(call.member, Action.EXPORT),
                    may_ask=may(call.member, Action.REQUEST_ERASURE),
                    is_asked=erasure_waits(client_id, call.firm_id, call.runtime),
                ),
            ],
            about_clients=True,
        )
    return SendFile(
        name="tierwise.csv",
        data=evidence_csv(report, call.words).encode("utf-8-sig"),
        text=escape(title(report, call.words)),
        about=frozenset({client_id}),
    )


def _calendar(call: Call, report: ServiceReport, service: str) -> Reply:
    booked = report.find(service)
    appointment = booked.appointment if booked and not booked.is_booked_along else None
    if appointment is None or appointment.appointment_id is None:
        return Say(text=call.words.say("There is no appointment any more."))
    booking = services.booking_of(
        appointment.appointment_id, call.asker(Action.RECORD), call.runtime
    )
    from bot.views.calendar_file import appointment_file  # slow to import, seldom asked for

    name = name_by_key(booking.service, report.rules.services, call.words)
    return SendFile(
        name="tierwise.ics",
        data=appointment_file(booking, f"{name}: {booking.client}", now=call.runtime.now()),
        text=call.words.say("For your calendar."),
        about=frozenset({report.client.client_id}),
    )


def _is_lead(call: Call) -> bool:
    return scope_of(call.member, Action.SEE_PRIORITIES) is Scope.TEAM


def _contact(entered: Entered) -> ServiceTicket | None:
    client_id, service = entered.mark(ServiceField.CLIENT), entered.chosen(ServiceField.SERVICE)
    if client_id is None:
        entered.need(ServiceField.CLIENT)
    if service is None:
        entered.need(ServiceField.SERVICE)
    if client_id is None or service is None:
        return None
    return ServiceTicket(client_id=client_id, service=service)


def _change(act: Act, ticket: ServiceTicket | None, entered: Entered, call: Call) -> Change | None:
    """Read a form; None, with sentences in `entered.wrong`, if it cannot be recorded."""
    if ticket is None:
        return None
    try:
        return READERS[act](ticket.service, entered, call)
    except recording.FutureDayError:
        entered.wrong[ServiceField.ON] = call.words.say("This day is still to come.")
    except recording.PastDayError:
        field = ServiceField.ON if act is Act.BOOK else ServiceField.UNTIL
        entered.wrong[field] = call.words.say("This day has to be still to come.")
    except PerYearError:
        entered.wrong[ServiceField.TIMES] = call.words.say(
            "Please enter 0, or a number from 0.1 to 365."
        )
    return None


def _delivery(service: str, entered: Entered, call: Call) -> Change | None:
    outcome, on = entered.choice(ServiceField.OUTCOME, Outcome), entered.day(ServiceField.ON)
    if outcome is None:
        entered.need(ServiceField.OUTCOME)
    if outcome is None or on is None:
        return None
    return services.delivery(
        service,
        outcome,
        on=on,
        advisor_minutes=entered.count(ServiceField.MINUTES),
        staff_minutes=entered.count(ServiceField.STAFF_MINUTES),
        note=entered.text(ServiceField.NOTE, required=False),
        channel=entered.choice(ServiceField.CHANNEL, Channel),
        today=call.today,
    )


def _appointment(service: str, entered: Entered, call: Call) -> Change | None:
    on, minutes = entered.day(ServiceField.ON), entered.count(ServiceField.MINUTES)
    if minutes is None and ServiceField.MINUTES not in entered.wrong:
        entered.need(ServiceField.MINUTES)
    if on is None or minutes is None:
        return None
    return services.appointment(
        service,
        on=on,
        at=entered.time(ServiceField.AT),
        zone=call.zone.key,
        minutes=minutes,
        today=call.today,
    )


def _cancelled(service: str, _entered: Entered, call: Call) -> Change:
    return services.cancelled_appointment(service, today=call.today)


def _snooze(service: str, entered: Entered, call: Call) -> Change | None:
    until = entered.day(ServiceField.UNTIL)
    if until is None:
        return None
    reason = entered.text(ServiceField.REASON, required=False)
    return services.snooze(service, until=until, reason=reason, today=call.today)


def _agreement(service: str, entered: Entered, call: Call) -> Change | None:
    times, until = entered.score(ServiceField.TIMES), entered.day(ServiceField.UNTIL)
    reason = entered.text(ServiceField.REASON)
    if times is None or until is None:
        return None
    return services.service_override(
        service, times, reason=reason, last_day=until, today=call.today
    )


def _lifted(service: str, _entered: Entered, call: Call) -> Change:
    return services.lifted_override(service, today=call.today)


READERS: dict[Act, Callable[[str, Entered, Call], Change | None]] = {
    Act.LOG: _delivery,
    Act.DECLINED: _delivery,
    Act.NO_ANSWER: _delivery,
    Act.CONTACT: _delivery,
    Act.BOOK: _appointment,
    Act.CANCEL: _cancelled,
    Act.SNOOZE: _snooze,
    Act.AGREE: _agreement,
    Act.LIFT: _lifted,
}
