"""`tierwise log | export | erase | retention | backup | restore`: what a supervised firm keeps."""

import csv
import json
import os
import sys
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from bot.runtime import Runtime
from domain.access import Action, NotAllowedError, demand
from domain.calendar import local_instant
from storage.erasing import ErasedAlreadyError, NotApprovedError, SamePersonError
from storage.retention import LEAST, MOST, Records, TermError

if TYPE_CHECKING:
    from bot.cli import Host
    from bot.usecases.records import LogLine
    from storage.tables import FirmRow

console = Console(highlight=False)
REFUSED = 1
USAGE_ERROR = 2

log_app = typer.Typer(no_args_is_help=True, help="Who saw, changed, decided and was told what.")
export_app = typer.Typer(no_args_is_help=True, help="Files for people; only you can read them.")
retention_app = typer.Typer(no_args_is_help=True, help="How long records are kept.")
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
As = Annotated[str | None, typer.Option("--as", help="Read with this member's rights.")]
OfClient = Annotated[str | None, typer.Option("--client", help="Name, number or #id.")]
OfPerson = Annotated[str | None, typer.Option("--person", help="Key of the member who acted.")]
Since = Annotated[str | None, typer.Option(help="First day, such as 2026-11-01.")]
Until = Annotated[str | None, typer.Option(help="Last day.")]


class LogFormat(StrEnum):
    """How the journal is written into a file."""

    JSONL = "jsonl"
    CSV = "csv"


class BookFormat(StrEnum):
    """How a book is written into a file."""

    CSV = "csv"
    XLSX = "xlsx"


@log_app.command("show")
def log_show_command(
    context: typer.Context,
    reader: As = None,
    client: OfClient = None,
    person: OfPerson = None,
    since: Since = None,
    until: Until = None,
    last: Annotated[int, typer.Option(help="So many of the newest.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries: your own, your team's or all, as the rights say."""
    from collections import deque

    runtime, firm = _open(context)
    lines = deque(_lines(runtime, firm, reader, client, person, since, until), maxlen=last)
    if as_json:
        _json([_values(each) for each in lines])
        return
    for each in lines:
        _say(_sentence(each, ZoneInfo(firm.zone)))
    if not lines:
        _say("No entry.")


@log_app.command("export")
def log_export_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to; it must not exist yet.")],
    form: Annotated[LogFormat, typer.Option("--format")] = LogFormat.JSONL,
    reader: As = None,
    client: OfClient = None,
    person: OfPerson = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write entries into a file, each with its seal; the end of the journal is said."""
    from bot.views.safe_files import inert

    runtime, firm = _open(context)
    count = 0
    with _new_file(file) as out:
        table = csv.writer(out)
        for line in _lines(runtime, firm, reader, client, person, since, until):
            values = _values(line) | {"prev_hash": line.kept.prev_hash, "hash": line.kept.hash}
            if form is LogFormat.JSONL:
                out.write(json.dumps(values, ensure_ascii=False) + "\n")
            else:
                if not count:
                    table.writerow(values)
                table.writerow([inert(str(each)) for each in values.values()])
            count += 1
    head = runtime.journal.head(_id(firm))
    _say(f"{count} entries are in {file}. The journal ends with {head.seq}:{head.hash}")


@log_app.command("verify")
def log_verify_command(
    context: typer.Context,
    head: Annotated[
        list[str] | None, typer.Option(help="NUMBER:HASH that you wrote down. Repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compute every seal anew: a changed, removed or cut-off entry is found."""
    from bot.usecases.records import verify_log

    runtime, firm = _open(context)
    found = verify_log(_id(firm), runtime, noted=_heads(head or []))
    values = {
        "entries": found.entries,
        "whole": found.is_whole,
        "head": f"{found.head.seq}:{found.head.hash}",
        "flaws": [{"entry": seq, "flaw": flaw.value} for seq, flaw in found.flaws],
    }
    if as_json:
        _json(values)
    elif found.is_whole:
        _say(f"{found.entries} entries, all as they were written. The end: {values['head']}")
    else:
        for seq, flaw in found.flaws:
            _say(f"Entry {seq}: {flaw.value.replace('_', ' ')}")
    if not found.is_whole:
        _fail("The journal is not as it was written. Keep it, and compare it with a backup.",
              code=REFUSED)  # fmt: skip


@export_app.command("client")
def export_client_command(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="Name, number or #id.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder for the two files.")] = Path(),
) -> None:
    """Write everything that is stored of one client: as JSON, and as a text to read."""
    from bot.usecases.firms import operator
    from bot.usecases.records import client_meant, everything_of
    from bot.views.safe_files import readable

    runtime, firm = _open(context)
    client_id, name = client_meant(client, operator(_id(firm), runtime), runtime)
    paths = [folder / f"client-{client_id}.{kind}" for kind in ("json", "txt")]
    for path in paths:
        _refuse_existing(path)
    values = everything_of(client_id, _id(firm), runtime)
    for path, text in zip(
        paths, (json.dumps(values, ensure_ascii=False, indent=1), readable(values)), strict=True
    ):
        with _new_file(path) as out:
            out.write(text)
    _say(f"All that is stored of {name} is in {paths[0]} and {paths[1]}.")


@export_app.command("book")
def export_book_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to; it must not exist yet.")],
    advisor: Annotated[str | None, typer.Option(help="Only this member's book.")] = None,
    form: Annotated[BookFormat | None, typer.Option("--format", help="Else by the name.")] = None,
) -> None:
    """Write clients and figures as a list that `tierwise import` reads back."""
    from bot.usecases.exporting import book_rows
    from bot.views.safe_files import csv_of, xlsx_of

    runtime, firm = _open(context)
    _refuse_existing(file)
    rows = book_rows(_id(firm), runtime, advisor=advisor, today=_today(runtime, firm))
    chosen = form or BookFormat(file.suffix.removeprefix(".") or "csv")
    with _new_file(file, binary=True) as out:
        out.write(xlsx_of(rows) if chosen is BookFormat.XLSX else csv_of(rows))
    _say(f"{len(rows) - 1} clients are in {file}.")


def erase_command(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="Name, number or #id.")],
    by: Annotated[str | None, typer.Option(help="Member who asks for it.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, without the client's name.")] = None,
    approve: Annotated[
        str | None, typer.Option(help="Member who approves; another one than who asks.")
    ] = None,
    withdraw: Annotated[
        str | None,
        typer.Option(help="Member who withdraws it: who asked, or with --reason compliance."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The whole name, typed to confirm.")] = None,
) -> None:
    """Erase a client: ask (--by, --reason), have it approved (--approve), then confirm (--name)."""
    from bot.usecases import records
    from bot.usecases.firms import find_member, member_asker, operator

    runtime, firm = _open(context)
    client_id, called = records.client_meant(client, operator(_id(firm), runtime), runtime)
    if by is not None:
        if not reason:
            _fail("Say why: --reason")
        member = find_member(_id(firm), by, runtime)
        demand(member, Action.REQUEST_ERASURE)
        asker = member_asker(_id(firm), member, runtime, action=Action.REQUEST_ERASURE)
        records.request_erasure(client_id, asker, runtime, reason=reason)
        _say(f"Asked for. Now somebody of compliance: tierwise erase #{client_id} --approve KEY")
    if approve is not None:
        member = find_member(_id(firm), approve, runtime)
        records.approve_erasure(client_id, _id(firm), runtime, member=member)
        _say(f"Approved. Now: tierwise erase #{client_id}")
    if withdraw is not None:
        member = find_member(_id(firm), withdraw, runtime)
        records.end_erasure(client_id, _id(firm), runtime, member=member, reason=reason or "")
        _say("Withdrawn. Nothing was changed.")
    if by is not None or approve is not None or withdraw is not None:
        return
    if not records.is_approved(client_id, _id(firm), runtime):
        raise NotApprovedError
    typed = name if name is not None else typer.prompt("The client's whole name, to confirm")
    if typed.strip() != called:
        _fail("That is not the client's name. Nothing was changed.", code=REFUSED)
    _erase(runtime, firm, client_id)


def _erase(runtime: Runtime, firm: "FirmRow", client_id: int) -> None:
    from bot.unsaying import client_of, unsay
    from bot.usecases import records

    done = records.erase_client(
        client_id,
        _id(firm),
        runtime,
        today=_today(runtime, firm),
        unsay=lambda said: unsay(client_of(firm, runtime) if said else None, said),
    )
    asked = done.asked
    _json(
        {
            "client": f"#{client_id}",
            "erased_at": asked.erased_at.isoformat() if asked.erased_at else None,
            "requested_by": asked.requested_by,
            "approved_by": asked.approved_by,
            "rows": dict(done.counts),
            "kept_without_name_until": done.kept_until.isoformat() if done.kept_until else None,
            "messages_deleted_in_slack": done.messages_gone,
            "messages_left_in_slack": done.messages_left,
            "exports_that_hold_her": [f"{at.isoformat()} {what}" for at, what in done.exports],
            "proof": asked.proof,
        }
    )
    if not done.is_clean:
        _fail(
            "The name is gone from all rows, but others kept the files open: it may lie in free "
            "pages. Stop the program and run: tierwise backup, then tierwise restore --replace",
            code=REFUSED,
        )


@retention_app.command("show")
def retention_show_command(context: typer.Context, as_json: AsJson = False) -> None:
    """List the terms in months."""
    from storage.retention import terms_of

    runtime, firm = _open(context)
    with runtime.store.read(_id(firm)) as session:
        terms = terms_of(session)
    if as_json:
        _json({kind.value: months for kind, months in terms.items()})
        return
    for kind, months in terms.items():
        _say(f"{kind.value}: {months} months")


@retention_app.command("set")
def retention_set_command(
    context: typer.Context,
    kind: Annotated[Records, typer.Argument()],
    months: Annotated[int, typer.Argument(help="From 1 to 180.")],
) -> None:
    """Set a term; what is older goes in the following night."""
    from storage.journal import Kind
    from storage.retention import set_term
    from storage.store import note_change

    runtime, firm = _open(context)
    with runtime.store.write(_id(firm)) as session:
        set_term(session, kind, months)
        fields = [kind.value, f"{months} months"]
        note_change(session, fields, at=runtime.now(), kind=Kind.CHANGE, what="retention")
    _say(f"{kind.value}: {months} months")


def backup_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to; it must not exist yet.")],
) -> None:
    """Back up store and journal into one file, while the program runs."""
    from storage.backup import BackupError, back_up

    runtime = _host(context).runtime()
    try:
        about = back_up(runtime.store, file, at=runtime.now())
    except BackupError as error:
        _fail(str(error), code=REFUSED)
    _say(f"{file} holds version {about.schema}. Keep it as safe as the store itself.")
    for firm_id, (seq, hash_) in about.heads.items():
        _say(f"The journal of firm {firm_id} ends with {seq}:{hash_}")


def restore_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `tierwise backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Keep the present store aside.")
    ] = False,
) -> None:
    """Put a backup in place, after checking it; the program must be stopped."""
    from bot.runtime import system_clock
    from storage.backup import BackupError, restore
    from storage.migrate import newest_version

    settings = _host(context).settings
    address, listed = settings.database_url, settings.erased_list
    _keep_list(address, listed)
    try:
        about, aside = restore(file, address, replace=replace, at=system_clock())
    except BackupError as error:
        _fail(str(error), code=REFUSED)
    _say(f"Restored as of {about.made_at}, version {about.schema}. Run: tierwise migrate")
    if aside is not None:
        _say(f"The store that was here is now {aside}.")
    if about.schema != newest_version() and listed is not None and listed.exists():
        _say(f"That also erases again who is on the list {listed}.")
    else:
        erase_listed_again(address, listed)


def erase_listed_again(address: str, listed: Path | None) -> None:
    """Erase again whom a restored store has back, or say that it cannot be known."""
    from bot.runtime import system_clock
    from storage.erased_list import erase_listed
    from storage.store import open_store

    if listed is None or not listed.exists():
        where = f" is not at {listed}" if listed else " has no place: set TIERWISE_ERASED_LIST"
        _say(f"The list of erased clients{where}. Who was erased after the backup is back:")
        _say("put the list there and run tierwise migrate, or erase them again.")
        return
    store = open_store(address)
    try:
        found = erase_listed(store, listed, at=system_clock())
    finally:
        store.close()
    _say(f"Clients erased again by the list {listed}: {found.erased}")
    if found.doubtful:
        ids = ", ".join(f"#{each}" for each in found.doubtful)
        _say(f"On the list, but not recognised by name or number: {ids}. Look at them yourself.")


def _keep_list(address: str, listed: Path | None) -> None:
    """Complete the list by what the present store knows, if it can be read."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from storage.erased_list import keep_list
    from storage.migrate import StoreVersionError, check_version
    from storage.store import open_store

    url = make_url(address)
    is_new = url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()
    if listed is None or is_new:
        return
    store = open_store(address)
    try:
        check_version(store)
        keep_list(store, listed)
    except (SQLAlchemyError, StoreVersionError):
        return  # damaged or older, which is why a backup is restored
    finally:
        store.close()


def doctor_command(context: typer.Context, as_json: AsJson = False) -> None:
    """Look at files, secrets, store, journal, messages, clock and scopes; say what to do."""
    from bot.doctor import State, examine

    found = examine(_host(context).settings)
    if as_json:
        _json([asdict(each) for each in found])
    else:
        for each in found:
            _say(f"{each.state.value:<7} {each.name}: {each.said}")
    if any(each.state is State.FAIL for each in found):
        sys.exit(REFUSED)


def sentence_for(error: BaseException) -> str | None:
    """Say what whoever typed can correct; None: it is not about records."""
    from bot.usecases.recording import ClientGoneError
    from bot.usecases.records import (
        AlreadyErasedError,
        NamedInReasonError,
        ReasonMissingError,
        WhichClientError,
    )

    match error:
        case WhichClientError(names=[]):
            return "No client fits. Type the whole name, the number, or #id."
        case WhichClientError(names=several):
            return f"Several clients fit: {', '.join(several)}. Type the number, or #id."
        case AlreadyErasedError(record=record):
            erased = record.erased_at
            return f"This client was already erased on {erased:%Y-%m-%d %H:%M} (UTC)."
        case ClientGoneError():
            return "This client is not, or no longer, in this member's book."
        case NamedInReasonError():
            return "A reason that names the client would keep the name. Say it without."
        case ReasonMissingError():
            return "Say why: --reason"
        case ErasedAlreadyError():
            return "This client was already erased."
        case NotApprovedError():
            return "Nobody has approved this. First: --by KEY --reason …, then --approve KEY."
        case SamePersonError():
            return "Who asks for an erasure cannot approve it. Somebody else has to."
        case NotAllowedError():
            return f"{error.member.name} ({error.member.role}) may not do that."
        case TermError():
            return f"Say a number of months from {LEAST} to {MOST}."
    return None


def _lines(
    runtime: Runtime,
    firm: "FirmRow",
    reader: str | None,
    client: str | None,
    person: str | None,
    since: str | None,
    until: str | None,
) -> "Any":
    from bot.usecases.firms import find_member, operator
    from bot.usecases.records import AlreadyErasedError, client_meant, log_of

    zone, firm_id = ZoneInfo(firm.zone), _id(firm)
    client_id = None
    if client is not None:
        try:
            client_id = client_meant(client, operator(firm_id, runtime), runtime)[0]
        except AlreadyErasedError as error:
            client_id = error.record.client_id
    return log_of(
        firm_id,
        runtime,
        reader=find_member(firm_id, reader, runtime) if reader else None,
        client_id=client_id,
        person=find_member(firm_id, person, runtime) if person else None,
        since=_day(since, zone) if since else None,
        until=_day(until, zone, after=1) if until else None,
    )


def _values(line: "LogLine") -> dict[str, Any]:
    kept = asdict(line.kept)
    shown = ("seq", "at", "kind", "actor", "what", "client_ids", "fields", "place", "template")
    return {name: kept[name] for name in shown} | {
        "who": line.who,
        "clients": ", ".join(line.clients),
        "reason": line.kept.reason,
    }


def _sentence(line: "LogLine", zone: ZoneInfo) -> str:
    kept = line.kept
    parts = (
        f"{kept.instant.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        line.who,
        f"{kept.kind} {kept.what}".strip(),
        ", ".join(line.clients),
        kept.fields,
        kept.place,
        kept.reason or "",
    )
    return " · ".join(part for part in parts if part)


def _heads(typed: list[str]) -> dict[int, str]:
    pairs = [each.partition(":") for each in typed]
    if not all(number.isdecimal() and len(hash_) == 64 for number, _, hash_ in pairs):
        raise typer.BadParameter("Say NUMBER:HASH as it was printed.", param_hint="--head")
    return {int(number): hash_ for number, _, hash_ in pairs}


def _day(typed: str, zone: ZoneInfo, *, after: int = 0) -> datetime:
    try:
        day = date.fromisoformat(typed) + timedelta(days=after)
    except ValueError:
        _fail(f"“{typed}” is no day. Write it as 2026-11-24.")
    return local_instant(day, time(), zone)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        _fail(f"{path} exists already. Choose another name.", code=REFUSED)


def _new_file(path: Path, *, binary: bool = False) -> IO[Any]:
    """Open a file that only its owner may read; one that exists is never written over."""
    _refuse_existing(path)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    return (
        os.fdopen(handle, "wb") if binary else os.fdopen(handle, "w", encoding="utf-8", newline="")
    )


def _host(context: typer.Context) -> "Host":
    host: Host = context.obj
    return host


def _open(context: typer.Context) -> "tuple[Runtime, FirmRow]":
    host = _host(context)
    runtime = host.runtime()
    return runtime, host.firm(runtime)


def _today(runtime: Runtime, firm: "FirmRow") -> date:
    return runtime.today(ZoneInfo(firm.zone))


def _id(firm: "FirmRow") -> int:
    if firm.id is None:
        raise ValueError("a firm that was never saved has no id")
    return firm.id


def _say(sentence: str) -> None:
    console.print(sentence, markup=False, soft_wrap=True)


def _json(values: Any) -> None:
    console.print_json(json.dumps(values, ensure_ascii=False))


def _fail(sentence: str, *, code: int = USAGE_ERROR) -> NoReturn:
    Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)
    sys.exit(code)


def add_to(app: typer.Typer) -> None:
    """Give the terminal these commands."""
    app.add_typer(log_app, name="log")
    app.add_typer(export_app, name="export")
    app.add_typer(retention_app, name="retention")
    app.command("erase")(erase_command)
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)
    app.command("doctor")(doctor_command)
