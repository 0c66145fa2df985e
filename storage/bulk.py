"""Reads and writes many clients with their dated facts at once, as plain values, not as objects."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.tables import (
    ClientRow,
    HoldingRow,
    LegacyRow,
    SatisfactionRow,
    StrategicRow,
    WalletRow,
)

BATCH = 900
"""Values per query: SQLite allows 999 variables in older builds."""

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
CLIENT_COLUMNS = ("external_id", "advisor_id", *FIGURES.values(), "revenue_on")

FACTS = {
    "satisfaction": ("scale", "measured_on", "score_hundredths"),
    "wallet": ("source", "known_on", "wallet_cents", "share_bp"),
    "managed": ("held_on", "managed_cents"),
}
"""Dated facts to the columns of their tables: key, day, values."""

Row = dict[str, Any]
Key = tuple[Any, ...]


class Known:
    """What the store knows of some clients, as plain values by client number or id."""

    def __init__(self, session: Session, numbers: Sequence[str]) -> None:
        self.session = session
        self.clients: dict[str, Row] = {}
        names = ("id", "version", *CLIENT_COLUMNS)
        for row in self._select(ClientRow, names, ClientRow.external_id, numbers):
            self.clients[row.external_id] = dict(zip(names, row, strict=True))
        self.ids = [row["id"] for row in self.clients.values()]
        self.facts: dict[str, defaultdict[Key, dict[date, Key]]] = {
            "satisfaction": self._history(SatisfactionRow, "satisfaction", 1),
            "wallet": self._history(WalletRow, "wallet", 1),
            "managed": self._history(HoldingRow, "managed", 0),
        }
        self.criteria: defaultdict[int | None, set[str]] = defaultdict(set)
        for client_id, criterion in self._of_clients(StrategicRow, ("client_id", "criterion")):
            self.criteria[client_id].add(criterion)
        self.ties: defaultdict[int | None, dict[str, str]] = defaultdict(dict)
        for batch in batches(self.ids):
            ties = (
                sa.select(
                    col(LegacyRow.client_id), col(ClientRow.external_id), col(LegacyRow.relation)
                )
                .join(ClientRow, col(ClientRow.id) == col(LegacyRow.sponsor_id))
                .where(col(LegacyRow.client_id).in_(batch))
            )
            for client_id, sponsor, relation in session.execute(ties):
                self.ties[client_id][sponsor] = relation

    def _history(self, table: Any, name: str, keys: int) -> defaultdict[Key, dict[date, Key]]:
        """Return, by client and key, what was known on which day."""
        found: defaultdict[Key, dict[date, Key]] = defaultdict(dict)
        split = 1 + keys
        for row in self._of_clients(table, ("client_id", *FACTS[name])):
            found[tuple(row[:split])][row[split]] = tuple(row[split + 1 :])
        return found

    def _of_clients(self, table: Any, names: Sequence[str]) -> Iterator[Any]:
        return self._select(table, names, table.client_id, self.ids)

    def _select(
        self, table: Any, names: Sequence[str], key: Any, values: Sequence[Any]
    ) -> Iterator[Any]:
        columns = [getattr(table, name) for name in names]
        for batch in batches(values):
            yield from self.session.execute(sa.select(*columns).where(col(key).in_(batch)))


def batches(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut values into pieces that fit a query."""
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))
