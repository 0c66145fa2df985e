"""The channels of teams, and what the ledger knows of them."""

from datetime import datetime, time

from sqlmodel import Session, col, func, select

from domain.team_posts import TeamChannel
from storage.tables import DeliveryRow, TeamChannelRow


def list_channels(session: Session) -> list[TeamChannel]:
    """Return the channels of the session's firm's teams."""
    rows = session.exec(
        select(TeamChannelRow)
        .where(TeamChannelRow.channel_id != "")
        .order_by(col(TeamChannelRow.team))
    )
    return [_channel(row) for row in rows]


def channel_of(session: Session, team: str) -> TeamChannel | None:
    """Return a team's channel."""
    return next((each for each in list_channels(session) if each.team == team), None)


def channel_by_id(session: Session, team_channel_id: int) -> TeamChannel | None:
    """Return a channel; None if it was taken away."""
    found = (each for each in list_channels(session) if each.team_channel_id == team_channel_id)
    return next(found, None)


def save_channel(
    session: Session,
    team: str,
    *,
    channel_id: str,
    chosen_by: int,
    chosen_at: datetime,
    weekday: int,
    at: time,
    zone: str,
    in_public: bool,
) -> TeamChannel:
    """Keep a team's channel; a pause ends with it."""
    row = session.exec(select(TeamChannelRow).where(TeamChannelRow.team == team)).one_or_none()
    if row is None:
        row = TeamChannelRow(
            team=team, channel_id=channel_id, chosen_by=chosen_by, chosen_at=chosen_at
        )
        session.add(row)
    row.channel_id, row.chosen_by, row.chosen_at = channel_id, chosen_by, chosen_at
    row.weekday, row.at, row.zone, row.in_public = weekday, at, zone, in_public
    row.paused = None
    session.flush()
    return _channel(row)


def take_away(session: Session, team: str) -> int | None:
    """Let a team have no channel; return the id of what was there.

    The row stays, for the ledger names it.
    """
    row = session.exec(select(TeamChannelRow).where(TeamChannelRow.team == team)).one_or_none()
    if row is None or not row.channel_id:
        return None
    row.channel_id, row.paused = "", None
    session.flush()
    return row.id


def pause_channel(session: Session, team_channel_id: int, reason: str) -> None:
    """Say nothing in a channel until a lead chooses again."""
    row = session.exec(
        select(TeamChannelRow).where(TeamChannelRow.id == team_channel_id)
    ).one_or_none()
    if row is not None:
        row.paused = reason


def last_weeks(session: Session) -> dict[int, str]:
    """Return the latest recorded week of each channel."""
    found = session.exec(
        select(DeliveryRow.team_channel_id, func.max(DeliveryRow.period))
        .where(col(DeliveryRow.team_channel_id).is_not(None))
        .group_by(col(DeliveryRow.team_channel_id))
    )
    return {each: period for each, period in found if each is not None}


def _channel(row: TeamChannelRow) -> TeamChannel:
    if row.id is None:
        raise ValueError("a channel that was never saved has no id")
    return TeamChannel(
        team_channel_id=row.id,
        team=row.team,
        channel_id=row.channel_id,
        chosen_by=row.chosen_by,
        chosen_at=row.chosen_at,
        weekday=row.weekday,
        at=row.at,
        zone=row.zone,
        in_public=row.in_public,
        paused=row.paused,
    )
