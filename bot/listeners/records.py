"""Records: status, erasures, who saw a client, all of a client as a file.

Each takes a person of another role: an advisor or lead asks for an erasure, compliance approves it,
an admin erases. Who reads clients for a reason only is asked for it before a name is shown.
"""

import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from bot import actions
from bot.digests.reasons import reason_said
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
from bot.reports import ErasureReport
from bot.usecases import records
from bot.usecases.lookup import tidy
from bot.usecases.recording import ClientGoneError
from bot.views import modals, notices, people
from bot.views import records as views
from bot.views.safe_files import readable
from bot.words import Words
from domain.access import Action, Member, Proviso, may, right_of
from storage.clients import names_of
from storage.erasing import ErasedAlreadyError, NotApprovedError, SamePersonError


def waiting_for(call: Call) -> int:
    """Count the erasures whose next step is the caller's."""
    found = records.erasures_of(call.firm_id, call.runtime, reader=call.member)
    approves, erases = (
        may(call.member, Action.APPROVE_ERASURE),
        may(call.member, Action.ERASE),
    )
    return sum(
        (erases and each.approved_at is not None) or (approves and each.approved_at is None)
        for each in found
        if each.waits
    )


def handle_status(call: Call) -> Reply:
    """Show how messages stand, in counts and reasons; or verify the journal."""
    words = call.words
    if call.text == "journal":
        found = records.verify_log(call.firm_id, call.runtime)
        view = views.journal_modal(found.entries, flaws=len(found.flaws), words=words)
        return UpdateModal(view=view)
    from bot.doctor import examine_slack  # it reads the manifest, which is made of this table

    report = records.status_of(call.firm_id, call.runtime)
    reasons = {reason: reason_said(reason, words) for _, _, reason, _ in report.waiting if reason}
    checks = [(each.name, each.state.value) for each in examine_slack(call.firm_id, call.runtime)]
    return OpenModal(view=views.status_modal(report, reasons, checks, words))


def handle_erasures(call: Call) -> Reply:
    """List what is to be erased, and what was."""
    found = records.erasures_of(call.firm_id, call.runtime, reader=call.member)
    return OpenModal(
        view=views.erasures_modal(
            found,
            call.words,
            call.zone,
            may_approve=may(call.member, Action.APPROVE_ERASURE),
            may_erase=may(call.member, Action.ERASE),
        )
    )


def handle_erasure_ask(call: Call) -> Reply:
    """Ask why a client of the own book is to be erased, or say how it stands."""
    client_id, name = _reached(call, Action.REQUEST_ERASURE)
    found = records.erasure_of(client_id, call.firm_id, call.runtime)
    if found is not None and found.waits:
        is_own = found.asked_by_id == call.member.member_id
        view = views.asked_modal(found, name, call.words, call.zone, may_withdraw=is_own)
    else:
        view = views.ask_modal(client_id, name, call.words, call.zone, before=found)
    return OpenModal(view=view, about=frozenset({client_id}))


def handle_erasure_ask_form(call: Call) -> Reply:
    """Keep that a client is to be erased."""
    entered = Entered(call.state, call.words)
    reason = entered.text(views.REASON)
    if entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    asker = call.asker(Action.REQUEST_ERASURE)
    try:
        row = records.request_erasure(whole(call.metadata), asker, call.runtime, reason=reason)
    except records.NamedInReasonError:
        return _named_in_reason(call)
    said = call.words.say(
        "The erasure of {number} is asked for. Compliance approves it, then an admin erases.",
        number=f"{views.HASH}{row.client_id}",
    )
    return _done(call.words.say("Asked"), said, call)


def handle_erasure_look(call: Call) -> Reply:
    """Show whom an erasure is about, to who may approve it and says what for."""
    call.demand(Action.APPROVE_ERASURE)  # who comes from the question for a reason was not asked
    client_id, name = _reached(call, Action.SEE_CLIENT)
    try:
        asked = records.erasure_asked(client_id, call.firm_id, call.runtime)
    except NotApprovedError:
        return Say(text=notices.form_outdated(call.words))
    view = views.approve_modal(asked, name, call.words, call.zone)
    return OpenModal(view=view, about=frozenset({client_id}))


def handle_erasure_approve(call: Call) -> Reply:
    """Approve what somebody else asked for."""
    words, client_id = call.words, whole(call.metadata)
    title = words.say("Approved")
    try:
        records.approve_erasure(client_id, call.firm_id, call.runtime, member=call.member)
    except SamePersonError:
        title = words.say("Not approved")
        said = words.say("Who asks for an erasure cannot approve it. Somebody else has to.")
        return _done(title, said, call)
    except NotApprovedError:
        return _done(words.say("Not approved"), notices.form_outdated(words), call)
    said = words.say(
        "The erasure of {number} is approved. An admin erases it on Home.",
        number=f"{views.HASH}{client_id}",
    )
    return _done(title, said, call)


def handle_erasure_decline(call: Call) -> Reply:
    """Ask why an erasure is declined."""
    return _next_step(call, views.decline_modal)


def handle_erasure_decline_form(call: Call) -> Reply:
    """Decline an erasure for a reason."""
    entered = Entered(call.state, call.words)
    reason = entered.text(views.REASON)
    if entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    said = call.words.say(
        "The erasure of {number} is declined. Who asked reads why on the client's evidence.",
        number=f"{views.HASH}{whole(call.metadata)}",
    )
    return _ended(call, call.words.say("Not approved"), said, reason)


def handle_erasure_withdraw(call: Call) -> Reply:
    """Withdraw what the caller asked for."""
    said = call.words.say(
        "The erasure of {number} is withdrawn. Nothing was changed.",
        number=f"{views.HASH}{whole(call.metadata)}",
    )
    return _ended(call, call.words.say("Withdrawn"), said)


def handle_erasure_do(call: Call) -> Reply:
    """Ask once more before a client is erased."""
    return _next_step(call, views.erase_modal)


def handle_erasure_do_form(call: Call) -> Reply:
    """Erase a client whose erasure is approved, and prove it."""
    client_id, words = whole(call.metadata), call.words
    typed = Entered(call.state, words).text(views.NUMBER, required=False)
    if typed.removeprefix(views.HASH) != str(client_id):
        said = words.say("Nothing was changed: this is not the number.")
        return FieldErrors(sentences={views.NUMBER: said})
    try:
        done = records.erase_client(
            client_id, call.firm_id, call.runtime, today=call.today, unsay=call.unsay
        )
    except NotApprovedError:
        return _done(words.say("Not erased"), words.say("Nobody has approved this."), call)
    return UpdateModal(view=views.erased_modal(done, words, call.zone))


def handle_client_log(call: Call) -> Reply:
    """Ask whose entries are to be shown: by name and for a reason, or by number."""
    if _by_number(call.member):
        return OpenModal(view=views.number_modal(call.words))
    asked = json.dumps({"name": actions.CLIENT_LOG, "text": ""})
    return OpenModal(view=people.reason_modal(asked, call.words, whom=True))


def handle_client_log_form(call: Call) -> Reply:
    """Show who saw the client with a number."""
    typed = Entered(call.state, call.words).text(views.NUMBER, required=False)
    number = typed.removeprefix(views.HASH)
    if not (number.isascii() and number.isdecimal() and len(number) < 16):
        said = call.words.say("A number such as {number}.", number="#12")
        return FieldErrors(sentences={views.NUMBER: said})
    return UpdateModal(view=_log(int(number), call))


def show_client_log(call: Call) -> Reply:
    """Show who saw the client who was named, once the reason is given."""
    call.demand(Action.SEE_LOG)
    if _by_number(call.member):
        return OpenModal(view=views.number_modal(call.words))
    asker = call.asker(Action.SEE_CLIENT)
    try:
        client_id, _ = records.client_meant(tidy(call.text), asker, call.runtime)
    except records.AlreadyErasedError as error:
        client_id = error.record.client_id
    except records.WhichClientError as error:
        return FieldErrors(sentences={people.WHOM: _which(error, call)})
    return UpdateModal(view=_log(client_id, call), about=frozenset({client_id}))


def handle_client_file(call: Call) -> Reply:
    """Send all that is stored of a client of the own book, to hand out or to read."""
    asker, client_id = call.asker(Action.EXPORT), whole(call.text)
    values = records.everything_of(client_id, call.firm_id, call.runtime, asker=asker)
    plain = json.dumps(values, ensure_ascii=False, indent=1).encode()
    said = call.words.say(
        "All that is stored of the client: as text, and as data (JSON). Of the journal it holds "
        "what you may see; the terminal gives all of it: {command}",
        command="tierwise export client",
    )
    return SendFile(
        name=f"client-{client_id}.txt",
        data=readable(values).encode(),
        more=((f"client-{client_id}.json", plain),),
        text=said,
        about=frozenset({client_id}),
    )


def _reached(call: Call, action: Action) -> tuple[int, str]:
    """Return id and name of the client whom a button names, if the caller reaches her."""
    client_id = whole(call.text)
    asker = call.asker(action)
    with call.runtime.store.read(call.firm_id) as session:
        names = names_of(session, [client_id], asker.reach)
    if client_id not in names:
        raise ClientGoneError(client_id)
    return client_id, names[client_id]


def _next_step(
    call: Call, modal: Callable[[ErasureReport, Words, ZoneInfo], dict[str, Any]]
) -> Reply:
    """Open the form of an erasure's next step, if it still waits for one."""
    try:
        asked = records.erasure_asked(whole(call.text), call.firm_id, call.runtime)
    except NotApprovedError:
        return Say(text=notices.form_outdated(call.words))
    return OpenModal(view=modal(asked, call.words, call.zone))


def _ended(call: Call, title: str, said: str, reason: str = "") -> Reply:
    try:
        records.end_erasure(
            whole(call.metadata), call.firm_id, call.runtime, member=call.member, reason=reason
        )
    except records.NamedInReasonError:
        return _named_in_reason(call)
    except (NotApprovedError, ErasedAlreadyError):
        said = notices.form_outdated(call.words)
        return _done(call.words.say("Not saved"), said, call)
    return _done(title, said, call)


def _named_in_reason(call: Call) -> FieldErrors:
    said = call.words.say("A reason that names the client would keep the name. Say it without.")
    return FieldErrors(sentences={views.REASON: said})


def _log(client_id: int, call: Call) -> dict[str, Any]:
    report = records.looked_at(client_id, call.firm_id, call.runtime, reader=call.member)
    return views.log_modal(report, call.words, call.zone)


def _by_number(member: Member) -> bool:
    return right_of(member, Action.SEE_LOG).proviso is Proviso.IDS_ONLY


def _which(error: records.WhichClientError, call: Call) -> str:
    if not error.names:
        return call.words.say("No client fits. Type the whole name or the client number.")
    names = ", ".join(error.names)
    return call.words.say("Several clients fit: {names}.", names=names)


def _done(title: str, sentence: str, call: Call) -> UpdateModal:
    return UpdateModal(view=modals.message_modal(title, sentence, call.words))
