"""Brings the store's tables to the version that this code reads and writes."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.store import Store

SCRIPTS = Path(__file__).parent / "migrations"


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
    return ScriptDirectory(str(SCRIPTS)).get_current_head() or ""


def version_of(store: Store) -> str | None:
    """Return the version that the tables have; None: there are none yet."""
    with store.engine.execution_options(read_only=True).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _dangling(connection: sa.Connection) -> int:
    """Count references to nothing, which SQLite does not look for while tables are made anew."""
    if connection.dialect.name != "sqlite":
        return 0
    return len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config
