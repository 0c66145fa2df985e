"""Brings the store's tables to the version that this code reads and writes.

Alembic is loaded only where tables change: every start and every command asks for the version.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.store import Store

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"
VERSION = "alembic_version"
"""The table in which Alembic keeps the version."""


class StoreVersionError(Exception):
    """The store's tables are not of this code's version; says which way to go."""

    def __init__(self, found: str | None, wanted: str) -> None:
        super().__init__(
            "The store has no tables yet. Run: tierwise migrate"
            if found is None
            else f"The store is at version {found}, this program needs {wanted}. "
            "Run: tierwise migrate (or update the program if the store is newer)"
        )


def migrate(store: Store, *, version: str = "head") -> None:
    """Upgrade the tables to this code's version; a store that has it already is left alone.

    SQLite changes some columns by making a table anew: meanwhile nothing may refer to the old one.
    """
    if version_of(store) != newest_version():
        from alembic import command

        with store.engine.execution_options(references_checked=True).begin() as connection:
            before = _dangling(connection)
            command.upgrade(_config(connection), version)
            if _dangling(connection) > before:
                raise ValueError("the migration leaves rows that refer to nothing")
    store.journal.prepare()


def check_version(store: Store) -> None:
    """Raise StoreVersionError unless the tables are of this code's version."""
    wanted, found = newest_version(), version_of(store)
    if found != wanted:
        raise StoreVersionError(found, wanted)


def newest_version() -> str:
    """Return the version of the tables that this code reads and writes."""
    return max(script.name[:4] for script in SCRIPTS.glob("versions/[0-9]*.py"))


def version_of(store: Store) -> str | None:
    """Return the version that the tables have; None: there are none yet."""
    with store.engine.execution_options(read_only=True).connect() as connection:
        if not sa.inspect(connection).has_table(VERSION):
            return None
        return connection.execute(
            sa.select(sa.column("version_num")).select_from(sa.table(VERSION))
        ).scalar()


def _dangling(connection: sa.Connection) -> int:
    """Count references to nothing, which SQLite does not look for while tables are made anew."""
    if connection.dialect.name != "sqlite":
        return 0
    return len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())


def _config(connection: sa.Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config
