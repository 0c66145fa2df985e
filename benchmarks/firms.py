"""A fictional firm of any size in a SQLite file: clients, two years of facts, names to search."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from sqlmodel import Session, SQLModel

from domain.access import Role
from domain.frames import Ints
from domain.model import Criterion, DecisionKind, Relation, Scale, WalletSource
from storage.firms import link_member, save_member
from storage.migrate import migrate
from storage.search import index_all
from storage.store import Store, open_store
from storage.tables import (
    ClientRow,
    DecisionRow,
    FirmRow,
    HoldingRow,
    LegacyRow,
    SatisfactionRow,
    StrategicRow,
    WalletRow,
)
from tests.storage.names import FIRST, fictional_names

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEAM_ID = "T0001"
USER_ID = "U0001"
PER_ADVISOR = 120
KNOWN = 0.97
"""This share of the clients has a revenue, a satisfaction, a wallet."""
ENDINGS = (
    "mann", "meier", "huber", "bauer", "hofer", "stein", "feld", "berg", "ing", "s", "ke", "inger",
    "eder", "bach", "brecht", "hardt", "hoff", "kamp", "lein", "mair", "rath", "thal", "wald",
)  # fmt: skip


def names_of(count: int) -> list[str]:
    """Return distinct names; a third of the last words get an ending, as last names have them."""
    chance = random.Random(3)
    plain = fictional_names(min(count, 30_000))
    names: dict[str, None] = {}
    while len(names) < count:
        *first, last = chance.choice(plain).split()
        ending = chance.choice(ENDINGS) if chance.random() < 0.3 else ""
        given = [*first, chance.choice(FIRST)] if chance.random() < 0.3 else first
        names[" ".join((*given, last + ending))] = None
    return list(names)


def build_firm(
    folder: Path, names: Sequence[str], *, with_index: bool = False
) -> tuple[Store, int]:
    """Build a firm with a client a name; a lead who may see them all is linked to `USER_ID`."""
    store = open_store(f"sqlite:///{folder / f'firm-{len(names)}.db'}")
    migrate(store)
    with store.write(None) as session:
        firm = FirmRow(workspace_id=TEAM_ID, name="Nordlicht Vermögen", created_at=NOW)
        session.add(firm)
        session.flush()
        firm_id = int(firm.id or 0)
    with store.write(firm_id) as session:
        advisors = [
            save_member(
                session, key=f"a{number}", name=f"Advisor {number}", role=Role.ADVISOR, team="all"
            ).member_id
            for number in range(-(-len(names) // PER_ADVISOR))
        ]
        save_member(session, key="lead", name="Petra Vogt", role=Role.LEAD, team="all")
        link_member(session, "lead", USER_ID, at=NOW)
        _add_clients(session, firm_id, names, advisors)
        _add_facts(session, firm_id, len(names))
        if with_index:
            index_all(session)
    return store, firm_id


def _add_clients(
    session: Session, firm_id: int, names: Sequence[str], advisors: Sequence[int]
) -> None:
    chance, count = np.random.default_rng(1), len(names)
    _insert(
        session,
        ClientRow,
        id=range(1, count + 1),
        firm_id=firm_id,
        external_id=[f"K{number:07d}" for number in range(count)],
        name=names,
        advisor_id=[advisors[number // PER_ADVISOR] for number in range(count)],
        revenue_cents=_often(KNOWN, _cents(chance, count, 8).tolist(), chance),
        revenue_on=TODAY.isoformat(),
        income_cents=_often(0.6, _cents(chance, count, 11).tolist(), chance),
        saving_rate_bp=_often(0.6, chance.integers(0, 4_000, count).tolist(), chance),
        business_share_bp=_often(0.1, chance.integers(0, 10_000, count).tolist(), chance),
        former_since=_often(0.02, _days(chance, count), chance),
        version=1,
    )


def _add_facts(session: Session, firm_id: int, clients: int) -> None:
    chance = np.random.default_rng(2)

    def some(share: float) -> tuple[Ints, dict[str, Any]]:
        ids = np.flatnonzero(chance.random(clients) < share) + 1
        return ids, {"firm_id": firm_id, "client_id": ids.tolist()}

    said = {"recorded_by": "benchmark", "recorded_at": NOW.strftime("%Y-%m-%d %H:%M:%S.%f")}

    for age in (400, 0):
        ids, whose = some(KNOWN)
        _insert(
            session,
            SatisfactionRow,
            **whose,
            score_hundredths=chance.integers(100, 500, len(ids)).tolist(),
            scale=Scale.CSAT.value,
            measured_on=_days(chance, len(ids), age=age),
            **said,
        )
    ids, whose = some(KNOWN)
    managed = _cents(chance, len(ids), 12)
    wallet = (managed / chance.uniform(0.1, 1, len(ids))).astype(np.int64)
    sources = chance.choice([source.value for source in WalletSource], len(ids))
    day = _days(chance, len(ids))
    _insert(session, HoldingRow, **whose, managed_cents=managed.tolist(), held_on=day)
    _insert(
        session,
        WalletRow,
        **whose,
        source=sources.tolist(),
        known_on=day,
        wallet_cents=wallet.tolist(),
        **said,
    )
    ids, whose = some(0.03)
    criteria = chance.choice([each.value for each in Criterion], len(ids)).tolist()
    day = _days(chance, len(ids))
    _insert(session, StrategicRow, **whose, criterion=criteria, noted_on=day, reason="")
    ids, whose = some(0.03)
    sponsor = np.maximum(ids - 1, 1).tolist()
    _insert(session, LegacyRow, **whose, relation=Relation.FRIEND.value, sponsor_id=sponsor)
    ids, whose = some(0.04)
    day, watch = _days(chance, len(ids)), DecisionKind.WATCH.value
    _insert(session, DecisionRow, **whose, kind=watch, reason="", by="", decided_on=day)


def _insert(session: Session, table: type[SQLModel], **columns: Any) -> None:
    """Insert columns as SQLite keeps them: the usual way costs minutes at a million clients."""
    alike = {name: repeat(each) for name, each in columns.items() if isinstance(each, str | int)}
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES ({marks})"
    rows = list(zip(*(columns | alike).values(), strict=False))
    if rows:
        session.connection().exec_driver_sql(statement, rows)


def _often(share: float, values: Any, chance: Generator) -> list[Any]:
    known = chance.random(len(values)) < share
    return [value if is_known else None for value, is_known in zip(values, known, strict=True)]


def _cents(chance: Generator, count: int, size: float) -> Ints:
    return (100 * chance.lognormal(size, 1, count)).astype(np.int64)


def _days(chance: Generator, count: int, *, age: int = 0) -> list[str]:
    days = np.datetime64(TODAY) - chance.integers(age, age + 360, count).astype("timedelta64[D]")
    return [str(day) for day in days]
