"""A client list put into the direct message: preview, questions, import, undo.

The file is fetched and read anew for each step, so that no client data waits in memory; an import
goes ahead only if it still does exactly what its preview showed.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from bot.errors import OutdatedError
from bot.listeners.calls import Call, Errand, Reply, Say, whole
from bot.listeners.conversation import Conversation, FileRefusedError, SharedFile
from bot.listeners.witness import note_said
from bot.previews import NotYourPreviewError, Preview, PreviewExpiredError
from bot.usecases.firms import member_now
from bot.usecases.rules import RulesChangedMeanwhileError
from bot.views import import_message, notices
from domain.access import Action, Member, Place, advisors_within, demand, may
from storage.clients import client_numbered
from storage.firms import list_members
from storage.importing import (
    ImportPlan,
    ImportRefusedError,
    ImportResult,
    ImportTouchedError,
    NothingToUndoError,
    PlanOutdatedError,
    Progress,
)

if TYPE_CHECKING:
    from bot.usecases.importing import ImportPreview
    from storage.files.options import ReadOptions


def handle_file(call: Call) -> Reply:
    """Show what a file would change."""
    from storage.files.options import ReadOptions

    options = ReadOptions(currency=call.words.currency)
    return Errand(run=lambda talk: _preview(call, talk, call.text, options))


def handle_import_answer(call: Call) -> Reply:
    """Read the file again with an answer to a question."""
    if call.text.count(":") < 2:
        raise OutdatedError
    token, kind, choice = call.text.split(":", 2)
    try:
        preview = _take(call, token)
    except (PreviewExpiredError, NotYourPreviewError) as error:
        return _refused(error, call)
    options = import_message.with_answer(preview.options, kind, choice)
    return Errand(run=lambda talk: _preview(call, talk, preview.file_id, options))


def handle_import(call: Call) -> Reply:
    """Import what a preview showed."""
    try:
        preview = _take(call, call.text)
    except (PreviewExpiredError, NotYourPreviewError) as error:
        return _refused(error, call)
    return Errand(run=lambda talk: _import(call, talk, preview))


def handle_import_drop(call: Call) -> Reply:
    """Leave everything as it is."""
    try:
        _take(call, call.text)
    except (PreviewExpiredError, NotYourPreviewError) as error:
        return _refused(error, call)
    return Errand(run=lambda talk: talk.show(call.words.say("Nothing was changed.")))


def handle_import_undo(call: Call) -> Reply:
    """Take an import back, if it is the last one and the caller's own."""
    import_id = whole(call.text)
    return Errand(run=lambda talk: _undo(call, talk, import_id))


def _take(call: Call, token: str) -> Preview:
    return call.runtime.previews.take(
        token, firm_id=call.firm_id, member_id=call.member.member_id, now=call.runtime.now()
    )


def _refused(error: Exception, call: Call) -> Say:
    if isinstance(error, NotYourPreviewError):
        return Say(text=import_message.not_yours(call.words))
    return Say(text=import_message.expired(call.words))


def _preview(call: Call, talk: Conversation, file_id: str, options: "ReadOptions") -> None:
    words = call.words
    talk.show(words.say("Reading the file …"))
    try:
        file, found = _read(call, talk, file_id, options)
    except FileRefusedError as error:
        talk.show(import_message.file_refused(error.problem, error.limit, words))
        return
    _show(call, talk, file, file_id, options, found)


def _read(
    call: Call, talk: Conversation, file_id: str, options: "ReadOptions"
) -> "tuple[SharedFile, ImportPreview]":
    """Fetch a file and say what it would change. Raises FileRefusedError."""
    from bot.usecases.importing import preview_file
    from storage.files.options import SLACK_LIMITS

    file = talk.take(file_id, limit=SLACK_LIMITS.file_bytes)
    member = _still(call)
    with call.runtime.store.read(call.firm_id) as session:
        reach = advisors_within(member, Action.IMPORT, list_members(session))
    own = next(iter(reach)) if len(reach) == 1 else None
    found = preview_file(
        file.data,
        firm_id=call.firm_id,
        runtime=call.runtime,
        today=call.today,
        options=options,
        limits=SLACK_LIMITS,
        advisors_allowed=reach,
        default_advisor=own,
        progress=_progress(call, talk, call.words.say("Reading the file …")),
    )
    return file, found


def _show(
    call: Call,
    talk: Conversation,
    file: SharedFile,
    file_id: str,
    options: "ReadOptions",
    found: "ImportPreview",
) -> None:
    """Show a preview with its buttons, and send the refused rows as a file."""
    plan = found.plan
    token = call.runtime.previews.remember(
        Preview(
            firm_id=call.firm_id,
            member_id=call.member.member_id,
            file_id=file_id,
            options=options,
            shown_at=call.runtime.now(),
            digest=plan.digest if plan else None,
        )
    )
    with call.runtime.store.read(call.firm_id) as session:
        advisors = {each.member_id: each.name for each in list_members(session)}
    sees_clients = may(call.member, Action.SEE_CLIENT)
    if plan is not None and not sees_clients:
        plan = import_message.counted(plan)
    message = import_message.preview(
        found.file,
        plan,
        call.words,
        file_name=file.name,
        advisors=advisors,
        zone=call.zone,
        token=token,
        newcomers=found.newcomers if sees_clients else None,
    )
    note_said(message.blocks, _named(call, plan), call, Place.DIRECT)
    talk.show(message.text, message.blocks)
    if plan and plan.refused_rows:
        _send_refused(call, talk, file, options, found)


def _named(call: Call, plan: ImportPlan | None) -> frozenset[int]:
    """Return the ids of the clients whose figures a preview shows."""
    listed = (plan.changed, plan.not_in_file) if plan else ()
    numbers = [change.external_id for each in listed for change in each.first]
    with call.runtime.store.read(call.firm_id) as session:
        found = (client_numbered(session, each) for each in numbers)
        return frozenset(each[0] for each in found if each is not None)


def _send_refused(
    call: Call,
    talk: Conversation,
    file: SharedFile,
    options: "ReadOptions",
    found: "ImportPreview",
) -> None:
    from bot.views.refused_rows import refused_rows_csv
    from storage.files.book_file import cells_of
    from storage.files.options import SLACK_LIMITS

    words = call.words
    problems = import_message.told_problems(found.file, found.plan, words)
    if not problems:
        return
    rows = {each["row"] for each in problems}
    headings, cells = cells_of(file.data, rows, options=options, limits=SLACK_LIMITS)
    content = refused_rows_csv(problems, headings, cells, words, separator=found.file.separator)
    talk.send(
        words.say("refused-rows.csv"),
        content,
        words.say("The refused rows, each with its reason. Correct them and put the file here."),
    )


def _import(call: Call, talk: Conversation, preview: Preview) -> None:
    from bot.usecases.importing import keep

    words = call.words
    talk.show(words.say("Importing …"))
    try:
        file, found = _read(call, talk, preview.file_id, preview.options)
    except FileRefusedError as error:
        talk.show(import_message.file_refused(error.problem, error.limit, words))
        return
    plan = found.plan
    if plan is None or plan.digest != preview.digest:
        _show_again(call, talk, file, preview, found, because=import_message.outdated(words))
        return
    try:
        result = keep(
            plan,
            file_name=import_message.kept_name(file.name),
            firm_id=call.firm_id,
            runtime=call.runtime,
            by=call.member.name,
            good_rows_only=plan.refused_rows > 0,
            accept_implausible=plan.looks_implausible,
            progress=_progress(call, talk, words.say("Importing …")),
        )
    except (PlanOutdatedError, ImportRefusedError):
        file, found = _read(call, talk, preview.file_id, preview.options)
        _show_again(call, talk, file, preview, found, because=import_message.outdated(words))
        return
    except OperationalError:
        _show_again(call, talk, file, preview, found, because=notices.busy(words))
        return
    remarks = _place(call, talk, result)
    message = import_message.imported(
        result,
        words,
        file_name=file.name,
        zone=call.zone,
        refused_rows=plan.refused_rows,
        remarks=remarks,
    )
    talk.show(message.text, message.blocks)


def _show_again(
    call: Call,
    talk: Conversation,
    file: SharedFile,
    preview: Preview,
    found: "ImportPreview",
    *,
    because: str,
) -> None:
    """Say why an import was not done, and show what it would do now."""
    talk.show(because)
    fresh = replace(talk, ts=None)
    _show(call, fresh, file, preview.file_id, preview.options, found)


def _place(call: Call, talk: Conversation, result: ImportResult) -> list[str]:
    """Note who is placed elsewhere now; what was imported stands, whatever happens here."""
    from bot.usecases.importing import place_touched

    words = call.words
    try:
        place_touched(
            result,
            firm_id=call.firm_id,
            runtime=call.runtime,
            today=call.today,
            progress=_progress(call, talk, words.say("Placing clients …")),
        )
    except (OperationalError, RulesChangedMeanwhileError):
        return [words.say("Who moved could not be noted just now.")]
    return []


def _undo(call: Call, talk: Conversation, import_id: int) -> None:
    from bot.usecases.importing import imported_by, undo_last
    from bot.views import import_report

    words = call.words
    _still(call)
    if imported_by(import_id, firm_id=call.firm_id, runtime=call.runtime) != call.member.name:
        talk.show(import_message.not_yours(words))
        return
    talk.show(words.say("Taking the import back …"))
    try:
        run = undo_last(
            firm_id=call.firm_id, runtime=call.runtime, by=call.member.name, import_id=import_id
        )
        sentence = import_report.undone(run, words, zone=call.zone)
    except NothingToUndoError:
        sentence = words.say("There is no import that could be taken back; only the last one can.")
    except ImportTouchedError as error:
        sentence = import_report.touched(error, words)
    except OperationalError:
        sentence = notices.busy(words)
    talk.show(import_message.shown(sentence))


def _still(call: Call) -> Member:
    """Return the caller as of now: an errand may have waited for others while a role changed.

    Raises NotAllowedError.
    """
    member = member_now(call.firm_id, call.member, call.runtime)
    demand(member, Action.IMPORT)
    return member


def _progress(call: Call, talk: Conversation, doing: str) -> Progress:
    words = call.words

    def told(done: int, total: int) -> None:
        rows = words.say("{done} of {total}", done=words.number(done), total=words.number(total))
        talk.show_progress(f"{doing} {rows}")

    return told
