"""A firm's clients as frames, straight from their columns: for whole books, not for one client."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.frames import COLUMNS, BookFrames, epoch_day, frame
from storage.tables import (
    ClientRow,
    DecisionRow,
    HoldingRow,
    LegacyRow,
    OverrideRow,
    SatisfactionRow,
    StrategicRow,
    TraitRow,
    WalletRow,
)

TABLES = {
    "satisfactions": SatisfactionRow,
    "wallets": WalletRow,
    "holdings": HoldingRow,
    "criteria": StrategicRow,
    "overrides": OverrideRow,
    "decisions": DecisionRow,
    "traits": TraitRow,
}


def load_frames(session: Session) -> BookFrames:
    """Return all clients of the session's firm with what `domain.book` reads of them."""
    clients = sa.select(
        col(ClientRow.id).label("client_id"), *_columns(ClientRow, COLUMNS["clients"])
    ).order_by(col(ClientRow.id))
    # Every sponsor is a client of the firm, so that nobody's tier has to be stated.
    ties = sa.select(
        col(LegacyRow.client_id), col(LegacyRow.sponsor_id), sa.null().label("sponsor_supports")
    ).order_by(col(LegacyRow.id))
    return BookFrames(
        clients=frame(COLUMNS["clients"], _rows(session, clients)),
        ties=frame(COLUMNS["ties"], _rows(session, ties)),
        **{
            name: frame(
                COLUMNS[name],
                _rows(
                    session,
                    sa.select(*_columns(table, COLUMNS[name], "client_id")).order_by(
                        col(table.id)  # type: ignore[attr-defined]
                    ),
                ),
            )
            for name, table in TABLES.items()
        },
    )


def _columns(table: type[Any], columns: str, *also: str) -> list[Any]:
    names = [name.rstrip("?:") for name in columns.split()]
    return [getattr(table, name) for name in names if name != "client_id" or name in also]


def _rows(session: Session, query: sa.Executable) -> Iterable[tuple[Any, ...]]:
    for row in session.execute(query):
        yield tuple(epoch_day(each) if isinstance(each, date) else each for each in row)
