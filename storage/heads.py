"""The journal's heads that are kept in the store: one a firm and day, the day's last."""

from datetime import date

from sqlmodel import Session, select

from storage.journal import Head
from storage.tables import NotedHeadRow


def note_head(session: Session, head: Head, *, day: date) -> None:
    """Keep the end of the journal as of now."""
    row = session.exec(select(NotedHeadRow).where(NotedHeadRow.day == day)).one_or_none()
    if row is None:
        row = NotedHeadRow(day=day, seq=head.seq, hash=head.hash)
    row.seq, row.hash = head.seq, head.hash
    session.add(row)


def head_of_day(session: Session, day: date) -> str | None:
    """Return the hash that was last kept on a day."""
    return session.exec(select(NotedHeadRow.hash).where(NotedHeadRow.day == day)).one_or_none()


def noted_heads(session: Session) -> dict[int, str]:
    """Return the hashes that were kept, by the number of the entry."""
    return dict(session.exec(select(NotedHeadRow.seq, NotedHeadRow.hash)).all())
