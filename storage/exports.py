"""Requests for a file of the whole firm."""

from datetime import datetime

from sqlmodel import Session, col, select

from domain.exports import ExportRequest
from storage.journal import Kind
from storage.store import note_change
from storage.tables import ExportRow


def list_exports(session: Session, *, at_most: int) -> list[ExportRequest]:
    """Return the newest requests of the session's firm, the newest first."""
    rows = select(ExportRow).order_by(col(ExportRow.id).desc()).limit(at_most)
    return [_request(row) for row in session.exec(rows)]


def lock_export(session: Session, request_id: int) -> ExportRequest | None:
    """Return a request, for nobody else to change until this session ends."""
    row = _row(session, request_id)
    return _request(row) if row else None


def save_export(session: Session, member_id: int, *, reason: str, at: datetime) -> None:
    """Keep that a member asks for the file."""
    session.add(ExportRow(member_id=member_id, asked_at=at, reason=reason))
    _note(session, "requested", at)
    session.info["changes"].reason = reason


def decide_export(
    session: Session, request_id: int, *, by: int, is_confirmed: bool, at: datetime
) -> None:
    """Keep that a request is confirmed, or declined."""
    row = _row(session, request_id)
    if row is not None:
        row.decided_by, row.decided_at, row.is_confirmed = by, at, is_confirmed
        _note(session, "confirmed" if is_confirmed else "declined", at)


def mark_fetched(
    session: Session, request_id: int, fetched_at: datetime | None, *, at: datetime
) -> None:
    """Keep when the file was fetched; None: it did not arrive."""
    row = _row(session, request_id)
    if row is not None:
        row.fetched_at = fetched_at
        _note(session, "fetched" if fetched_at else "not delivered", at)


def _row(session: Session, request_id: int) -> ExportRow | None:
    found = select(ExportRow).where(ExportRow.id == request_id).with_for_update()
    return session.exec(found).one_or_none()


def _note(session: Session, field: str, at: datetime) -> None:
    note_change(session, [field], at=at, kind=Kind.EXPORT, what="export firm")


def _request(row: ExportRow) -> ExportRequest:
    if row.id is None:
        raise ValueError("a request that was never saved has no id")
    return ExportRequest(
        request_id=row.id,
        asked_by=row.member_id,
        asked_at=row.asked_at,
        reason=row.reason,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        is_confirmed=row.is_confirmed,
        fetched_at=row.fetched_at,
    )
