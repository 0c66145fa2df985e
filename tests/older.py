"""Stores as programs of older versions left them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.migrate import migrate
from storage.store import Store, open_store


def older_store(version: str, source: Path, target: Path) -> Store:
    """Make a store of an older version, filled with what it can hold of a present one."""
    store = open_store(f"sqlite:///{target}")
    migrate(store, version=version)
    fill(target, source)
    return store


def fill(target: Path, source: Path) -> dict[str, list[str]]:
    """Fill the empty tables of an older store from a present one; return all columns by table."""
    with closing(sqlite3.connect(target)) as file:
        file.execute("ATTACH ? AS now", (str(source),))
        every = file.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall()
        tables = {name: _columns(file, "main", name) for (name,) in every}
        del tables["alembic_version"]
        for name, columns in tables.items():
            if file.execute(f"SELECT 1 FROM {name}").fetchone() is None:
                shared = ", ".join(sorted({*columns} & {*_columns(file, "now", name)}))
                file.execute(f"INSERT INTO {name} ({shared}) SELECT {shared} FROM now.{name}")
        file.commit()
    return tables


def _columns(file: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [row[1] for row in file.execute(f"PRAGMA {schema}.table_info({table})")]
