"""Reads and writes many clients with their dated facts as columns, not as objects.

A number or a day in a column is an int64, UNKNOWN where nothing is known; a text is a str or None.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import AutoString, Session, col

from domain.model import TraitKind, WalletSource
from storage.joined import BATCH, joined
from storage.tables import (
    ClientRow,
    Fact,
    HoldingRow,
    LegacyRow,
    SatisfactionRow,
    StrategicRow,
    TraitRow,
    WalletRow,
)

AT_ONCE = 50_000
"""Values that are passed as one."""
UNKNOWN = np.iinfo(np.int64).min
"""The same bits as numpy's NaT."""

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Row = dict[str, Any]

FIGURES = {
    "name": "name",
    "revenue": "revenue_cents",
    "income": "income_cents",
    "saving_rate": "saving_rate_bp",
    "business_share": "business_share_bp",
    "client_since": "client_since",
    "former_since": "former_since",
    "born_on": "born_on",
    "last_review_on": "last_review_on",
    "last_contact_on": "last_contact_on",
}
"""Fields of a file to columns of a client; revenue and advisor have rules of their own."""
CLIENT_COLUMNS = ("external_id", "advisor_id", *FIGURES.values(), "revenue_on")
TEXTS = ("external_id", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactKind:
    """A dated fact of a client: where it is kept, and how file and stage call its columns."""

    table: type[Fact]
    day: str
    values: tuple[str, ...]
    key: str | None = None
    """The column that tells facts of one day apart, if a file says it."""
    default_key: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    """The same where the kind itself says it."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Column to the field of a file."""
    staged: Mapping[str, str] = field(default_factory=dict)
    """Column to the one of the stage, where they differ."""
    is_recorded: bool = True
    """Whether the table says who recorded a fact, and when."""

    @property
    def unique(self) -> tuple[str, ...]:
        """Return what only one fact can have."""
        keys = (self.key,) if self.key else ()
        return ("client_id", *keys, *self.marks, self.day)

    def stage_column(self, column: str) -> str:
        """Return how the stage calls a column."""
        return self.staged.get(column, column)


def _trait(kind: TraitKind) -> FactKind:
    name, day = kind.value, f"{kind.value}_on"
    named = {"value": name, "noted_on": day}
    return FactKind(
        table=TraitRow,
        day="noted_on",
        values=("value",),
        marks={"kind": name},
        fields=named,
        staged=named,
    )


FACTS: dict[str, FactKind] = {
    "satisfaction": FactKind(
        table=SatisfactionRow,
        key="scale",
        day="measured_on",
        values=("score_hundredths",),
        fields={
            "scale": "satisfaction_scale",
            "measured_on": "satisfaction_on",
            "score_hundredths": "satisfaction",
        },
    ),
    "wallet": FactKind(
        table=WalletRow,
        key="source",
        default_key=WalletSource.ESTIMATE.value,
        day="known_on",
        values=("wallet_cents", "share_bp"),
        fields={
            "source": "wallet_source",
            "known_on": "wallet_on",
            "wallet_cents": "wallet",
            "share_bp": "wallet_share",
        },
    ),
    "provider_rank": FactKind(
        table=WalletRow,
        marks={"source": WalletSource.RULE.value},
        day="known_on",
        values=("providers", "rank_hundredths"),
        fields={
            "known_on": "ranked_on",
            "providers": "providers",
            "rank_hundredths": "provider_rank",
        },
        staged={"known_on": "ranked_on"},
    ),
    "managed": FactKind(
        table=HoldingRow,
        day="held_on",
        values=("managed_cents",),
        fields={"managed_cents": "managed"},
        is_recorded=False,
    ),
    **{kind.value: _trait(kind) for kind in TraitKind},
}
"""Dated facts by what a file calls them."""


class Known:
    """What the store knows of some clients, in columns."""

    def __init__(self, session: Session, numbers: Sequence[str]) -> None:
        self.session, self.firm_id = session, session.info["firm_id"]
        counted = [name for name in ("id", "version", *CLIENT_COLUMNS) if name not in TEXTS]
        columns = self._select(ClientRow, counted, ClientRow.external_id, numbers)
        order = np.argsort(columns["id"])
        self.columns: dict[str, Any] = {name: each[order] for name, each in columns.items()}
        self.ids: list[int] = self.columns["id"].tolist()
        of: Any = ClientRow.__table__  # type: ignore[attr-defined]
        query = sa.select(*(of.c[name] for name in TEXTS)).order_by(of.c.id)
        rows = (
            session.connection().execute(query.where(_is_one_of(session, of.c.id, self.ids))).all()
        )
        for place, name in enumerate(TEXTS):
            self.columns[name] = texts([row[place] for row in rows])
        self.numbers: list[str] = self.columns["external_id"].tolist()
        self.place = {number: place for place, number in enumerate(self.numbers)}

    def places(self, numbers: Sequence[str]) -> Ints:
        """Say where each client stands in the columns, -1 for one that is not known."""
        return np.array([self.place.get(number, -1) for number in numbers], np.int64)

    def history(self, kind: FactKind) -> dict[str, Any]:
        """Return all facts of a kind, in columns."""
        keys = (kind.key,) if kind.key else ()
        names = ("client_id", *keys, kind.day, *kind.values)
        marks = [col(getattr(kind.table, mark)) == value for mark, value in kind.marks.items()]
        return self._select(kind.table, names, kind.table.client_id, self.ids, *marks)

    def criteria(self) -> set[tuple[int, str]]:
        """Return the criteria that clients have, with the clients' ids."""
        names = ("client_id", "criterion")
        found = self._select(StrategicRow, names, StrategicRow.client_id, self.ids)
        return set(zip(found["client_id"].tolist(), found["criterion"], strict=True))

    def ties(self) -> dict[tuple[int, str], str]:
        """Return relations by the client's id and the sponsor's number."""
        query = (
            sa.select(col(LegacyRow.client_id), col(ClientRow.external_id), col(LegacyRow.relation))
            .join(ClientRow, col(ClientRow.id) == col(LegacyRow.sponsor_id))
            .where(_is_one_of(self.session, col(LegacyRow.client_id), self.ids))
        )
        return {(client, sponsor): how for client, sponsor, how in self.session.execute(query)}

    def _select(
        self, table: Any, names: Sequence[str], key: Any, values: Sequence[Any], *more: Any
    ) -> dict[str, Any]:
        """Read numbers, days and words of ours; each column comes as one text."""
        cells: Sequence[str | None] = (None,) * len(names)
        of = table.__table__.c
        if values:
            query = sa.select(*(joined(self.session, of[name]) for name in names))
            wanted = (of.firm_id == self.firm_id, _is_one_of(self.session, key, values), *more)
            cells = self.session.connection().execute(query.where(*wanted)).one()
        found = zip(names, cells, strict=True)
        return {name: _column(text, of[name].type) for name, text in found}


def known_numbers(session: Session, numbers: Sequence[str]) -> set[str]:
    """Return which of these client numbers the firm knows."""
    query = sa.select(col(ClientRow.external_id))
    found: set[str] = set()
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        wanted = _is_one_of(session, col(ClientRow.external_id), some)
        found.update(session.execute(query.where(wanted)).scalars())
    return found


def _is_one_of(session: Session, column: Any, values: Sequence[Any]) -> Any:
    """Compare with any number of values by one parameter."""
    if is_sqlite(session):
        each = sa.func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(sa.select(each))
    return column == sa.any_(sa.bindparam(None, list(values), sa.ARRAY(column.type)))


def _column(text: str | None, of: Any) -> Any:
    cells = [] if text is None else text.split(",")
    if isinstance(of, AutoString):
        return texts(cells)
    if isinstance(of, sa.Date):
        return np.array(cells, "datetime64[D]").astype(np.int64)
    return np.array([int(cell) if cell else UNKNOWN for cell in cells], np.int64)


def is_sqlite(session: Session) -> bool:
    """Tell which of the two databases a session speaks to."""
    return session.get_bind().dialect.name == "sqlite"


def batches(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut values into pieces that fit a query."""
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


def texts(values: Sequence[Any]) -> NDArray[np.object_]:
    """Make a column of texts."""
    column = np.empty(len(values), object)
    column[:] = values
    return column


def plain(column: Any, *, days: bool = False) -> list[Any]:
    """Return a column as plain values: numbers, dates or texts, None for the unknown."""
    if column.dtype == object:
        return list(column)
    values: list[Any]
    if days:
        distinct, where = np.unique(column, return_inverse=True)
        dates = distinct.view("datetime64[D]").astype(object)
        values = texts(list(dates))[where].tolist()
        return values
    values = column.tolist()
    if (column == UNKNOWN).any():
        return [None if value == UNKNOWN else value for value in values]
    return values


def insert(session: Session, table: sa.Table, columns: Mapping[str, Any], rows: int) -> None:
    """Insert rows given as columns, by the driver itself; what is no list stands in every row."""
    if not rows:
        return
    connection = session.connection()
    dialect = connection.dialect
    given = []
    for name, values in columns.items():
        process = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        given.append(_bound(values, rows, process))
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(dialect.identifier_preparer.quote(name) for name in columns)
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({', '.join([mark] * len(columns))})"
    connection.exec_driver_sql(statement, list(zip(*given, strict=True)))


def _bound(values: Any, rows: int, process: Any) -> list[Any]:
    """Write values as the driver wants them; the same object is written once."""
    if not isinstance(values, list):
        return [process(values) if process else values] * rows
    if process is None:
        return values
    written: dict[int, Any] = {}
    for value in values:
        if id(value) not in written:
            written[id(value)] = process(value)
    return [written[id(value)] for value in values]
