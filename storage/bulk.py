"""Reads and writes many clients with their dated facts at once, as plain values, not as objects."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.tables import (
    ClientRow,
    HoldingRow,
    LegacyRow,
    SatisfactionRow,
    StrategicRow,
    WalletRow,
)

FIGURES = {
    "name": "name",
    "revenue": "revenue_cents",
    "income": "income_cents",
    "saving_rate": "saving_rate_bp",
    "business_share": "business_share_bp",
    "client_since": "client_since",
    "former_since": "former_since",
}
"""Fields of a file to columns of a client; revenue and advisor have rules of their own."""

FACTS = {
    "satisfaction": ("scale", "measured_on", "score_hundredths"),
    "wallet": ("source", "known_on", "wallet_cents", "share_bp"),
    "managed": ("held_on", "managed_cents"),
}
"""Dated facts to the columns of their tables: key, day, values."""

Row = dict[str, Any]
Key = tuple[Any, ...]


class Known:
    """What the store knows of the firm's clients, as plain values by client number or id."""

    def __init__(self, session: Session) -> None:
        self.clients = known_clients(session)
        numbers = {row["id"]: external_id for external_id, row in self.clients.items()}
        self.facts: dict[str, defaultdict[Key, dict[date, Key]]] = {
            "satisfaction": _history(
                session, SatisfactionRow, ("scale",), "measured_on", ("score_hundredths",)
            ),
            "wallet": _history(
                session, WalletRow, ("source",), "known_on", ("wallet_cents", "share_bp")
            ),
            "managed": _history(session, HoldingRow, (), "held_on", ("managed_cents",)),
        }
        self.criteria: defaultdict[int | None, set[str]] = defaultdict(set)
        for client_id, criterion in values_of(
            session, StrategicRow.client_id, StrategicRow.criterion
        ):
            self.criteria[client_id].add(criterion)
        self.ties: defaultdict[int | None, set[tuple[str, str]]] = defaultdict(set)
        for client_id, sponsor_id, relation in values_of(
            session, LegacyRow.client_id, LegacyRow.sponsor_id, LegacyRow.relation
        ):
            self.ties[client_id].add((numbers[sponsor_id], relation))


def upsert(
    session: Session,
    table: type[SQLModel],
    rows: Sequence[Row],
    keys: Sequence[str],
    **otherwise: Any,
) -> None:
    """Insert rows, or where a row with these keys exists, give it the new values.

    Each row names its firm itself: statements of this kind are not filtered by the session.
    """
    if not rows:
        return
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if on_sqlite else postgresql.insert
    statement = insert(table.__table__)  # type: ignore[attr-defined]
    values = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=keys, set_=values | otherwise)
    session.connection().execute(statement, list(rows))


def known_clients(session: Session) -> dict[str, Row]:
    """Return the firm's clients with their present figures, by client number."""
    names = ("id", "external_id", "advisor_id", *FIGURES.values(), "revenue_on")
    rows = values_of(session, *(getattr(ClientRow, name) for name in names))
    return {row.external_id: dict(zip(names, row, strict=True)) for row in rows}


def values_of(session: Session, *columns: Any) -> Sequence[Any]:
    """Return columns of the firm's rows."""
    return session.execute(sa.select(*columns)).all()


def _history(
    session: Session, table: Any, keys: Sequence[str], day: str, values: Sequence[str]
) -> defaultdict[Key, dict[date, Key]]:
    """Return, by client and key, what was known on which day."""
    found: defaultdict[Key, dict[date, Key]] = defaultdict(dict)
    names = ("client_id", *keys, day, *values)
    rows = values_of(session, *(getattr(table, name) for name in names))
    split = 1 + len(keys)
    for row in rows:
        found[tuple(row[:split])][row[split]] = tuple(row[split + 1 :])
    return found
