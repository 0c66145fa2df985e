"""Engines of SQLite files: mode 0600, WAL, full sync, writers begin immediately."""

import os
import sqlite3
from collections import deque
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL

ANSWER_PATIENCE_S = 1.0
"""How long somebody who waits for an answer waits for another writer."""
WORKER_PATIENCE_S = 30.0


def wipe(engine: sa.Engine) -> bool:
    """Rewrite a database without its free space and empty its log; False if others hold it up.

    PostgreSQL marks the space as free; what it archived is its administrators' to remove.
    """
    if engine.dialect.name != "sqlite":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM")
        return True
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(WORKER_PATIENCE_S * 1000)}")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        answer = cursor.fetchone()
    except sqlite3.OperationalError:
        return False
    finally:
        raw.invalidate()  # it has another patience than the pool's
        raw.close()
    return answer is not None and not answer[0]


def empty_log(engine: sa.Engine) -> None:
    """Empty the log of a SQLite file, in which deleted rows still stand, unless others read it."""
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()


def by_driver(connection: sa.Connection, statement: str, values: Any) -> sqlite3.Cursor:
    """Execute a statement on SQLite's own connection, within the transaction that was begun.

    SQLAlchemy's way to a result takes several times as long as SQLite itself.
    """
    try:
        cursor: sqlite3.Cursor = connection.connection.cursor()  # type: ignore[assignment]
        return cursor.execute(statement, values)
    except sqlite3.Error as error:
        raise sa.exc.DBAPIError.instance(None, None, error, sqlite3.Error) from None


class Aside:
    """Connections of a SQLite file that stay out of the pool, for what every answer waits for.

    From the pool to one INSERT and back takes SQLAlchemy ten times as long as the INSERT itself.
    What is written here is there at once for all processes and outlives each of them; only with
    the machine's power the last of it may be lost, for no commit waits for the disk.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._idle: deque[sa.PoolProxiedConnection] = deque()

    def execute(self, statement: str, values: Any) -> int:
        """Execute one statement, kept at once, and return how many rows it changed."""
        try:
            raw = self._idle.pop()
        except IndexError:
            raw = self._connect()
        try:
            cursor = raw.cursor()
            count: int = cursor.execute(statement, values).rowcount
            cursor.close()
        except sqlite3.Error as error:
            raw.close()
            raise sa.exc.DBAPIError.instance(None, None, error, sqlite3.Error) from None
        self._idle.append(raw)
        return count

    def close(self) -> None:
        """Close the connections; the next statement opens one again."""
        while self._idle:
            self._idle.pop().close()

    def _connect(self) -> sa.PoolProxiedConnection:
        raw = self._engine.raw_connection()
        raw.detach()
        cursor = raw.cursor()
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute(f"PRAGMA busy_timeout={int(ANSWER_PATIENCE_S * 1000)}")
        cursor.close()
        return raw


def sqlite_engine(url: URL) -> sa.Engine:
    """Make the engine of a file; it is created for its owner alone, and opened when needed."""
    if url.database and url.database != ":memory:":
        path = Path(url.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():  # to close a file that is in use drops all locks of the process on it
            os.close(os.open(path, os.O_CREAT, 0o600))
    engine = sa.create_engine(url, hide_parameters=True, pool_use_lifo=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would lose updates silently
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        patience_ms = int(options.get("patience_s", ANSWER_PATIENCE_S) * 1000)
        if connection.info.get("patience_ms") != patience_ms:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={patience_ms}")
            connection.info["patience_ms"] = patience_ms
        references = "OFF" if options.get("references_checked") else "ON"
        if connection.info.get("references", "ON") != references:
            connection.exec_driver_sql(f"PRAGMA foreign_keys={references}")
            connection.info["references"] = references
        if options.get("read_only"):
            connection.connection.cursor().execute("BEGIN")  # takes no lock, so it cannot fail
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
