"""Many values as one text, into a statement and out of it: a driver's objects cost most."""

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session

BATCH = 900
"""Values per query: SQLite allows 999 variables in older builds."""


def joined(session: Session, cell: Any) -> sa.ColumnElement[str]:
    """Join numbers, days or words by commas, which none of ours holds; unknown is empty.

    Without any row the text is None.
    """
    if session.get_bind().dialect.name == "sqlite":
        return sa.func.group_concat(
            sa.func.coalesce(cell, "")
        )  # a named comma takes thrice as long
    return sa.func.string_agg(sa.func.coalesce(sa.cast(cell, sa.Text), ""), ",")


class Listed(FunctionElement[str]):
    """The cells of a group as a JSON list, several of a row as a list each; it has no order.

    Without any row it may be None.
    """

    type = sa.Text()
    inherit_cache = True


@compiles(Listed, "sqlite")
def _listed_by_sqlite(element: Listed, compiler: SQLCompiler, **options: Any) -> str:
    cells = compiler.process(element.clauses, **options)
    return f"json_group_array({cells if len(element.clauses) == 1 else f'json_array({cells})'})"


@compiles(Listed, "postgresql")
def _listed_by_postgres(element: Listed, compiler: SQLCompiler, **options: Any) -> str:
    cells = compiler.process(element.clauses, **options)
    row = cells if len(element.clauses) == 1 else f"json_build_array({cells})"
    return f"CAST(json_agg({row}) AS TEXT)"


class _Many(sa.types.TypeDecorator[Collection[Any]]):
    """Values of one type as one parameter."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, each: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Take an array where the database has them, else JSON."""
        return sa.ARRAY(self.each) if dialect.name == "postgresql" else sa.Text()

    def process_bind_param(self, value: Collection[Any] | None, dialect: sa.Dialect) -> Any:
        """Write the values."""
        values = list(value or ())
        return values if dialect.name == "postgresql" else json.dumps(values)


class _Among(FunctionElement[bool]):
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_Among":
        """Stay as it is: compared with 1, as SQLite's truths are, it would use no index."""
        return self


@compiles(_Among, "sqlite")
def _among_by_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    cell, values = (compiler.process(each, **options) for each in element.clauses)
    return f"({cell} IN (SELECT value FROM json_each({values})))"


@compiles(_Among, "postgresql")
def _among_by_postgres(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    cell, values = (compiler.process(each, **options) for each in element.clauses)
    return f"({cell} = ANY({values}))"


def among(cell: Any, name: str) -> sa.ColumnElement[bool]:
    """Tell whether a cell has one of the values of the parameter `name`, however many there are."""
    return _Among(cell, sa.bindparam(name, type_=_Many(cell.type)))


class _MostlyTrue(FunctionElement[bool]):
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_MostlyTrue":
        """Stay as it is, as `_Among` does."""
        return self


@compiles(_MostlyTrue)
def _mostly_true(element: _MostlyTrue, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_MostlyTrue, "sqlite")
def _mostly_true_by_sqlite(element: _MostlyTrue, compiler: SQLCompiler, **options: Any) -> str:
    return f"likelihood({compiler.process(element.clauses, **options)}, 0.95)"


def mostly_true(criterion: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Say that a criterion, such as the firm's, holds for most rows.

    Without statistics SQLite believes that a firm has ten rows, and would read all of them to find
    one client's.
    """
    return _MostlyTrue(criterion)
