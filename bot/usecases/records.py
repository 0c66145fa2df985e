"""What a supervised firm keeps and gives out: the journal, all of a client, her erasure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import select

from bot.runtime import Runtime
from bot.usecases.firms import operator
from bot.usecases.lookup import find_one
from domain.access import Action, Member, Proviso, Scope, demand, right_of
from domain.calendar import add_months
from domain.errors import DomainError
from storage import erasing
from storage.clients import names_of
from storage.erasing import Erased
from storage.firms import list_members
from storage.heads import noted_heads
from storage.journal import OPERATOR, Entry, Kept, Kind, by_member, ranges_of
from storage.leaving import firm_tables
from storage.retention import Records, terms_of
from storage.sealing import Verdict, verify
from storage.tables import ClientRow, DeliveryRow, ErasureRow

NAMED_AT_MOST = 20


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


def client_meant(query: str, firm_id: int, runtime: Runtime) -> tuple[int, str]:
    """Return id and name of the one client who is meant, by name, number or ``#id``.

    Raises WhichClientError, and AlreadyErasedError for one who was erased.
    """
    with runtime.store.read(firm_id) as session:
        by_id = int(query[1:]) if query[:1] == "#" and query[1:].isdecimal() else None
        gone = erasing.erased_as(session, query) if by_id is None else None
        record = gone or (erasing.erasure_of(session, by_id) if by_id is not None else None)
        if record is not None and record.erased_at is not None:
            raise AlreadyErasedError(record)
        named = names_of(session, [by_id]) if by_id is not None else {}
    found = list(named.items()) or find_one(query, operator(firm_id, runtime), runtime)
    if len(found) != 1:
        raise WhichClientError([name for _, name in found])
    return found[0]


def everything_of(client_id: int, firm_id: int, runtime: Runtime) -> dict[str, Any]:
    """Return all that is stored of a client: each row by table, and who saw or changed what."""
    runtime.note(
        firm_id,
        Entry(kind=Kind.EXPORT, actor=OPERATOR, what="export client", client_ids=(client_id,)),
    )
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
            each.model_dump(mode="json")
            for each in session.exec(select(DeliveryRow))
            if client_id in (each.body or {}).get("about", ())
        ]
    log = [
        {"at": each.kept.at, "who": each.who, "kind": each.kept.kind, "what": each.kept.what}
        for each in log_of(firm_id, runtime, client_id=client_id)
    ]
    return {
        "as_of": runtime.now().isoformat(),
        "stored": {name: found for name, found in rows.items() if found},
        "journal": log,
    }


def request_erasure(
    client_id: int, firm_id: int, runtime: Runtime, *, member: Member, reason: str
) -> ErasureRow:
    """Ask for a client to be erased. Raises NotAllowedError, NamedInReasonError."""
    demand(member, Action.REQUEST_ERASURE)
    with runtime.store.write(firm_id) as session:
        names = names_of(session, [client_id]).values()
        if erasing.reason_names(reason, names):
            raise NamedInReasonError
        asker = by_member(member.member_id)
        row = erasing.ask_to_erase(session, client_id, by=asker, reason=reason, at=runtime.now())
        session.refresh(row)
        session.expunge(row)
        return row


def approve_erasure(client_id: int, firm_id: int, runtime: Runtime, *, member: Member) -> None:
    """Approve a client's erasure. Raises NotAllowedError, NotApprovedError, SamePersonError."""
    demand(member, Action.APPROVE_ERASURE)
    with runtime.store.write(firm_id) as session:
        erasing.approve(session, client_id, by=by_member(member.member_id), at=runtime.now())


def is_approved(client_id: int, firm_id: int, runtime: Runtime) -> bool:
    """Tell whether a client may be erased."""
    with runtime.store.read(firm_id) as session:
        row = erasing.erasure_of(session, client_id)
        return row is not None and row.approved_at is not None


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


def erase_client(client_id: int, firm_id: int, runtime: Runtime, *, today: date) -> Erased:
    """Erase a client. Raises NotApprovedError."""
    with runtime.store.read(firm_id) as session:
        months = terms_of(session)[Records.ERASED]
    purge_on = add_months(today, months)
    return erasing.erase(runtime.store, firm_id, client_id, at=runtime.now(), purge_on=purge_on)


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
