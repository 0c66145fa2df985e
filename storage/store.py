"""The store: one engine, and sessions that see one firm's rows only.

SQLite by default (one file of mode 0600, WAL, full sync, writers begin immediately), PostgreSQL
by address. A session that only reads never waits for a writer.
"""

from collections import namedtuple
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    ORMExecuteState,
    SessionTransaction,
    sessionmaker,
    with_loader_criteria,
)
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.util import find_tables
from sqlmodel import Session, col

from storage.engines import ANSWER_PATIENCE_S, by_driver, sqlite_engine, wipe
from storage.engines import WORKER_PATIENCE_S as WORKER_PATIENCE_S  # belongs to Store.write
from storage.joined import mostly_true
from storage.journal import Changes, Journal, Kind, open_journal
from storage.tables import Fact, FirmOwned

_ASKING: sa.BindParameter[int] = sa.bindparam("firm_id", type_=sa.Integer())
"""Stands in a prepared statement for the firm of the session that asks."""
Firm = int | sa.BindParameter[int]

PROMPTLY = {"connect_timeout": 3, "tcp_user_timeout": 10_000}
"""Seconds and milliseconds after which a server that says nothing counts as away."""
AWAY = ("08", "53", "57")
"""Of PostgreSQL's classes of errors: connections, resources, an operator's intervention."""


class FirmSession(Session):
    """A session of one firm; ``info["firm_id"]`` is the firm, or None to see all (clock, admin)."""

    _asked: tuple[SessionTransaction | None, sa.Connection | None] = (None, None)

    def same_connection(self) -> sa.Connection:
        """Return this transaction's connection, looked up once: an answer asks a dozen times."""
        transaction, connection = self._asked
        if connection is None or transaction is not self.get_transaction():
            connection = self.connection()
            self._asked = self.get_transaction(), connection
        return connection


class ForeignFirmError(Exception):
    """A row of one firm was about to be saved through a session of another: a bug, never shown."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open store."""

    engine: sa.Engine
    journal: Journal
    _reader: sessionmaker[FirmSession]
    _writer: sessionmaker[FirmSession]
    _kept: dict[int, Any] = field(default_factory=dict)
    """What readers keep of a firm between sessions, with the version that it is of."""

    @contextmanager
    def read(self, firm_id: int | None) -> Iterator[FirmSession]:
        """Open a session on one snapshot; nothing it changes is kept."""
        with self._reader(info={"firm_id": firm_id, "kept": self._kept}) as session:
            yield session

    @contextmanager
    def write(
        self,
        firm_id: int | None,
        *,
        patience_s: float = ANSWER_PATIENCE_S,
        references_checked: bool = False,
    ) -> Iterator[FirmSession]:
        """Open a session whose changes are kept together at the end, or not at all.

        Who has checked all references already may spare SQLite from checking them row by row.
        """
        changes = Changes()
        info = {"firm_id": firm_id, "patience_s": patience_s, "changes": changes}
        with self._writer(info=info) as session:
            options = {"patience_s": patience_s, "references_checked": references_checked}
            session.connection(execution_options=options)
            yield session
            if firm_id is not None and changes.at is not None:
                session.flush()
                self.journal.append(firm_id, *changes.entries(), at=changes.at)
            session.commit()

    def now(self, session: Session | None = None) -> datetime | None:
        """Return the instant by the database server's clock; None where a file is the store."""
        if self.engine.dialect.name == "sqlite":
            return None
        asked = sa.select(sa.func.clock_timestamp())
        if session is not None:
            instant: datetime = session.connection().execute(asked).scalar_one()
        else:
            with self.engine.connect() as connection:
                instant = connection.execute(asked).scalar_one()
        return instant.astimezone(UTC)

    def forget(self, firm_id: int) -> None:
        """Forget what readers keep of a firm: its id may be given to another."""
        self._kept.pop(firm_id, None)

    def wipe(self) -> bool:
        """Leave nothing of deleted rows in the files; False if others were in the way."""
        return wipe(self.engine)

    def close(self) -> None:
        """Close all connections."""
        self.journal.close()
        self.engine.dispose()


def is_away(error: Exception) -> bool:
    """Tell whether an error says that the database server cannot be reached, or not in time."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, TimeoutError)
    state = getattr(error.orig, "sqlstate", "")
    return error.connection_invalidated or state is None or state[:2] in AWAY


def open_store(address: str) -> Store:
    """Open the store at a database address; its tables must exist (``storage.migrate``)."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        engine = sqlite_engine(url)
        reading: dict[str, Any] = {"read_only": True}
    else:
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        engine = sa.create_engine(
            url, pool_pre_ping=True, hide_parameters=True, connect_args=PROMPTLY
        )
        reading = {"isolation_level": "REPEATABLE READ"}
    return Store(
        engine,
        open_journal(url),
        sessionmaker(engine.execution_options(**reading), class_=FirmSession),
        sessionmaker(engine, class_=FirmSession),
    )


def note_change(
    session: Session,
    fields: Sequence[str],
    client_ids: Iterable[int] = (),
    *,
    at: datetime,
    kind: Kind = Kind.CHANGE,
    what: str = "",
) -> None:
    """Have a change written down when the session is kept; `what` is else what is being done."""
    session.info["changes"].add(kind, fields, client_ids, at=at, what=what)


def insert_new(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, leaving out those whose keys are there already."""
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert

        session.connection().execute(insert(table).on_conflict_do_nothing(), rows)
    else:  # a program that starts on SQLite need not know the other database
        from sqlalchemy.dialects.postgresql import insert as insert_into_postgres

        session.connection().execute(insert_into_postgres(table).on_conflict_do_nothing(), rows)


@lru_cache(maxsize=10_000)
def _only(firm: Firm, table: type[FirmOwned]) -> LoaderCriteriaOption:
    """The criterion for a table of a firm; SQLModel's own mixins cannot carry one for all."""
    return with_loader_criteria(
        table,
        mostly_true(col(table.firm_id) == firm),
        include_aliases=True,
        propagate_to_loaders=False,  # there are no relationships to load
    )


@lru_cache
def _owned() -> dict[str, type[FirmOwned]]:
    """All tables with a firm's rows, by name."""
    tables = (*FirmOwned.__subclasses__(), *Fact.__subclasses__())
    return {str(table.__tablename__): table for table in tables if table is not Fact}


def _of_firm(statement: Executable, firm: Firm) -> Executable:
    """Make a statement see one firm's rows, in whatever part of it a table stands."""
    found = find_tables(
        cast("sa.ClauseElement", statement),
        check_columns=True,
        include_joins=True,
        include_selects=True,
        include_crud=True,
    )
    names = {each.name for each in found if isinstance(each, sa.Table)}
    tables = [table for name, table in _owned().items() if name in names]
    return statement.options(*(_only(firm, table) for table in tables))


class Prepared:
    """A SELECT of columns that is asked over and over: compiled once for a database.

    The usual way from a statement to its rows takes many times as long as the database does. The
    firm's criterion is compiled in, so that this one sees one firm's rows just the same.
    """

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._compiled: dict[tuple[str, bool], Compiled] = {}

    def rows(self, session: Session, **values: Any) -> list[Any]:
        """Return the rows that the session's firm has, those just written included."""
        session.flush()
        connection = cast("FirmSession", session).same_connection()
        firm_id = session.info["firm_id"]
        compiled = self.compiled(connection.dialect, sees_all=firm_id is None)
        return compiled.rows(connection, {"firm_id": firm_id, **values})

    def cells(self, session: Session, **values: Any) -> list[Any]:
        """Return the first column of the rows."""
        return [row[0] for row in self.rows(session, **values)]

    def compiled(self, dialect: sa.Dialect, *, sees_all: bool = False) -> "Compiled":
        """Return the statement as it is asked, of one firm unless the session sees all."""
        key = dialect.name, sees_all
        if key not in self._compiled:
            seen = self.statement if sees_all else _of_firm(self.statement, _ASKING)
            self._compiled[key] = Compiled(seen, dialect)
        return self._compiled[key]


class Compiled:
    """A statement as text for a driver, with what its types do to values and to cells."""

    def __init__(self, statement: Any, dialect: sa.Dialect) -> None:
        written = statement.compile(dialect=dialect)
        columns = list(statement.selected_columns)
        self.text, self.order, self.given = str(written), written.positiontup, written.params
        self.row: Any = namedtuple("Row", [each.key or "" for each in columns], rename=True)  # type: ignore[misc]
        self.writers = {
            name: write
            for name in written.params
            if (write := _impl(written.binds[name], dialect).bind_processor(dialect))
        }
        self.readers = {
            at: read
            for at, each in enumerate(columns)
            if (read := _impl(each, dialect).result_processor(dialect, None))
        }

    def rows(self, connection: sa.Connection, values: dict[str, Any]) -> list[Any]:
        """Ask the database."""
        given = self.given | values
        for name, write in self.writers.items():
            given[name] = write(given[name])
        asked = given if self.order is None else tuple(given[name] for name in self.order)
        if connection.dialect.name == "sqlite":
            found = by_driver(connection, self.text, asked).fetchall()
        else:
            found = [*connection.exec_driver_sql(self.text, asked)]
        return [*map(self._row if self.readers else self.row._make, found)]

    def _row(self, cells: Iterable[Any]) -> Any:
        read = list(cells)
        for at, reader in self.readers.items():
            read[at] = reader(read[at])
        return self.row(*read)


def _impl(of: Any, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
    impl: sa.types.TypeEngine[Any] = of.type.dialect_impl(dialect)
    return impl


_OF_FIRMS: WeakKeyDictionary[Executable, dict[int, Executable]] = WeakKeyDictionary()
"""Statements that were executed and still exist, with the same for one firm: a statement kept in
a module is prepared once."""


@event.listens_for(FirmSession, "do_orm_execute")
def _see_one_firm(state: ORMExecuteState) -> None:
    firm_id = state.session.info["firm_id"]
    if firm_id is not None and not state.is_column_load:
        of_firms = _OF_FIRMS.setdefault(state.statement, {})
        if firm_id not in of_firms:
            of_firms[firm_id] = _of_firm(state.statement, firm_id)
        state.statement = of_firms[firm_id]


@event.listens_for(FirmSession, "before_flush")
def _own_new_rows(session: FirmSession, _context: object, _instances: object) -> None:
    firm_id = session.info["firm_id"]
    for row in session.new:
        if isinstance(row, FirmOwned) and firm_id is not None:
            if row.firm_id is None:
                row.firm_id = firm_id
            if row.firm_id != firm_id:
                raise ForeignFirmError(type(row).__name__)
