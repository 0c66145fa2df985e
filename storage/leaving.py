"""A firm leaves: every row of it is deleted, in portions, so that nobody waits long."""

from collections.abc import Iterator

import sqlalchemy as sa

from storage.engines import empty_log
from storage.installs import forget_bots
from storage.store import WORKER_PATIENCE_S, Store
from storage.tables import FirmRow, Table

AT_ONCE = 5_000
"""Rows deleted in one transaction."""


def firm_tables() -> list[sa.Table]:
    """List the tables with rows of firms, those that refer to others before them."""
    return [each for each in reversed(Table.metadata.sorted_tables) if "firm_id" in each.c]


def remove_firm(store: Store, firm_id: int, workspace_id: str) -> int:
    """Delete everything of a firm, its tokens first; return how many rows.

    It may be broken off and begun again. The firm itself goes last.
    """
    with store.write(None, patience_s=WORKER_PATIENCE_S) as session:
        forget_bots(session, workspace_id)
    deleted = sum(_portions(store, firm_id))
    store.journal.forget_firm(firm_id)
    with store.write(None, patience_s=WORKER_PATIENCE_S) as session:
        session.exec(sa.delete(FirmRow).where(sa.column("id") == firm_id))
    store.forget(firm_id)
    empty_log(store.engine)
    return deleted


def _portions(store: Store, firm_id: int) -> Iterator[int]:
    for table in firm_tables():
        some = sa.select(table.c.id).where(table.c.firm_id == firm_id).limit(AT_ONCE)
        portion = sa.delete(table).where(table.c.id.in_(some))
        count = AT_ONCE
        while count == AT_ONCE:
            with store.write(None, patience_s=WORKER_PATIENCE_S) as session:
                count = session.connection().execute(portion).rowcount
            yield count
