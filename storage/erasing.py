"""Erasing a client: the name goes at once, what the law wants kept stays without it until its term.

A name is looked for in every text of the firm's rows, so that a note on somebody else does not keep
it. Who types the name again is told when it was erased: the record keeps a slow, salted hash of it.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import scrypt, sha256
from secrets import token_hex
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.deliveries import OPEN
from storage.journal import Journal, Kind
from storage.leaving import firm_tables
from storage.search import forget_names
from storage.store import WORKER_PATIENCE_S, Store, note_change
from storage.tables import (
    ClientRow,
    DeliveryRow,
    EditRow,
    ErasureRow,
    Fact,
    FirmOwned,
    FirmRow,
    ImportStageRow,
    LegacyRow,
    MemberRow,
)

REDACTED = "[…]"
FREE_TEXTS = ("reason", "note", "cause", "action")
"""What people typed about her: nobody can tell what stands in it."""
PEOPLE = ("by", "recorded_by", "saved_by", "imported_by", "undone_by", "ticked_by")
"""Columns that name colleagues, one of whom may be called as she is."""
LETTERS = 2
"""A word with more letters may tell whose name was cut off in a message."""
JOINER = "\N{WORD JOINER}"


class NotApprovedError(Exception):
    """Nobody has approved the erasure, or it was never asked for, or it was withdrawn."""


class ErasedAlreadyError(Exception):
    """What is done cannot be withdrawn."""


class SamePersonError(Exception):
    """Who asked for an erasure cannot approve it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure did."""

    record: ErasureRow
    is_clean: bool
    """Nothing of it is left in the file's free pages and log either."""


def erasure_of(session: Session, client_id: int) -> ErasureRow | None:
    """Return the record of a client's erasure, asked for or done."""
    return session.exec(select(ErasureRow).where(ErasureRow.client_id == client_id)).one_or_none()


def erased_as(session: Session, typed: str) -> ErasureRow | None:
    """Return the record of the client who had this name or number."""
    for row in session.exec(select(ErasureRow).where(col(ErasureRow.salt).is_not(None))):
        if _mark(row.salt or "", typed) in row.marks:
            return row
    return None


def ask_to_erase(
    session: Session, client_id: int, *, by: str, reason: str, at: datetime
) -> ErasureRow:
    """Ask for a client to be erased; who asked first stays the one who asked, until it is ended."""
    row = erasure_of(session, client_id)
    if row is None or row.ended_at is not None:
        row = row or ErasureRow(
            client_id=client_id, requested_by=by, requested_at=at, marks=[], counts={}
        )
        row.requested_by, row.requested_at = by, at
        row.approved_by = row.approved_at = row.ended_by = row.ended_at = None
        session.add(row)
        _note(session, row, "requested", at=at)
        session.info["changes"].reason = reason
        session.flush()
    return row


def approve(session: Session, client_id: int, *, by: str, at: datetime) -> ErasureRow:
    """Approve what somebody else asked for. Raises NotApprovedError, SamePersonError."""
    row = asked(session, client_id)
    if row.requested_by == by:
        raise SamePersonError
    if row.approved_at is None:
        row.approved_by, row.approved_at = by, at
        _note(session, row, "approved", at=at)
    return row


def end(session: Session, client_id: int, *, by: str, reason: str, at: datetime) -> ErasureRow:
    """Withdraw what oneself asked for, or decline what somebody else did.

    Raises NotApprovedError, ErasedAlreadyError.
    """
    row = asked(session, client_id)
    if row.erased_at is not None:
        raise ErasedAlreadyError
    row.ended_by, row.ended_at = by, at
    _note(session, row, "withdrawn" if by == row.requested_by else "declined", at=at)
    session.info["changes"].reason = reason
    return row


def asked(session: Session, client_id: int) -> ErasureRow:
    """Return what was asked for and not withdrawn, for nobody else to change meanwhile.

    Raises NotApprovedError.
    """
    found = select(ErasureRow).where(ErasureRow.client_id == client_id).with_for_update()
    row = session.exec(found).one_or_none()
    if row is None or row.ended_at is not None:
        raise NotApprovedError
    return row


def erase(store: Store, firm_id: int, client_id: int, *, at: datetime, purge_on: date) -> Erased:
    """Erase a client. Raises NotApprovedError."""
    with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        row = asked(session, client_id)
        if row.approved_at is None:
            raise NotApprovedError
        if row.erased_at is None:
            client = session.exec(select(ClientRow).where(ClientRow.id == client_id)).one()
            row.salt = token_hex(16)
            row.marks = [_mark(row.salt, each) for each in (client.name, client.external_id)]
            row.erased_at, row.purge_on = at, purge_on
            seqs = _erase(session, row, client, store.journal, at=at)
        else:
            seqs = []
        session.flush()
        session.refresh(row)
        session.expunge(row)
    store.journal.drop_reasons(firm_id, seqs)
    return Erased(record=row, is_clean=store.wipe() and store.journal.wipe())


def erase_again(store: Store, record: ErasureRow, *, at: datetime) -> bool | None:
    """Erase a client whom a restored store has back, by the record of her erasure.

    False: there is nothing to erase. None: whoever has her id is not recognised as her.
    """
    firm_id = record.firm_id
    with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        row = erasure_of(session, record.client_id)
        client = session.exec(
            select(ClientRow).where(ClientRow.id == record.client_id)
        ).one_or_none()
        if client is None or (row is not None and row.erased_at is not None):
            return False
        known = {_mark(record.salt or "", each) for each in (client.name, client.external_id)}
        if not known & set(record.marks):
            return None
        if row is not None:  # asked for when the backup was made
            session.delete(row)
            session.flush()
        session.add(record)
        seqs = _erase(session, record, client, store.journal, at=at)
        session.flush()
    store.journal.drop_reasons(firm_id, seqs)
    return True


def purge_erased(store: Store, firm_id: int, *, now: datetime) -> int:
    """Remove what was kept without a name, once its term is over; return of how many clients."""
    with store.read(firm_id) as session:
        due = session.exec(
            select(ErasureRow.client_id).where(
                col(ErasureRow.purge_on) <= now.date(), col(ErasureRow.purged_at).is_(None)
            )
        ).all()
    for client_id in due:
        with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
            row = erasure_of(session, client_id)
            if row is not None:
                remove_client(session, client_id)
                row.purged_at = now
                _note(session, row, "purged", at=now)
    if due:
        store.wipe()
    return len(due)


def remove_client(session: Session, client_id: int) -> None:
    """Remove a client with all that hangs on her."""
    connection = session.connection()
    for table in Fact.__subclasses__():
        facts: Any = table.__table__  # type: ignore[attr-defined]
        connection.execute(sa.delete(facts).where(facts.c.client_id == client_id))
    ties: Any = LegacyRow.__table__  # type: ignore[attr-defined]
    connection.execute(sa.delete(ties).where(ties.c.sponsor_id == client_id))
    clients: Any = ClientRow.__table__  # type: ignore[attr-defined]
    connection.execute(sa.delete(clients).where(clients.c.id == client_id))


def proof_of(row: ErasureRow) -> str:
    """Return the hash of what a record says was done."""
    said = [
        row.firm_id, row.client_id, row.requested_by, _iso(row.requested_at), row.approved_by,
        _iso(row.approved_at), _iso(row.erased_at), _iso(row.purge_on), sorted(row.counts.items()),
    ]  # fmt: skip
    return sha256(json.dumps(said).encode()).hexdigest()


def _erase(
    session: Session, row: ErasureRow, client: ClientRow, journal: Journal, *, at: datetime
) -> list[int]:
    """Do what a record says; return the journal's entries whose reasons are to go as well."""
    names = _written(client.name)
    row.counts = _erase_rows(session, client, names, today=(row.erased_at or at).date())
    row.proof = proof_of(row)
    _note(session, row, "erased", row.proof, at=at)
    return list(_reasons(journal, row.firm_id, row.client_id, names))


def _erase_rows(
    session: Session, client: ClientRow, names: Collection[str], *, today: date
) -> dict[str, int]:
    connection, client_id = session.connection(), client.id
    counts: dict[str, int] = {}
    forget_names(session, [client_id] if client_id is not None else [])
    hers: tuple[type[FirmOwned], ...] = (EditRow, ImportStageRow)
    for table in hers:
        rows: Any = table.__table__  # type: ignore[attr-defined]
        done = connection.execute(sa.delete(rows).where(rows.c.client_id == client_id))
        counts[rows.name] = done.rowcount
    for kind in Fact.__subclasses__():
        facts: Any = kind.__table__  # type: ignore[attr-defined]
        blank = {name: "" for name in FREE_TEXTS if name in facts.c}
        if blank and kind is not EditRow:
            mine = facts.c.client_id == client_id
            counts[facts.name] = connection.execute(
                sa.update(facts).where(mine).values(**blank)
            ).rowcount
    _forget_messages(session, client)
    client.name = client.external_id = f"#{client_id}"
    client.born_on = client.income_cents = client.saving_rate_bp = None
    client.business_share_bp = None
    client.former_since = client.former_since or today
    client.version += 1
    counts["client"] = 1
    session.exec(
        sa.update(FirmRow)
        .where(col(FirmRow.id) == client.firm_id)
        .values(words_version=FirmRow.words_version + 1)
    )
    session.flush()
    return {**counts, "elsewhere": _redact(session, client.firm_id, names)}


def _forget_messages(session: Session, client: ClientRow) -> None:
    """Drop the words of messages that were sent; one still to be sent is written anew."""
    words = [each for each in client.name.casefold().split() if len(each) > LETTERS]
    for row in session.exec(select(DeliveryRow)):
        said = json.dumps(row.body, ensure_ascii=False).casefold()
        if row.state not in OPEN or any(each in said for each in words):
            row.body = None


def _redact(session: Session, firm_id: int, names: Collection[str]) -> int:
    """Take a name out of every text of the firm's rows; return in how many it stood."""
    count = 0
    for table in firm_tables():
        if table.name == MemberRow.__tablename__:
            continue
        texts = [each for each in table.c if _is_text(each) and each.name not in PEOPLE]
        for column in texts:
            plain = sa.func.lower(sa.cast(column, sa.Text))
            found = sa.or_(*(plain.contains(each.lower(), autoescape=True) for each in names))
            here = sa.select(table.c.id, column).where(table.c.firm_id == firm_id, found)
            for row_id, value in session.connection().execute(here).all():
                change = sa.update(table).where(table.c.id == row_id)
                session.connection().execute(change.values({column: _without(value, names)}))
                count += 1
    return count


def _is_text(column: sa.Column[Any]) -> bool:
    kind = column.type
    plain = kind.impl if isinstance(kind, sa.types.TypeDecorator) else kind
    return isinstance(plain, sa.String | sa.JSON)


def _without(value: Any, names: Collection[str]) -> Any:
    if isinstance(value, str):
        for each in sorted(names, key=len, reverse=True):
            value = re.sub(re.escape(each), REDACTED, value, flags=re.IGNORECASE)
        return value
    if isinstance(value, dict):
        return {key: _without(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, names) for each in value]
    return value


def _written(name: str) -> set[str]:
    """Return a name as it may be written: turned round, as Slack wants it, as JSON keeps it."""
    first, _, last = name.rpartition(" ")
    turned = {name, f"{last}, {first}"} if first else {name}
    slack = {
        each.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for each in turned
    }
    joined = {re.sub(r"([*_~`])", rf"{JOINER}\1{JOINER}", each) for each in slack}
    spelled = turned | slack | joined
    return spelled | {json.dumps(each)[1:-1] for each in spelled}


def _reasons(
    journal: Journal, firm_id: int, client_id: int, names: Collection[str]
) -> Iterator[int]:
    """Find the reasons in the journal that are about her, or name her."""
    for kept in journal.entries(firm_id):
        if kept.reason is None:
            continue
        is_named = any(each.lower() in kept.reason.lower() for each in names)
        is_about = kept.names_client(client_id) and kept.kind != Kind.ERASE
        if is_named or is_about:
            yield kept.seq


def _mark(salt: str, text: str) -> str:
    folded = " ".join(text.casefold().split()).encode("utf-8", "surrogatepass")
    return scrypt(folded, salt=salt.encode(), n=2**14, r=8, p=1, dklen=32).hex()


def _note(session: Session, row: ErasureRow, *fields: str, at: datetime) -> None:
    note_change(session, list(fields), [row.client_id], at=at, kind=Kind.ERASE, what="erase")


def _iso(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None


def reason_names(reason: str, names: Iterable[str]) -> bool:
    """Tell whether a reason names somebody, which is why it could not be kept."""
    return any(each.lower() in reason.lower() for name in names for each in _written(name))
