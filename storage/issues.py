"""Issues of bulk services that were sent."""

from datetime import datetime
from uuid import uuid4

from sqlmodel import Session, col, select

from domain.issues import Issue
from domain.model import Tier
from storage.tables import IssueRow


def list_issues(session: Session) -> tuple[Issue, ...]:
    """Return all issues on record, the first one first."""
    rows = session.exec(select(IssueRow).order_by(col(IssueRow.sent_on), col(IssueRow.id)))
    return tuple(
        Issue(
            service=row.service,
            on=row.sent_on,
            tiers=tuple(Tier(each) for each in row.tiers),
            minutes=row.minutes,
            note=row.note,
            by=row.recorded_by,
        )
        for row in rows
    )


def save_issue(session: Session, issue: Issue, *, at: datetime) -> str | None:
    """Keep an issue and return the code that takes it back; None if that day's is on record."""
    same = (IssueRow.service == issue.service, IssueRow.sent_on == issue.on)
    if session.exec(select(IssueRow.id).where(*same)).first() is not None:
        return None
    row = IssueRow(
        service=issue.service,
        sent_on=issue.on,
        tiers=[each.value for each in issue.tiers],
        minutes=issue.minutes,
        note=issue.note,
        batch=uuid4().hex,
        recorded_by=issue.by,
        recorded_at=at,
    )
    session.add(row)
    session.flush()
    return row.batch


def drop_issue(session: Session, batch: str) -> str | None:
    """Take an issue back and return its service; None if there is none with this code."""
    row = session.exec(select(IssueRow).where(IssueRow.batch == batch)).one_or_none()
    if row is None:
        return None
    session.delete(row)
    session.flush()
    return row.service
