"""Runs migrations on the connection that ``storage.migrate`` hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from storage.tables import Table


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write SQLModel's own types as plain SQLAlchemy, so that versions need no import of it."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return repr(sa.String(item.length)).replace("String", "sa.String", 1)
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
