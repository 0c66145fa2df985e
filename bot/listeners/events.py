"""`/events`: the list, one event with its guests, and the forms behind both."""

from collections.abc import Callable
from dataclasses import replace

from bot.listeners.calls import (
    Call,
    FieldErrors,
    OpenModal,
    Reply,
    Say,
    SendFile,
    UpdateModal,
)
from bot.listeners.entered import Entered
from bot.listeners.segment import handle_open_client
from bot.service_reports import EventReport
from bot.usecases import events, lookup
from bot.usecases.events import EventDraft
from bot.usecases.rules import rules_in_force
from bot.views import modals, notices
from bot.views.events import (
    Done,
    EventAct,
    EventField,
    event_card,
    event_form,
    event_text,
    events_list,
    events_text,
    plan_form,
    state_name,
)
from domain.access import Action
from domain.events import (
    EventError,
    EventFullError,
    EventServiceError,
    InvitationState,
    PastEventError,
    SeatsError,
)
from domain.model import Tier
from domain.rulebook import RuleBook

LIST = ("", "list", "liste")
NEW = ("new", "neu")


def handle_events(call: Call) -> Reply:
    """Answer with the team's events, or begin a new one."""
    word = lookup.tidy(call.text).casefold()
    if word in NEW:
        return _plan(call)
    if word not in LIST:
        return Say(text=notices.events_help(call.words))
    return _list(call)


def handle_show_events(call: Call) -> Reply:
    """Show the list from a button."""
    return _list(call)


def handle_event(call: Call) -> Reply:
    """Do what an event's button says, as ``act:event id`` and maybe ``:client id``."""
    act, _, of = call.text.partition(":")
    event_id, _, more = of.partition(":")
    if not event_id.isdecimal():
        return Say(text=notices.form_outdated(call.words))
    if act == "card":
        return handle_open_client(replace(call, text=more))
    if act == EventAct.PLAN:
        return _plan(call)
    if act == "undo":
        return _undo(call, int(event_id), more)
    if act in list(InvitationState) and more.isdecimal():
        return _note(call, int(event_id), int(more), InvitationState(act))
    report = _opened(call, int(event_id))
    if act == "calendar":
        from bot.views.calendar_file import event_file  # slow to import, seldom asked for

        data = event_file(report.event, now=call.runtime.now())
        return SendFile(name="tierwise.ics", data=data, text=call.words.say("For your calendar."))
    if act in list(EventAct):
        return OpenModal(view=event_form(EventAct(act), report, call.words), about=report.named)
    start = int(more) if more.isdecimal() else 0
    return _shown(call, report, start=start, turned=act == "guests")


def handle_event_form(call: Call) -> Reply:
    """Keep what was entered, or say under each field what is wrong."""
    entered = Entered(call.state, call.words)
    act = call.name.partition(":")[2]
    if act not in list(EventAct) or not call.metadata.isdecimal():
        sentence = notices.form_outdated(call.words)
        title = call.words.say("Not saved")
        return UpdateModal(view=modals.message_modal(title, sentence, call.words))
    return FORMS[EventAct(act)](int(call.metadata), entered, call)


def _list(call: Call) -> Reply:
    report = events.events_of(call.member, call.firm_id, call.runtime, today=call.today)
    return Say(text=events_text(report, call.words), blocks=events_list(report, call.words))


def _plan(call: Call) -> Reply:
    rules = rules_in_force(call.firm_id, call.runtime)
    services = events.event_services(rules)
    if not services:
        return Say(text=call.words.say("The service model has no events."))
    entitled = events.entitled_tiers(services[0], rules)
    return OpenModal(view=plan_form(rules, entitled, call.words, today=call.today))


def _opened(call: Call, event_id: int) -> EventReport:
    asker = call.asker(Action.SEE_CLIENT)
    return events.open_event(event_id, call.member, asker, call.runtime, today=call.today)


def _shown(
    call: Call,
    report: EventReport,
    *,
    start: int = 0,
    turned: bool = False,
    done: Done | None = None,
) -> Reply:
    return Say(
        text=event_text(report, call.words, done=done),
        blocks=event_card(report, call.words, start=start, done=done),
        replace=turned,
        about_clients=True,
    )


def _as_modal(call: Call, report: EventReport, done: Done) -> Reply:
    text = event_text(report, call.words, done=done)
    return UpdateModal(view=modals.blocks_modal(event_card(report, call.words, done=done), text))


def _note(call: Call, event_id: int, client_id: int, state: InvitationState) -> Reply:
    changed = events.note_states(
        event_id,
        {client_id: state},
        call.member,
        call.asker(Action.RECORD),
        call.runtime,
        today=call.today,
    )
    said = call.words.say(
        "{client}: {state}.",
        client=", ".join(changed.names) or "–",
        state=state_name(state, call.words),
    )
    done = Done(sentence=said, batch=changed.batch if changed.names else "")
    return _shown(call, changed.report, turned=True, done=done)


def _undo(call: Call, event_id: int, batch: str) -> Reply:
    report = events.take_back(
        event_id, batch, call.member, call.asker(Action.RECORD), call.runtime, today=call.today
    )
    done = Done(sentence=call.words.say("Taken back."))
    return _shown(call, report, turned=True, done=done)


def _keep_plan(_event_id: int, entered: Entered, call: Call) -> Reply:
    draft = _draft(entered, call, rules_in_force(call.firm_id, call.runtime))
    if draft is None or entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    try:
        event_id = events.plan_event(
            draft, call.member, call.firm_id, call.runtime, today=call.today
        )
    except EventError as error:
        return _refused(error, call)
    done = Done(sentence=call.words.say("Planned. Invite the first guests now."))
    return _as_modal(call, _opened(call, event_id), done)


def _keep_change(event_id: int, entered: Entered, call: Call) -> Reply:
    draft = _draft(entered, call, rules_in_force(call.firm_id, call.runtime))
    if draft is None or entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    try:
        events.change_event(
            event_id, draft, call.member, call.firm_id, call.runtime, today=call.today
        )
    except EventError as error:
        return _refused(error, call)
    done = Done(sentence=call.words.say("Changed. Take the calendar file anew."))
    return _as_modal(call, _opened(call, event_id), done)


def _cancel(event_id: int, _entered: Entered, call: Call) -> Reply:
    events.cancel_event(event_id, call.member, call.firm_id, call.runtime)
    sentence = call.words.say("Cancelled. The calendar file takes it out of your calendar.")
    return _as_modal(call, _opened(call, event_id), Done(sentence=sentence))


def _invite(event_id: int, entered: Entered, call: Call) -> Reply:
    chosen = [int(each) for each in entered.ticked(EventField.GUESTS)]
    if not chosen:
        entered.need(EventField.GUESTS)
        return FieldErrors(sentences=entered.wrong)
    try:
        changed = events.invite(
            event_id,
            chosen,
            call.member,
            call.asker(Action.RECORD),
            call.runtime,
            today=call.today,
        )
    except EventFullError as error:
        sentence = notices.event_refused(error, call.words)
        return FieldErrors(sentences={EventField.GUESTS: sentence})
    said = call.words.say_n("{n} client invited.", "{n} clients invited.", len(changed.names))
    return _as_modal(call, changed.report, Done(sentence=said, batch=changed.batch))


def _came(event_id: int, entered: Entered, call: Call) -> Reply:
    report = _opened(call, event_id)
    chosen = [int(each) for each in entered.ticked(EventField.GUESTS)]
    changed = events.note_states(
        event_id,
        events.guests_came(report, chosen),
        call.member,
        call.asker(Action.RECORD),
        call.runtime,
        today=call.today,
    )
    said = call.words.say_n("{n} guest came.", "{n} guests came.", len(chosen))
    return _as_modal(call, changed.report, Done(sentence=said, batch=changed.batch))


FORMS: dict[EventAct, Callable[[int, Entered, Call], Reply]] = {
    EventAct.PLAN: _keep_plan,
    EventAct.CHANGE: _keep_change,
    EventAct.CANCEL: _cancel,
    EventAct.INVITE: _invite,
    EventAct.CAME: _came,
}


def _draft(entered: Entered, call: Call, rules: RuleBook) -> EventDraft | None:
    """Read a plan; None, with sentences in `entered.wrong`, if something is missing."""
    name, on = entered.text(EventField.NAME), entered.day(EventField.ON)
    at, ends_at = entered.time(EventField.AT), entered.time(EventField.ENDS_AT)
    seats, service = entered.count(EventField.SEATS), entered.chosen(EventField.SERVICE)
    for field, value in (
        (EventField.AT, at),
        (EventField.ENDS_AT, ends_at),
        (EventField.SEATS, seats),
        (EventField.SERVICE, service),
    ):
        if value is None and field not in entered.wrong:
            entered.need(field)
    chosen = entered.ticked(EventField.TIERS)
    if entered.wrong or on is None or at is None or ends_at is None:
        return None
    if seats is None or service is None:
        return None
    return EventDraft(
        name=name,
        on=on,
        at=at,
        ends_at=ends_at,
        zone=call.zone.key,
        place=entered.text(EventField.PLACE, required=False),
        seats=seats,
        service=service,
        tiers=tuple(Tier(each) for each in chosen if each in list(rules.method.tiers)),
    )


PLAN_FIELDS = {
    PastEventError: EventField.ON,
    SeatsError: EventField.SEATS,
    EventServiceError: EventField.SERVICE,
}
"""Under which field a plan is refused."""


def _refused(error: EventError, call: Call) -> Reply:
    field = PLAN_FIELDS.get(type(error))
    if field is None:
        raise error
    return FieldErrors(sentences={field: notices.event_refused(error, call.words)})
