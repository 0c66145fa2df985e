"""The ledger of messages owed to people: one row each, claimed before the call to Slack.

A row goes due -> claimed -> sent, back to due (to be tried at `next_try_at`), unknown (no answer:
look before trying again), held or dead (with the reason). Whoever claimed a row may write to it
until somebody else claims it; every write checks that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from storage.store import insert_new
from storage.tables import DeliveryRow, FirmRow, MemberRow, TeamChannelRow

OFFERED_AT_ONCE = 10_000
PART = "+"
"""Stands between a kind and the number of a part, from the second on."""


class State(StrEnum):
    """Where a delivery stands."""

    DUE = "due"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    SENT = "sent"
    HELD = "held"
    DEAD = "dead"


OPEN = (State.DUE, State.CLAIMED, State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A message to be owed to a member from now on; with a reason it is held from the start."""

    member_id: int
    kind: str
    period: str
    due_at: datetime
    held_reason: str | None = None
    team_channel_id: int | None = None
    """Where it goes, if not to the member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work on one delivery, until somebody else claims it."""

    delivery_id: int
    firm_id: int
    member_id: int
    kind: str
    period: str
    due_at: datetime
    marker: str
    attempt: int
    worker: str
    claimed_at: datetime
    tried_at: datetime
    """When the last attempt began that may have reached Slack."""
    is_unanswered: bool
    """An earlier attempt has no answer: look for its message first."""
    body: dict[str, Any] | None
    channel: str | None
    reason: str | None
    refused_since: datetime | None
    """Since when Slack only asks to wait."""
    team_channel_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStatus:
    """An unfinished or failed delivery as an operator reads it."""

    delivery_id: int
    firm: str
    member: str
    team: str | None
    """Of a message to a team's channel."""
    kind: str
    period: str
    state: State
    due_at: datetime
    next_try_at: datetime
    attempts: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that was held or given up."""

    member: str
    team: str | None
    """Of a message to a team's channel."""
    reason: str


def owe(session: Session, owed: Iterable[Owed], *, now: datetime) -> None:
    """Record messages of the session's firm as owed; those recorded before stay as they are."""
    rows = [
        {
            "firm_id": session.info["firm_id"],
            "member_id": each.member_id,
            "team_channel_id": each.team_channel_id,
            "kind": each.kind,
            "period": each.period,
            "due_at": each.due_at,
            "marker": uuid4().hex,
            "state": State.HELD if each.held_reason else State.DUE,
            "next_try_at": now,
            "attempts": 0,
            "reason": each.held_reason,
            "owed_at": now,
        }
        for each in owed
    ]
    if rows:
        insert_new(session, DeliveryRow.__table__, rows)  # type: ignore[attr-defined]


def last_periods(session: Session, kind: str) -> dict[int, str]:
    """Return the latest recorded period of a kind by member."""
    found = session.exec(
        select(DeliveryRow.member_id, func.max(DeliveryRow.period))
        .where(DeliveryRow.kind == kind)
        .group_by(col(DeliveryRow.member_id))
    )
    return dict(found.all())


def linked_since(session: Session) -> dict[int, datetime]:
    """Return when each linked member was linked, by member; some links have no date."""
    found = session.exec(
        select(MemberRow.id, MemberRow.linked_at).where(col(MemberRow.linked_at).is_not(None))
    )
    return {member_id: at for member_id, at in found if member_id is not None and at is not None}


def ready(session: Session, *, now: datetime) -> list[int]:
    """Return the deliveries to be worked on now, longest due first."""
    found = session.exec(
        select(DeliveryRow.id)
        .where(col(DeliveryRow.state).in_(OPEN), DeliveryRow.next_try_at <= now)
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
        .limit(OFFERED_AT_ONCE)
    )
    return [delivery_id for delivery_id in found if delivery_id is not None]


def claim(
    session: Session, delivery_id: int, worker: str, now: datetime, *, lease: timedelta
) -> Claim | None:
    """Claim an open delivery whose time has come; None if there is nothing to do or another won.

    A claim that is neither concluded nor renewed within the lease can be claimed by anybody.
    """
    row = session.get(DeliveryRow, delivery_id)
    if row is None or row.state not in OPEN or row.next_try_at > now:
        return None
    is_unanswered = row.state != State.DUE
    tried_at = row.tried_at if is_unanswered and row.tried_at else now
    won = _change(
        session,
        [
            col(DeliveryRow.id) == delivery_id,
            col(DeliveryRow.state) == row.state,
            col(DeliveryRow.attempts) == row.attempts,
        ],
        state=State.CLAIMED,
        claimed_by=worker,
        attempts=row.attempts + 1,
        tried_at=tried_at,
        next_try_at=now + lease,
    )
    if not won:
        return None
    return Claim(
        delivery_id=delivery_id,
        firm_id=row.firm_id,
        member_id=row.member_id,
        kind=row.kind,
        period=row.period,
        due_at=row.due_at,
        marker=row.marker,
        attempt=row.attempts + 1,
        worker=worker,
        claimed_at=now,
        tried_at=tried_at,
        is_unanswered=is_unanswered,
        body=row.body,
        channel=row.channel,
        reason=row.reason,
        refused_since=row.refused_since,
        team_channel_id=row.team_channel_id,
    )


def keep_body(session: Session, claimed: Claim, body: dict[str, Any], channel: str) -> bool:
    """Keep what is about to be said and to whom; False if the claim was lost."""
    return _change(session, _held_by(claimed), body=body, channel=channel) == 1


def conclude(
    session: Session,
    claimed: Claim,
    state: State,
    *,
    next_try_at: datetime | None = None,
    reason: str | None = None,
    channel: str | None = None,
    ts: str | None = None,
    refused_since: datetime | None = None,
) -> bool:
    """Write down how an attempt ended; False if the claim was lost to another meanwhile.

    What was said leaves the ledger once it is said: names of clients need not lie in two places.
    """
    values: dict[str, Any] = {"state": state, "reason": reason, "claimed_by": None}
    values["refused_since"] = refused_since
    if next_try_at is not None:
        values["next_try_at"] = next_try_at
    if state is State.SENT:
        values |= {"ts": ts, "channel": channel, "body": sa.null()}
    return _change(session, _held_by(claimed), **values) == 1


def follow_up(session: Session, claimed: Claim, body: dict[str, Any], *, now: datetime) -> None:
    """Owe the next part of a message that is too long for one: its own row, said once as well."""
    kind, _, part = claimed.kind.partition(PART)
    row = {
        "firm_id": claimed.firm_id,
        "member_id": claimed.member_id,
        "kind": f"{kind}{PART}{int(part or 1) + 1}",
        "period": claimed.period,
        "due_at": claimed.due_at,
        "marker": uuid4().hex,
        "state": State.DUE,
        "next_try_at": now,
        "attempts": 0,
        "body": body,
        "owed_at": now,
    }
    insert_new(session, DeliveryRow.__table__, [row])  # type: ignore[attr-defined]


def hold_all(session: Session, reason: str) -> None:
    """Hold all due deliveries of the session's firm: Slack refuses the whole installation."""
    _change(session, [col(DeliveryRow.state) == State.DUE], state=State.HELD, reason=reason)


def release(session: Session, reason_prefix: str, *, due_after: datetime, now: datetime) -> int:
    """Make held deliveries due again whose reason begins so, unless they are older."""
    held = [
        col(DeliveryRow.state) == State.HELD,
        col(DeliveryRow.reason).startswith(reason_prefix, autoescape=True),
        col(DeliveryRow.due_at) >= due_after,
    ]
    return _change(session, held, state=State.DUE, next_try_at=now)


def untold(session: Session, *, but: str) -> list[DeliveryRow]:
    """Return what was held or given up and nobody was told of, except of one kind."""
    failed = col(DeliveryRow.state).in_((State.HELD, State.DEAD))
    return list(
        session.exec(
            select(DeliveryRow)
            .where(failed, DeliveryRow.kind != but, col(DeliveryRow.told_at).is_(None))
            .order_by(col(DeliveryRow.id))
        )
    )


def tell_of(session: Session, delivery_ids: list[int | None], *, now: datetime) -> bool:
    """Note that somebody is told of failed deliveries; False if another process did so before."""
    news = [col(DeliveryRow.id).in_(delivery_ids), col(DeliveryRow.told_at).is_(None)]
    return _change(session, news, told_at=now) > 0


def told_at(session: Session, instant: datetime) -> list[Failed]:
    """Return which messages were told of as failed at an instant."""
    found = session.exec(
        select(MemberRow.name, TeamChannelRow.team, DeliveryRow.reason)
        .select_from(DeliveryRow)
        .join(MemberRow, col(DeliveryRow.member_id) == col(MemberRow.id))
        .join(
            TeamChannelRow, col(DeliveryRow.team_channel_id) == col(TeamChannelRow.id), isouter=True
        )
        .where(DeliveryRow.told_at == instant)
        .order_by(col(DeliveryRow.id))
    )
    return [Failed(member=name, team=team, reason=reason or "") for name, team, reason in found]


def count_failed(session: Session, member_ids: Iterable[int], *, since: datetime, but: str) -> int:
    """Count what was due to members since an instant and failed, except of one kind."""
    return session.exec(
        select(func.count())
        .select_from(DeliveryRow)
        .where(
            col(DeliveryRow.state).in_((State.HELD, State.DEAD)),
            col(DeliveryRow.member_id).in_(sorted(member_ids)),
            DeliveryRow.due_at >= since,
            DeliveryRow.kind != but,
        )
    ).one()


def has_failed(session: Session, member_id: int, day: date) -> bool:
    """Tell whether something that was due to a member on a day, in UTC, was held or given up."""
    begin = datetime.combine(day, time(), tzinfo=UTC)
    failed = select(DeliveryRow.id).where(
        DeliveryRow.member_id == member_id,
        col(DeliveryRow.team_channel_id).is_(None),
        col(DeliveryRow.state).in_((State.HELD, State.DEAD)),
        DeliveryRow.due_at >= begin,
        DeliveryRow.due_at < begin + timedelta(days=1),
    )
    return session.exec(failed.limit(1)).first() is not None


def call_off(session: Session, team_channel_id: int, reason: str, *, now: datetime) -> None:
    """Hold what is open for a channel that was taken away; nobody need be told."""
    waiting = [
        col(DeliveryRow.team_channel_id) == team_channel_id,
        col(DeliveryRow.state).in_(OPEN),
    ]
    _change(session, waiting, state=State.HELD, reason=reason, told_at=now, claimed_by=None)


def overdue(session: Session, *, now: datetime, patience: timedelta) -> int:
    """Count what should have ended by now: due, recorded, and neither sent nor held since."""
    before = now - patience
    since = func.coalesce(DeliveryRow.owed_at, DeliveryRow.due_at)
    return session.exec(
        select(func.count())
        .select_from(DeliveryRow)
        .where(col(DeliveryRow.state).in_(OPEN), DeliveryRow.due_at < before, since < before)
    ).one()


def count_by_state(session: Session, *, since: datetime) -> dict[str, int]:
    """Count what became due since an instant, by state."""
    counted = session.exec(
        select(DeliveryRow.state, func.count())
        .where(DeliveryRow.due_at >= since)
        .group_by(DeliveryRow.state)
    )
    return dict(counted.all())


def digest_status(session: Session) -> list[DeliveryStatus]:
    """List all deliveries that are not sent, with their reasons: held, dead, then waiting."""
    order = [State.HELD, State.DEAD, State.UNKNOWN, State.CLAIMED, State.DUE]
    found = session.exec(
        select(DeliveryRow, MemberRow, FirmRow, TeamChannelRow.team)
        .join(MemberRow, col(DeliveryRow.member_id) == col(MemberRow.id))
        .join(FirmRow, col(DeliveryRow.firm_id) == col(FirmRow.id))
        .join(
            TeamChannelRow, col(DeliveryRow.team_channel_id) == col(TeamChannelRow.id), isouter=True
        )
        .where(DeliveryRow.state != State.SENT)
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
    )
    rows = [_status(*each) for each in found]
    return sorted(rows, key=lambda row: order.index(row.state))


def _status(row: DeliveryRow, member: MemberRow, firm: FirmRow, team: str | None) -> DeliveryStatus:
    if row.id is None:
        raise ValueError("a delivery that was never saved has no id")
    return DeliveryStatus(
        delivery_id=row.id,
        firm=firm.name,
        member=member.name,
        team=team,
        kind=row.kind,
        period=row.period,
        state=State(row.state),
        due_at=row.due_at,
        next_try_at=row.next_try_at,
        attempts=row.attempts,
        reason=row.reason,
    )


def _held_by(claimed: Claim) -> list[sa.ColumnElement[bool]]:
    return [
        col(DeliveryRow.id) == claimed.delivery_id,
        col(DeliveryRow.state) == State.CLAIMED,
        col(DeliveryRow.claimed_by) == claimed.worker,
        col(DeliveryRow.attempts) == claimed.attempt,
    ]


def _change(session: Session, where: Sequence[sa.ColumnElement[bool]], **values: Any) -> int:
    """Change rows and return how many; the condition makes each change compare-and-set."""
    statement = sa.update(DeliveryRow).where(*where).values(**values)
    done = session.exec(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)
