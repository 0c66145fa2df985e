"""Installations of the app over OAuth: one sealed bot token a workspace, and states under way.

The tokens in the table are sealed; who has the key is not this layer's business.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import BotRow, StateRow


def sealed_token(session: Session, client_id: str, workspace_id: str) -> str | None:
    """Return the sealed token of the bot in a workspace or organisation, the newest one."""
    return session.exec(
        select(BotRow.bot_token)
        .where(BotRow.client_id == client_id, _is_of(workspace_id))
        .order_by(col(BotRow.id).desc())
        .limit(1)
    ).one_or_none()


def sealed_tokens(session: Session) -> dict[int, tuple[str, str]]:
    """Return every workspace's id and sealed token, by row."""
    rows = session.exec(select(BotRow)).all()
    return {
        row.id: (row.team_id or row.enterprise_id or "", row.bot_token)
        for row in rows
        if row.id is not None and row.bot_token is not None
    }


def put_sealed(session: Session, sealed: Iterable[tuple[int, str]]) -> None:
    """Put other sealed tokens into rows."""
    for row_id, token in sealed:
        session.exec(sa.update(BotRow).where(col(BotRow.id) == row_id).values(bot_token=token))


def forget_older(session: Session, client_id: str, workspace_id: str) -> None:
    """Delete the tokens of a workspace that a newer one replaced."""
    ours = (col(BotRow.client_id) == client_id, _is_of(workspace_id))
    newest = session.exec(select(sa.func.max(BotRow.id)).where(*ours)).one()
    session.exec(sa.delete(BotRow).where(*ours, col(BotRow.id) != newest))


def forget_bots(session: Session, workspace_id: str) -> None:
    """Delete all tokens of a workspace."""
    session.exec(sa.delete(BotRow).where(_is_of(workspace_id)))


def forget_old_states(session: Session, *, now: datetime) -> None:
    """Delete what was begun and not finished in time."""
    naive = now.astimezone(UTC).replace(tzinfo=None)  # as the SDK writes it
    session.exec(sa.delete(StateRow).where(col(StateRow.expire_at) <= naive))


def _is_of(workspace_id: str) -> sa.ColumnElement[bool]:
    of_organisation = sa.and_(
        col(BotRow.is_enterprise_install), col(BotRow.enterprise_id) == workspace_id
    )
    return sa.or_(col(BotRow.team_id) == workspace_id, of_organisation)
