"""What a supervised firm keeps and gives out: the journal, all of a client, her erasure."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from bot.digests.nights import nights_missed
from bot.digests.status import count_overdue, life, status_values
from bot.reports import Asker, ClientLog, ErasedReport, ErasureReport, Looked, StatusReport
from bot.runtime import Runtime
from bot.usecases.lookup import find_one
from bot.usecases.recording import ClientGoneError
from domain.access import (
    Action,
    Member,
    NotAllowedError,
    Proviso,
    Scope,
    demand,
    may,
    needs_second_person,
    right_of,
)
from domain.calendar import add_months
from domain.errors import DomainError
from storage import erasing
from storage.clients import advisor_of, names_of
from storage.erased_list import keep_list
from storage.erasing import NotApprovedError
from storage.firms import firm_by_id, list_members
from storage.heads import noted_heads
from storage.journal import OPERATOR, Entry, Kept, Kind, by_member, ranges_of
from storage.leaving import firm_tables
from storage.retention import Records, terms_of
from storage.sealing import Verdict, verify
from storage.tables import ClientRow, DeliveryRow, ErasureRow

NAMED_AT_MOST = 20
NEWEST = 15
"""So many entries on a client are shown one by one."""
Unsay = Callable[[Sequence[tuple[str, str]]], tuple[int, int]]
"""Deletes messages in Slack, by channel and time stamp; says how many are gone and how many not."""


class WhichClientError(DomainError):
    """Nobody, or several clients, fit what was typed."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(names)
        self.names = names


class AlreadyErasedError(DomainError):
    """The client was erased before."""

    def __init__(self, record: ErasureRow) -> None:
        super().__init__(record.client_id)
        self.record = record


class ReasonMissingError(DomainError):
    """Who declines what somebody asked for says why."""


class NamedInReasonError(DomainError):
    """A reason that names the client would keep the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """An entry of the journal with the names that its ids have now, where they may be shown."""

    kept: Kept
    who: str
    clients: tuple[str, ...]


def log_of(
    firm_id: int,
    runtime: Runtime,
    *,
    reader: Member | None = None,
    client_id: int | None = None,
    person: Member | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[LogLine]:
    """Read the journal with a member's rights, or the operator's. Raises NotAllowedError."""
    ids_only = False
    if reader is not None:
        demand(reader, Action.SEE_LOG)
        ids_only = right_of(reader, Action.SEE_LOG).proviso is Proviso.IDS_ONLY
    with runtime.store.read(firm_id) as session:
        people = {by_member(each.member_id): each for each in list_members(session)}
        names = {} if ids_only else names_of(session, _all_ids(session))
    actors = _readable(reader, people)
    for kept in runtime.journal.entries(firm_id, since=since):
        if until is not None and kept.instant >= until:
            return
        if actors is not None and kept.actor not in actors:
            continue
        if person is not None and kept.actor != by_member(person.member_id):
            continue
        if client_id is not None and not kept.names_client(client_id):
            continue
        known = people.get(kept.actor)
        who = known.name if known and not ids_only else kept.actor
        yield LogLine(kept=kept, who=who, clients=_clients(kept, names))


def verify_log(firm_id: int, runtime: Runtime, *, noted: dict[int, str] | None = None) -> Verdict:
    """Verify the journal against the heads in the store and those that somebody wrote down."""
    with runtime.store.read(firm_id) as session:
        heads = noted_heads(session)
    return verify(runtime.journal, firm_id, {**heads, **(noted or {})})


def looked_at(client_id: int, firm_id: int, runtime: Runtime, *, reader: Member) -> ClientLog:
    """Tell who saw or changed a client how often, as far as the reader may know.

    Raises NotAllowedError.
    """
    kinds: dict[str, Counter[str]] = {}
    last: dict[str, datetime] = {}
    newest: deque[LogLine] = deque(maxlen=NEWEST)
    for line in log_of(firm_id, runtime, reader=reader, client_id=client_id):
        kinds.setdefault(line.who, Counter())[line.kept.kind] += 1
        last[line.who] = line.kept.instant
        newest.append(line)
    people = [Looked(who=who, kinds=kinds[who], last=last[who]) for who in kinds]
    with runtime.store.read(firm_id) as session:
        name = names_of(session, [client_id]).get(client_id)
    ids_only = right_of(reader, Action.SEE_LOG).proviso is Proviso.IDS_ONLY
    return ClientLog(
        client_id=client_id,
        name=None if ids_only else name,
        people=tuple(sorted(people, key=lambda each: each.last, reverse=True)),
        newest=tuple(
            (each.kept.instant, each.who, each.kept.kind, each.kept.what)
            for each in reversed(newest)
        ),
    )


def client_meant(query: str, asker: Asker, runtime: Runtime) -> tuple[int, str]:
    """Return id and name of the one client who is meant, by name, number or ``#id``.

    Raises WhichClientError, and AlreadyErasedError for one who was erased.
    """
    with runtime.store.read(asker.firm_id) as session:
        by_id = int(query[1:]) if query[:1] == "#" and query[1:].isdecimal() else None
        gone = erasing.erased_as(session, query) if by_id is None else None
        record = gone or (erasing.erasure_of(session, by_id) if by_id is not None else None)
        if record is not None and record.erased_at is not None:
            raise AlreadyErasedError(record)
        named = names_of(session, [by_id], asker.reach) if by_id is not None else {}
    found = list(named.items()) or find_one(query, asker, runtime)
    if len(found) != 1:
        raise WhichClientError([name for _, name in found])
    return found[0]


def everything_of(
    client_id: int, firm_id: int, runtime: Runtime, *, asker: Asker | None = None
) -> dict[str, Any]:
    """Return all that is stored of a client: each row by table, and who saw or changed what.

    Without an asker it is the operator's; a member gets it of the own clients, with as much of the
    journal as the role shows. Raises NotAllowedError, ClientGoneError.
    """
    member = asker.member if asker else None
    if member is not None and needs_second_person(member, Action.EXPORT):
        raise NotAllowedError(member, Action.EXPORT)
    if asker is not None:
        _check_reached(client_id, asker, runtime)
    actor = by_member(member.member_id) if member else OPERATOR
    entry = Entry(kind=Kind.EXPORT, actor=actor, what="export client", client_ids=(client_id,))
    runtime.note(firm_id, entry)
    with runtime.store.read(firm_id) as session:
        rows: dict[str, list[dict[str, Any]]] = {}
        client = session.exec(select(ClientRow).where(ClientRow.id == client_id)).one()
        rows["client"] = [client.model_dump(mode="json")]
        for table in firm_tables():
            if "client_id" in table.c:
                hers = table.select().where(
                    table.c.client_id == client_id, table.c.firm_id == firm_id
                )
                found = session.connection().execute(hers).mappings()
                rows[table.name] = [_plain(each) for each in found]
        rows["delivery"] = [
            each.model_dump(mode="json", exclude={"body"})  # it may name other clients
            for each in session.exec(select(DeliveryRow))
            if client_id in (each.body or {}).get("about", ())
        ]
    log = [
        {"at": each.kept.at, "who": each.who, "kind": each.kept.kind, "what": each.kept.what}
        for each in log_of(firm_id, runtime, reader=member, client_id=client_id)
    ]
    return {
        "as_of": runtime.now().isoformat(),
        "stored": {name: found for name, found in rows.items() if found},
        "journal": log,
    }


def request_erasure(client_id: int, asker: Asker, runtime: Runtime, *, reason: str) -> ErasureRow:
    """Ask for a client of the own book to be erased.

    `asker` is a member with the books for that. Raises ClientGoneError, NamedInReasonError.
    """
    if asker.member is None:
        raise ValueError("a member asks for an erasure")
    _check_reached(client_id, asker, runtime)
    with runtime.store.write(asker.firm_id) as session:
        names = names_of(session, [client_id]).values()
        if erasing.reason_names(reason, names):
            raise NamedInReasonError
        by = by_member(asker.member.member_id)
        row = erasing.ask_to_erase(session, client_id, by=by, reason=reason, at=runtime.now())
        session.refresh(row)
        session.expunge(row)
        return row


def erasures_of(firm_id: int, runtime: Runtime, *, reader: Member) -> tuple[ErasureReport, ...]:
    """List erasures that were asked for, what waits before what is done; no client is named.

    Raises NotAllowedError.
    """
    demand(reader, Action.SEE_LOG)
    with runtime.store.read(firm_id) as session:
        people = {by_member(each.member_id): each for each in list_members(session)}
        rows = session.exec(select(ErasureRow).order_by(col(ErasureRow.requested_at).desc())).all()
    actors = _readable(reader, people)
    found = [
        _erasure(each, people) for each in rows if actors is None or each.requested_by in actors
    ]
    return tuple(sorted(found, key=lambda each: not each.waits))


def erasure_asked(client_id: int, firm_id: int, runtime: Runtime) -> ErasureReport:
    """Return what was asked for of a client, with the reason. Raises NotApprovedError."""
    found = erasure_of(client_id, firm_id, runtime)
    if found is None or found.ended_at is not None:
        raise NotApprovedError
    return found


def erasure_of(client_id: int, firm_id: int, runtime: Runtime) -> ErasureReport | None:
    """Return how a client's erasure stands, with the reason of who asked or ended it."""
    with runtime.store.read(firm_id) as session:
        row = erasing.erasure_of(session, client_id)
        people = {by_member(each.member_id): each for each in list_members(session)}
    if row is None:
        return None
    reasons = (
        each.reason
        for each in runtime.journal.entries(firm_id, since=row.ended_at or row.requested_at)
        if each.kind == Kind.ERASE and each.names_client(client_id)
    )
    return _erasure(row, people, reason=next((each for each in reasons if each), None))


def end_erasure(
    client_id: int, firm_id: int, runtime: Runtime, *, member: Member, reason: str = ""
) -> None:
    """Withdraw what the member asked for; or decline it, with a reason, for who approves.

    Raises NotAllowedError, NotApprovedError, ErasedAlreadyError, ReasonMissingError and
    NamedInReasonError.
    """
    by = by_member(member.member_id)
    with runtime.store.write(firm_id) as session:
        is_own = erasing.asked(session, client_id).requested_by == by
        if not (is_own and may(member, Action.REQUEST_ERASURE)):
            demand(member, Action.APPROVE_ERASURE)
            if not reason:
                raise ReasonMissingError
        if erasing.reason_names(reason, names_of(session, [client_id]).values()):
            raise NamedInReasonError
        erasing.end(session, client_id, by=by, reason=reason, at=runtime.now())


def approve_erasure(client_id: int, firm_id: int, runtime: Runtime, *, member: Member) -> None:
    """Approve a client's erasure. Raises NotAllowedError, NotApprovedError, SamePersonError."""
    demand(member, Action.APPROVE_ERASURE)
    with runtime.store.write(firm_id) as session:
        erasing.approve(session, client_id, by=by_member(member.member_id), at=runtime.now())


def erasure_waits(client_id: int, firm_id: int, runtime: Runtime) -> bool:
    """Tell whether a client's erasure was asked for, and not yet done or ended."""
    with runtime.store.read(firm_id) as session:
        row = erasing.erasure_of(session, client_id)
        return row is not None and row.erased_at is None and row.ended_at is None


def is_approved(client_id: int, firm_id: int, runtime: Runtime) -> bool:
    """Tell whether a client may be erased."""
    with runtime.store.read(firm_id) as session:
        row = erasing.erasure_of(session, client_id)
        return row is not None and row.approved_at is not None and row.ended_at is None


def said_in_slack(client_id: int, firm_id: int, runtime: Runtime) -> list[tuple[str, str]]:
    """Return channel and time stamp of our messages that named a client."""
    named = {
        (each.actor, each.what, each.fields)
        for each in runtime.journal.entries(firm_id)
        if each.kind == Kind.MESSAGE and each.names_client(client_id)
    }
    with runtime.store.read(firm_id) as session:
        sent = session.exec(select(DeliveryRow)).all()
    return [
        (each.channel, each.ts)
        for each in sent
        if each.channel
        and each.ts
        and (by_member(each.member_id or 0), each.kind, each.period) in named
    ]


def exports_with(client_id: int, firm_id: int, runtime: Runtime) -> list[Kept]:
    """Return the exports that hold a client: files that only people can delete."""
    return [
        each
        for each in runtime.journal.entries(firm_id)
        if each.kind == Kind.EXPORT and each.names_client(client_id)
    ]


def erase_client(
    client_id: int, firm_id: int, runtime: Runtime, *, today: date, unsay: Unsay
) -> ErasedReport:
    """Erase a client here and in our messages. Raises NotApprovedError."""
    said = said_in_slack(client_id, firm_id, runtime)
    files = exports_with(client_id, firm_id, runtime)
    with runtime.store.read(firm_id) as session:
        months = terms_of(session)[Records.ERASED]
    purge_on = add_months(today, months)
    done = erasing.erase(runtime.store, firm_id, client_id, at=runtime.now(), purge_on=purge_on)
    if (listed := runtime.settings.erased_list) is not None:
        keep_list(runtime.store, listed)
    gone, left = unsay(said)
    return ErasedReport(
        asked=erasure_asked(client_id, firm_id, runtime),
        counts=done.record.counts,
        kept_until=done.record.purge_on,
        is_clean=done.is_clean,
        messages_gone=gone,
        messages_left=left,
        exports=tuple((each.instant, each.what) for each in files),
    )


def status_of(firm_id: int, runtime: Runtime) -> StatusReport:
    """Count what waits and why, and tell since when the book is placed."""
    waiting = Counter(
        (each["kind"], each["state"], each["reason"] or "")
        for each in status_values(firm_id, runtime)
    )
    with runtime.store.read(firm_id) as session:
        firm, now = firm_by_id(session, firm_id), runtime.shared_now(session)
        session.expunge(firm)
    return StatusReport(
        waiting=tuple((*key, count) for key, count in waiting.items()),
        overdue=count_overdue(runtime, firm_id),
        placed_on=firm.placed_on,
        nights_missed=nights_missed(firm, now=now, has_run=life(runtime).seen_at is not None),
        head=runtime.journal.head(firm_id).seq,
    )


def _check_reached(client_id: int, asker: Asker, runtime: Runtime) -> None:
    with runtime.store.read(asker.firm_id) as session:
        if advisor_of(session, client_id) not in asker.reach:
            raise ClientGoneError(client_id)


def _erasure(
    row: ErasureRow, people: dict[str, Member], *, reason: str | None = None
) -> ErasureReport:
    def named(actor: str | None) -> str | None:
        return people[actor].name if actor in people else actor

    return ErasureReport(
        client_id=row.client_id,
        asked_by_id=people[row.requested_by].member_id if row.requested_by in people else None,
        requested_by=named(row.requested_by) or "",
        requested_at=row.requested_at,
        reason=reason,
        approved_by=named(row.approved_by),
        approved_at=row.approved_at,
        erased_at=row.erased_at,
        proof=row.proof,
        ended_by=named(row.ended_by),
        ended_at=row.ended_at,
        is_withdrawn=row.ended_by == row.requested_by,
    )


def _readable(reader: Member | None, people: dict[str, Member]) -> set[str] | None:
    """Return whose entries a member may read; None: everybody's."""
    if reader is None:
        return None
    match right_of(reader, Action.SEE_LOG).scope:
        case Scope.FIRM:
            return None
        case Scope.TEAM:
            return {actor for actor, each in people.items() if each.team == reader.team}
        case _:
            return {by_member(reader.member_id)}


def _clients(kept: Kept, names: dict[int, str]) -> tuple[str, ...]:
    """Return the clients of an entry, the first ones by name and the rest as a number."""
    spans = list(ranges_of(kept.client_ids))
    first: list[str] = []
    for span in spans:
        for each in span[: NAMED_AT_MOST - len(first)]:
            first.append(names.get(each, f"#{each}"))
    more = sum(map(len, spans)) - len(first)
    return (*first, f"+{more}") if more else tuple(first)


def _all_ids(session: Any) -> list[int]:
    return list(session.exec(select(ClientRow.id)))


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
    }
