"""Versions of the firm's rule book, and the drafts of versions to come, one for each person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from domain.rulebook import RuleBook
from domain.rulefile import from_plain
from storage.tables import FirmRow, RuleBookRow, RuleDraftRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRules:
    """One version, and who saved it when."""

    rules: RuleBook
    by: str
    at: datetime


def lock_rules(session: Session) -> None:
    """Let nobody else save a version or a draft until this session ends."""
    firm_id = session.info["firm_id"]
    session.exec(select(FirmRow.id).where(FirmRow.id == firm_id).with_for_update()).one()


def saved_rules(session: Session) -> list[SavedRules]:
    """Return all versions, the newest first."""
    rows = session.exec(select(RuleBookRow).order_by(col(RuleBookRow.version).desc())).all()
    return [_saved(row) for row in rows]


def rules_numbered(session: Session, version: int) -> SavedRules | None:
    """Return one version."""
    row = session.exec(select(RuleBookRow).where(RuleBookRow.version == version)).one_or_none()
    return _saved(row) if row else None


def draft_of(session: Session, member_id: int) -> RuleDraftRow | None:
    """Return what a person is about to change."""
    return session.exec(
        select(RuleDraftRow).where(RuleDraftRow.member_id == member_id)
    ).one_or_none()


def save_draft(
    session: Session, member_id: int, changes: dict[str, Any], *, base_version: int, at: datetime
) -> RuleDraftRow:
    """Keep what a person is about to change, in place of what she was about to before."""
    row = draft_of(session, member_id)
    if row is None:
        row = RuleDraftRow(
            member_id=member_id, base_version=base_version, changes=changes, changed_at=at
        )
        session.add(row)
    else:
        row.base_version, row.changes, row.changed_at = base_version, changes, at
        row.revision += 1
    session.flush()
    return row


def empty_draft(session: Session, member_id: int) -> None:
    """Forget what a person was about to change; the row stays, so that revisions only grow."""
    row = draft_of(session, member_id)
    if row is not None:
        row.changes = {}
        row.revision += 1


def _saved(row: RuleBookRow) -> SavedRules:
    return SavedRules(rules=from_plain(row.body), by=row.saved_by, at=row.saved_at)
