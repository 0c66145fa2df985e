"""Until when Slack is not called: kept per workspace, method and channel, for all processes."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from storage.store import insert_new
from storage.tables import PauseRow

EVERYWHERE = ""
TURN = "turn"
"""In place of a method: one of our own messages after another."""


def pause(session: Session, method: str, channel: str, until: datetime, *, now: datetime) -> None:
    """Keep that Slack asked to wait; asked so in two channels at once, wait in all of them."""
    others = session.exec(
        select(func.count())
        .select_from(PauseRow)
        .where(
            PauseRow.method == method,
            PauseRow.channel != channel,
            PauseRow.until > now,
        )
    ).one()
    for where in {channel, EVERYWHERE if others else channel}:
        _ensure(session, method, where, until)
        longer = (*_is(method, where), col(PauseRow.until) < until)
        _set(session, *longer, until=until)


def paused_until(session: Session, method: str, channel: str, *, now: datetime) -> datetime | None:
    """Return until when a method may not be called for a channel; None: it may."""
    return session.exec(
        select(func.max(PauseRow.until)).where(
            PauseRow.method == method,
            col(PauseRow.channel).in_((channel, EVERYWHERE)),
            PauseRow.until > now,
        )
    ).one()


def take_turn(session: Session, channel: str, *, gap: timedelta, now: datetime) -> bool:
    """Take the right to post to a channel now; False if somebody did less than `gap` ago."""
    _ensure(session, TURN, channel, now)
    return _set(session, *_is(TURN, channel), col(PauseRow.until) <= now, until=now + gap) == 1


def _ensure(session: Session, method: str, channel: str, until: datetime) -> None:
    row = {
        "firm_id": session.info["firm_id"],
        "method": method,
        "channel": channel,
        "until": until,
    }
    insert_new(session, PauseRow.__table__, [row])  # type: ignore[attr-defined]


def _is(method: str, channel: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(PauseRow.method) == method, col(PauseRow.channel) == channel)


def _set(session: Session, *where: sa.ColumnElement[bool], until: datetime) -> int:
    statement = sa.update(PauseRow).where(*where).values(until=until)
    done = session.exec(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)
