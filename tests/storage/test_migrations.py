"""The tables come and go with their migrations, and both databases agree with the code."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from storage.migrate import SCRIPTS, StoreVersionError, check_version, migrate, newest_version
from storage.store import Store, open_store
from storage.tables import Table


@pytest.fixture
def empty_store(empty_address: str) -> Iterator[Store]:
    opened = open_store(empty_address)
    yield opened
    opened.close()


def _tables(store: Store) -> set[str]:
    return set(sa.inspect(store.engine).get_table_names()) - {"alembic_version"}


def _alembic(store: Store, action: str, *arguments: str) -> None:
    with store.engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        getattr(command, action)(config, *arguments)


def test_migrating_an_empty_store_makes_every_table(empty_store: Store) -> None:
    migrate(empty_store)
    assert _tables(empty_store) == set(Table.metadata.tables)


def test_the_migrations_and_the_tables_in_the_code_agree(store: Store) -> None:
    _alembic(store, "check")


def test_the_tables_go_down_to_nothing_and_up_again(store: Store) -> None:
    _alembic(store, "downgrade", "base")
    assert _tables(store) == set()
    migrate(store)
    assert _tables(store) == set(Table.metadata.tables)


def test_the_newest_version_is_where_the_scripts_end() -> None:
    assert newest_version() == ScriptDirectory(str(SCRIPTS)).get_current_head()


def test_migrating_twice_changes_nothing(store: Store) -> None:
    migrate(store)
    check_version(store)


def test_a_store_without_tables_names_the_command_that_makes_them(empty_store: Store) -> None:
    with pytest.raises(StoreVersionError, match=r"no tables yet\. Run: tierwise migrate"):
        check_version(empty_store)


def test_a_store_of_another_version_names_both_versions_and_the_way(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreVersionError) as refused:
        check_version(store)
    assert "at version 9999" in str(refused.value)
    assert "tierwise migrate" in str(refused.value)
    assert "update the program" in str(refused.value)
