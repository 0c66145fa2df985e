"""Signs of life: each running program writes down, about once a minute, that it is there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import HeartbeatRow

KEPT = timedelta(days=7)
"""A program that was last seen longer ago is forgotten, once another one is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Whether any program runs, and when one was last seen; None: never."""

    running: int
    seen_at: datetime | None


def beat(session: Session, worker: str, *, now: datetime) -> None:
    """Keep that a program runs."""
    row = session.get(HeartbeatRow, worker)
    if row is None:
        session.exec(sa.delete(HeartbeatRow).where(col(HeartbeatRow.seen_at) < now - KEPT))
        row = HeartbeatRow(worker=worker, started_at=now, seen_at=now)
    row.seen_at, row.stopped_at = now, None
    session.add(row)


def stop(session: Session, worker: str, *, now: datetime) -> None:
    """Keep that a program ended as it should, so that nobody waits for its next sign of life."""
    row = session.get(HeartbeatRow, worker)
    if row is not None:
        row.seen_at = row.stopped_at = now


def life(session: Session, *, now: datetime, patience: timedelta) -> Life:
    """Tell how many programs run; one that was silent for longer than `patience` does not."""
    rows = session.exec(select(HeartbeatRow)).all()
    running = [each for each in rows if not each.stopped_at and now - each.seen_at <= patience]
    return Life(running=len(running), seen_at=max((each.seen_at for each in rows), default=None))
