"""A file of the whole firm: an admin asks, somebody else confirms, who asked fetches it once."""

from functools import partial

from bot.listeners.calls import (
    Call,
    FieldErrors,
    OpenModal,
    Reply,
    Say,
    SendFile,
    UpdateModal,
    whole,
)
from bot.listeners.entered import Entered
from bot.usecases import exporting
from bot.usecases.exporting import ExportClosedError
from bot.views import exports as views
from bot.views.safe_files import csv_of
from domain.access import Action, needs_second_person
from storage.erasing import SamePersonError


def exports_for(call: Call) -> int:
    """Count the files of the whole firm whose next step is the caller's."""
    return exporting.exports_of(call.firm_id, call.runtime, reader=call.member).waiting


def handle_exports(call: Call) -> Reply:
    """List who asked for a file of the whole firm."""
    return OpenModal(view=_list(call).view)


def handle_export_ask(call: Call) -> Reply:
    """Ask what the file is for."""
    exporting.demand_firm(call.member)
    return UpdateModal(view=views.ask_modal(call.words))


def handle_export_ask_form(call: Call) -> Reply:
    """Keep that the caller asks for the file."""
    entered = Entered(call.state, call.words)
    reason = entered.text(views.REASON)
    if entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    exporting.ask_for_export(call.firm_id, call.runtime, member=call.member, reason=reason)
    return _list(call)


def handle_export_decide(call: Call) -> Reply:
    """Confirm or decline what somebody else asked for, or withdraw the own request."""
    try:
        exporting.decide_export(
            whole(call.text),
            call.firm_id,
            call.runtime,
            member=call.member,
            is_confirmed=call.name.endswith(f":{views.CONFIRM}"),
        )
    except SamePersonError:
        return Say(text=views.same_person(call.words))
    except ExportClosedError as error:
        return Say(text=views.closed(error.stage, call.words))
    return _list(call)


def handle_export_fetch(call: Call) -> Reply:
    """Send the file to who asked for it, once."""
    request_id = whole(call.text)
    try:
        rows = exporting.fetch_export(
            request_id, call.firm_id, call.runtime, member=call.member, today=call.today
        )
    except ExportClosedError as error:
        return Say(text=views.closed(error.stage, call.words))
    return SendFile(
        name=f"tierwise-{call.today}.csv",
        data=csv_of(rows),
        text=views.file_text(len(rows) - 1, call.words),
        refused=partial(exporting.give_back, request_id, call.firm_id, call.runtime),
    )


def _list(call: Call) -> UpdateModal:
    found = exporting.exports_of(call.firm_id, call.runtime, reader=call.member)
    may_ask = needs_second_person(call.member, Action.EXPORT)
    return UpdateModal(view=views.exports_modal(found, call.words, call.zone, may_ask=may_ask))
