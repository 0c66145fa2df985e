"""How long each kind of record is kept, and removing what is older.

The defaults are ours where no source is named; a firm may set others (`tierwise retention`).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.calendar import add_months
from storage.deliveries import State
from storage.journal import CLOCK, Entry, Journal, Kept, Kind
from storage.store import WORKER_PATIENCE_S, Store
from storage.tables import DeliveryRow, EditRow, ExportRow, ImportRow, ImportStageRow, RetentionRow

AT_ONCE = 5_000
"""Rows removed in one transaction."""


class Records(StrEnum):
    """Kinds of records whose term can be set."""

    JOURNAL = "journal"
    """Who saw, changed, decided and was told what."""
    ERASED = "erased"
    """What is kept without a name of a client who was erased."""
    EDITS = "edits"
    """What stood there before a change."""
    MESSAGES = "messages"
    """The words of messages that were sent."""
    IMPORTS = "imports"
    """What an import replaced, so that it can be taken back."""


MONTHS: Mapping[Records, int] = {
    Records.JOURNAL: 60,  # records of services to clients: five years, art. 16(7) MiFID II
    Records.ERASED: 60,  # the same; § 83 (8) WpHG
    Records.EDITS: 60,
    Records.MESSAGES: 1,
    Records.IMPORTS: 3,
}
LEAST, MOST = 1, 180
ENDED = (State.SENT, State.HELD, State.DEAD)


class TermError(ValueError):
    """A term is no number of months from 1 to 180."""


def terms_of(session: Session) -> dict[Records, int]:
    """Return the firm's terms in months."""
    kept = session.exec(select(RetentionRow.kind, RetentionRow.months)).all()
    return {**MONTHS, **{Records(kind): months for kind, months in kept}}


def set_term(session: Session, kind: Records, months: int) -> None:
    """Set a term. Raises TermError."""
    if not LEAST <= months <= MOST:
        raise TermError
    row = session.exec(select(RetentionRow).where(RetentionRow.kind == kind)).one_or_none()
    if row is None:
        row = RetentionRow(kind=kind, months=months)
    row.months = months
    session.add(row)


def purge(store: Store, firm_id: int, *, now: datetime) -> dict[Records, int]:
    """Remove what is kept longer than its term; return how many of each kind."""
    with store.read(firm_id) as session:
        terms = terms_of(session)
    until = {kind: _before(now, months) for kind, months in terms.items()}
    _purge_exports(store, firm_id, until[Records.JOURNAL])
    return {
        Records.JOURNAL: purge_journal(store.journal, firm_id, until[Records.JOURNAL], at=now),
        Records.EDITS: _purge_edits(store, firm_id, until[Records.EDITS]),
        Records.MESSAGES: _blank_messages(store, firm_id, until[Records.MESSAGES]),
        Records.IMPORTS: _purge_stages(store, firm_id, until[Records.IMPORTS]),
    }


def purge_journal(journal: Journal, firm_id: int, before: datetime, *, at: datetime) -> int:
    """Remove entries older than their term, in steps; each step is written down first."""
    count = 0
    while True:
        step: list[Kept] = []
        for kept in journal.entries(firm_id):
            if kept.instant >= before or len(step) == AT_ONCE:
                break
            step.append(kept)
        if not step:
            return count
        last = step[-1]
        gone = Entry(kind=Kind.PURGE, actor=CLOCK, fields=(str(last.seq), last.hash))
        journal.append(firm_id, gone, at=at)
        journal.drop_until(firm_id, last)
        count += len(step)


def _purge_edits(store: Store, firm_id: int, before: datetime) -> int:
    edits: Any = EditRow.__table__  # type: ignore[attr-defined]
    old = sa.and_(edits.c.firm_id == firm_id, edits.c.at < before)
    some = sa.select(edits.c.id).where(old).limit(AT_ONCE)
    return _in_steps(store, firm_id, sa.delete(edits).where(edits.c.id.in_(some)))


def _purge_exports(store: Store, firm_id: int, before: datetime) -> None:
    asked: Any = ExportRow.__table__  # type: ignore[attr-defined]
    old = sa.and_(asked.c.firm_id == firm_id, asked.c.asked_at < before)
    some = sa.select(asked.c.id).where(old).limit(AT_ONCE)
    _in_steps(store, firm_id, sa.delete(asked).where(asked.c.id.in_(some)))


def _blank_messages(store: Store, firm_id: int, before: datetime) -> int:
    sent: Any = DeliveryRow.__table__  # type: ignore[attr-defined]
    old = sa.and_(
        sent.c.firm_id == firm_id,
        sent.c.due_at < before,
        sent.c.state.in_(ENDED),
        sa.cast(sent.c.body, sa.Text) != "null",
    )
    some = sa.select(sent.c.id).where(old).limit(AT_ONCE)
    blank = sa.update(sent).where(sent.c.id.in_(some)).values(body=None)
    return _in_steps(store, firm_id, blank)


def _purge_stages(store: Store, firm_id: int, before: datetime) -> int:
    stages: Any = ImportStageRow.__table__  # type: ignore[attr-defined]
    old = sa.and_(stages.c.firm_id == firm_id, stages.c.staged_at < before)
    some = sa.select(stages.c.id).where(old).limit(AT_ONCE)
    count = _in_steps(store, firm_id, sa.delete(stages).where(stages.c.id.in_(some)))
    with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        runs: Any = ImportRow.__table__  # type: ignore[attr-defined]
        ended = sa.and_(
            runs.c.firm_id == firm_id,
            col(ImportRow.imported_at) < before,
            runs.c.stage.is_not(None),
        )
        session.connection().execute(sa.update(runs).where(ended).values(stage=None))
    return count


def _in_steps(store: Store, firm_id: int, statement: sa.UpdateBase) -> int:
    total, count = 0, AT_ONCE
    while count == AT_ONCE:
        with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
            count = session.connection().execute(statement).rowcount
        total += count
    return total


def _before(now: datetime, months: int) -> datetime:
    day = add_months(now.date(), -months)
    return now.replace(year=day.year, month=day.month, day=day.day)
