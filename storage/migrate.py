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


def migrate(store: Store) -> None:
    """Upgrade the tables to this code's version; a store that has it already is left alone."""
    with store.engine.begin() as connection:
        command.upgrade(_config(connection), "head")
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


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config
