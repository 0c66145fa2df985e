"""Changes of a client's facts that can be taken back: what stood there before is kept beside them.

Each change raises the client's version, so that an editor who read an older one is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlmodel import Session, col, select

from storage.clients import ChangedMeanwhileError
from storage.journal import Kind
from storage.services import note_last_services
from storage.store import note_change
from storage.tables import (
    AppointmentRow,
    ClientRow,
    DecisionRow,
    DiagnosisRow,
    EditRow,
    Fact,
    FirmOwned,
    HandledRow,
    HoldingRow,
    InvitationRow,
    LegacyRow,
    OverrideRow,
    SatisfactionRow,
    ServiceOverrideRow,
    ServiceRecordRow,
    SnoozeRow,
    StrategicRow,
    TraitRow,
    WalletRow,
)

TABLES: dict[str, type[FirmOwned]] = {
    str(table.__tablename__): table
    for table in (
        AppointmentRow, ClientRow, DecisionRow, DiagnosisRow, HandledRow, HoldingRow,
        InvitationRow, LegacyRow, OverrideRow, SatisfactionRow, ServiceOverrideRow,
        ServiceRecordRow, SnoozeRow, StrategicRow, TraitRow, WalletRow,
    )
}  # fmt: skip
"""What can be edited, by the name that an edit keeps."""


DECIDED = (DecisionRow, OverrideRow, ServiceOverrideRow, StrategicRow)
"""What a person decided, rather than found."""


class NothingToUndoError(Exception):
    """The change was taken back already, or does not exist."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A batch of changes of one client, by one person at one moment."""

    session: Session
    client_id: int
    by: str
    at: datetime
    batch: str

    def put(self, row: Fact, *, key: Sequence[str] = ()) -> None:
        """Save a fact; one with the same values in the `key` columns is corrected instead."""
        known = self._known(row, key) if key else None
        if known is None:
            self.session.add(row)
            self.session.flush()
            self._keep(row, None)
            self._note_last(row)
            return
        before = _plain(known)
        for name in before:
            if name not in ("id", "firm_id", *key):
                setattr(known, name, getattr(row, name))
        self._keep(known, before)
        self._note_last(known)

    def set_client(self, **values: Any) -> None:
        """Change columns of the client itself."""
        self.amend(
            self.session.exec(select(ClientRow).where(ClientRow.id == self.client_id)).one(),
            **values,
        )

    def amend(self, row: FirmOwned, **values: Any) -> None:
        """Change columns of a row."""
        before = _plain(row)
        for name, value in values.items():
            setattr(row, name, value)
        after = _plain(row)
        self._keep(
            row,
            {name: before[name] for name in values},
            after={name: after[name] for name in values},
        )

    def drop(self, row: Fact) -> None:
        """Remove a fact that no longer holds."""
        self._keep(row, _plain(row))
        self.session.delete(row)
        self._note_last(row)

    def _note_last(self, row: Fact) -> None:
        if isinstance(row, ServiceRecordRow):
            self.session.flush()
            note_last_services(self.session, self.client_id)

    def _known(self, row: Fact, key: Sequence[str]) -> Fact | None:
        table = type(row)
        same = [getattr(table, name) == getattr(row, name) for name in ("client_id", *key)]
        return self.session.exec(select(table).where(*same)).one_or_none()

    def _keep(
        self,
        row: FirmOwned,
        before: dict[str, Any] | None,
        *,
        after: dict[str, Any] | None = None,
    ) -> None:
        table = str(type(row).__tablename__)
        kind = Kind.DECISION if isinstance(row, DECIDED) else Kind.CHANGE
        note_change(self.session, [table], [self.client_id], at=self.at, kind=kind)
        self.session.add(
            EditRow(
                client_id=self.client_id,
                row_table=table,
                row_id=row.id,  # type: ignore[attr-defined]
                before=before,
                after=after,
                batch=self.batch,
                by=self.by,
                at=self.at,
            )
        )


def begin_edit(
    session: Session,
    client_id: int,
    *,
    by: str,
    at: datetime,
    version: int | None = None,
    batch: str | None = None,
) -> Edit:
    """Begin to change a client; a `batch` begun with another client is continued.

    Raises ChangedMeanwhileError if `version` is given and no longer the client's.
    """
    client = session.exec(
        select(ClientRow).where(ClientRow.id == client_id).with_for_update()
    ).one()
    if version is not None and client.version != version:
        raise ChangedMeanwhileError
    client.version += 1
    session.flush()
    return Edit(session, client_id, by, at, batch or uuid4().hex)


def clients_of_batch(session: Session, batch: str) -> list[int]:
    """Return the ids of the clients whom a batch of changes is about, the first one first."""
    ids = session.exec(
        select(EditRow.client_id).where(EditRow.batch == batch).order_by(col(EditRow.id))
    )
    return list(dict.fromkeys(ids))


def undo(session: Session, batch: str, *, at: datetime) -> None:
    """Take a batch of changes back, the last one first.

    Raises NothingToUndoError if that was done before, ChangedMeanwhileError if one of the rows was
    changed again since.
    """
    edits = session.exec(
        select(EditRow)
        .where(EditRow.batch == batch, col(EditRow.undone_at).is_(None))
        .order_by(col(EditRow.id).desc())
    ).all()
    if not edits:
        raise NothingToUndoError
    tables = sorted({edit.row_table for edit in edits})
    note_change(session, tables, {edit.client_id for edit in edits}, at=at)
    for edit in edits:
        if _was_changed_since(session, edit):
            raise ChangedMeanwhileError
        _restore(session, edit)
        edit.undone_at = at
    session.flush()
    for client_id in {edit.client_id for edit in edits}:
        client = session.exec(select(ClientRow).where(ClientRow.id == client_id)).one()
        client.version += 1
        note_last_services(session, client_id)


def _was_changed_since(session: Session, edit: EditRow) -> bool:
    """Tell whether a row was edited again, or imported anew: imports keep no single edits."""
    row = session.get(TABLES[edit.row_table], edit.row_id)
    if getattr(row, "recorded_at", edit.at) != edit.at:
        return True
    if edit.after is not None and (row is None or edit.after.items() - _plain(row).items()):
        return True
    later = select(EditRow.id).where(
        EditRow.row_table == edit.row_table,
        EditRow.row_id == edit.row_id,
        col(EditRow.id) > edit.id,
        col(EditRow.batch).is_distinct_from(edit.batch),
        col(EditRow.undone_at).is_(None),
    )
    return session.exec(later.limit(1)).one_or_none() is not None


def _restore(session: Session, edit: EditRow) -> None:
    table = TABLES[edit.row_table]
    row = session.get(table, edit.row_id)
    if edit.before is None:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        session.add(table.model_validate(edit.before))
        return
    restored = table.model_validate(_plain(row) | edit.before)
    for name in edit.before:
        setattr(row, name, getattr(restored, name))


def _plain(row: FirmOwned) -> dict[str, Any]:
    """Write a row as JSON values; days and instants as text."""
    return row.model_dump(mode="json")
