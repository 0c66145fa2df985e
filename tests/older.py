"""Stores as programs of older versions left them."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from storage.migrate import migrate
from storage.store import Store, open_store

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""By table."""


def rows_of(store: Store) -> Rows:
    """Return all that a store holds."""
    tables = sa.MetaData()
    with store.engine.connect() as connection:
        tables.reflect(connection)
        return {
            table.name: connection.execute(sa.select(table)).mappings().all()
            for table in tables.sorted_tables
        }


def older_store(version: str, rows: Rows, address: str) -> Store:
    """Make a store of an older version, filled with what it can hold of a present one's rows."""
    store = open_store(address)
    migrate(store, version=version)
    fill(store, rows)
    return store


def fill(store: Store, rows: Rows) -> dict[str, list[str]]:
    """Fill the empty tables of an older store with those rows; return all columns by table."""
    tables = sa.MetaData()
    with store.engine.begin() as connection:
        tables.reflect(connection)
        tables.remove(tables.tables["alembic_version"])
        for table in tables.sorted_tables:
            if connection.execute(sa.select(table).limit(1)).first() is None:
                held = [
                    {name: row[name] for name in row if name in table.columns}
                    for row in rows[table.name]
                ]
                if held:
                    connection.execute(sa.insert(table), held)
    return {table.name: [each.name for each in table.columns] for table in tables.sorted_tables}
