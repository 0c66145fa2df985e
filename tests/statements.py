"""What a database is asked, whether by SQLAlchemy or by SQLite's own driver."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


@contextmanager
def noting(engine: sa.Engine, note: Callable[[str], object]) -> Iterator[None]:
    """Tell each statement to `note`, in the thread that asks; SQLite's with their values."""

    def ask(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        note(statement)

    def listen(connection: Any, *_rest: object) -> None:
        connection.set_trace_callback(note)

    def leave(connection: Any, *_rest: object) -> None:
        connection.set_trace_callback(None)

    if engine.dialect.name == "sqlite":
        listeners = [("checkout", listen), ("checkin", leave)]
    else:
        listeners = [("before_cursor_execute", ask)]
    for name, each in listeners:
        sa.event.listen(engine, name, each)
    yield
    for name, each in listeners:
        sa.event.remove(engine, name, each)
