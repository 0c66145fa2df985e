"""A book as frames of integers, made of values or by the store; positions and columns in them.

Money is in cents (``_cents``), shares, rates and indexes are in hundredths of a per cent (``_bp``),
scores in hundredths, days are counted from 1970-01-01. A column that may be unknown is ``Int64``.
Only this module and ``book`` import pandas: looking up one client needs none of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.model import Client

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

EPOCH = date(1970, 1, 1)
NONE = -1
"""The code of no value; as a position it reads the zero that `taken` appends."""


COLUMNS = {
    "clients": "client_id advisor_id revenue_cents? income_cents? saving_rate_bp? "
    "business_share_bp? former_since?",
    "satisfactions": "client_id scale: score_hundredths measured_on",
    "wallets": "client_id source: known_on wallet_cents? share_bp? providers? rank_hundredths?",
    "holdings": "client_id managed_cents held_on",
    "criteria": "client_id criterion: noted_on recheck_on?",
    "ties": "client_id sponsor_id sponsor_supports?",
    "overrides": "client_id tier: first_day last_day",
    "decisions": "client_id kind: decided_on recheck_on?",
    "traits": "client_id kind: value noted_on",
}
"""Each frame's columns: a number; with ``?`` maybe unknown; with ``:`` a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFrames:
    """A book as frames, facts in the order they were recorded; ``?`` marks what may be unknown."""

    clients: pd.DataFrame
    """client_id, advisor_id, revenue_cents?, income_cents?, saving_rate_bp?, business_share_bp?,
    former_since?"""
    satisfactions: pd.DataFrame
    """client_id, scale, score_hundredths, measured_on"""
    wallets: pd.DataFrame
    """client_id, source, known_on, wallet_cents?, share_bp?, providers?, rank_hundredths?"""
    holdings: pd.DataFrame
    """client_id, managed_cents, held_on"""
    criteria: pd.DataFrame
    """client_id, criterion, noted_on, recheck_on?"""
    ties: pd.DataFrame
    """client_id, sponsor_id, sponsor_supports?: only read of a sponsor who is not in the book."""
    overrides: pd.DataFrame
    """client_id, tier, first_day, last_day"""
    decisions: pd.DataFrame
    """client_id, kind, decided_on, recheck_on?"""
    traits: pd.DataFrame
    """client_id, kind, value, noted_on"""


@dataclass(frozen=True, slots=True)
class Figures:
    """A column of integers, and where they are known; an unknown one is 0."""

    values: Ints
    known: Bools

    def at(self, position: Ints) -> "Figures":
        """Take figures by position; NONE is unknown."""
        return Figures(taken(self.values, position), taken(self.known, position))


def frames_of(clients: Iterable[Client]) -> BookFrames:
    """Make frames of values, for small books; figures finer than hundredths are an error."""
    every = list(clients)
    return BookFrames(
        clients=frame(
            COLUMNS["clients"],
            (
                (
                    c.client_id,
                    c.advisor_id,
                    _whole(c.revenue),
                    _whole(c.income),
                    _whole(c.saving_rate_pct),
                    _whole(c.business_share_pct),
                    _day(c.former_since),
                )
                for c in every
            ),
        ),
        satisfactions=frame(
            COLUMNS["satisfactions"],
            (
                (c.client_id, each.scale.value, _whole(each.score), _day(each.measured_on))
                for c in every
                for each in c.satisfactions
            ),
        ),
        wallets=frame(
            COLUMNS["wallets"],
            (
                (
                    c.client_id,
                    w.source.value,
                    _day(w.known_on),
                    _whole(w.wallet),
                    _whole(w.share_pct),
                    w.providers,
                    _whole(w.rank),
                )
                for c in every
                for w in c.wallets
            ),
        ),
        holdings=frame(
            COLUMNS["holdings"],
            ((c.client_id, _whole(h.managed), _day(h.held_on)) for c in every for h in c.holdings),
        ),
        criteria=frame(
            COLUMNS["criteria"],
            (
                (c.client_id, s.criterion.value, _day(s.noted_on), _day(s.recheck_on))
                for c in every
                for s in c.strategic
            ),
        ),
        ties=frame(
            COLUMNS["ties"],
            (
                (c.client_id, tie.sponsor.client_id, int(tie.sponsor.supports))
                for c in every
                for tie in c.legacy
            ),
        ),
        overrides=frame(
            COLUMNS["overrides"],
            (
                (c.client_id, o.tier.value, _day(o.first_day), _day(o.last_day))
                for c in every
                for o in c.overrides
            ),
        ),
        decisions=frame(
            COLUMNS["decisions"],
            (
                (c.client_id, d.kind.value, _day(d.decided_on), _day(d.recheck_on))
                for c in every
                for d in c.decisions
            ),
        ),
        traits=frame(
            COLUMNS["traits"],
            (
                (c.client_id, t.kind.value, t.value, _day(t.noted_on))
                for c in every
                for t in c.traits
            ),
        ),
    )


def frame(columns: str, rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    """Make a frame of rows with columns written as in `COLUMNS`."""
    dtypes = {"?": "Int64", ":": "category"}
    names = {name.rstrip("?:"): dtypes.get(name[-1], "int64") for name in columns.split()}
    return pd.DataFrame(list(rows), columns=list(names), dtype=object).astype(names)


def _whole(value: Decimal | None) -> int | None:
    """Return a figure in hundredths."""
    if value is None:
        return None
    whole = int(value * 100)
    if whole != value * 100:
        raise ValueError(f"{value} is finer than hundredths")
    return whole


def _day(day: date | None) -> int | None:
    return None if day is None else epoch_day(day)


def epoch_day(day: date) -> int:
    """Count the days from 1970-01-01 to a day."""
    return (day - EPOCH).days


def known_by(
    facts: pd.DataFrame, on: str, ids: pd.Index, day: int, *, tie: Ints | None = None
) -> pd.DataFrame:
    """Keep what was known of the book's clients by a day, ordered by client, then day.

    Adds `row`, the client's position in the book, and `day`. Facts of one day stand in the order
    of `tie`, then in that of recording.
    """
    row, days = positions(facts["client_id"], ids), ints(facts[on])
    kept = np.flatnonzero((row != NONE) & (days <= day))
    order = kept[order_of(row[kept], days[kept], None if tie is None else tie[kept])]
    return facts.take(order).assign(row=row[order], day=days[order])


def order_of(row: Ints, day: Ints, tie: Ints | None = None) -> Ints:
    """Order by client, day and tie with one integer key: sorting it is several times faster.

    The calendar of ``datetime`` has less than 2^22 days, and no tie has more than 2^2 values.
    """
    key = (row << 22) + (day - day.min(initial=0))
    if tie is not None:
        key = (key << 2) + tie
    return np.argsort(key, kind="stable")


def positions(client_id: pd.Series, ids: pd.Index) -> Ints:
    """Return each client's place in the book, or NONE."""
    return ids.get_indexer(pd.Index(client_id)).astype(np.int64)


def last_of(row: Ints, clients: int, where: Bools) -> Ints:
    """Return the position of each client's last fact of those in `where`, or NONE."""
    position = np.full(clients, NONE, dtype=np.int64)
    chosen = np.flatnonzero(where)
    position[row[chosen]] = chosen
    return position


def latest_so_far(row: Ints, where: Bools) -> Ints:
    """Return at each event the position of the client's latest one in `where`, or NONE."""
    position = np.maximum.accumulate(np.where(where, np.arange(len(row)), NONE))
    return np.where((position != NONE) & (taken(row, position) == row), position, NONE)


def ends_of_day(row: Ints, day: Ints) -> Bools:
    """Tell which events are a client's last of their day."""
    is_last = np.ones(len(row), dtype=bool)
    is_last[:-1] = (row[1:] != row[:-1]) | (day[1:] != day[:-1])
    return is_last


def any_of(row: Ints, clients: int) -> Bools:
    """Tell which clients occur among the positions given."""
    found = np.zeros(clients, dtype=bool)
    found[row[row != NONE]] = True
    return found


def taken(values: npt.NDArray[Any], position: Ints) -> npt.NDArray[Any]:
    """Take values by position; NONE takes a zero."""
    return np.append(values, np.zeros(1, dtype=values.dtype))[position]


def figures_of(column: pd.Series) -> Figures:
    """Read a column of whole numbers that may be unknown."""
    array = column.astype("Int64").array
    return Figures(array.to_numpy(dtype=np.int64, na_value=0), ~array.isna())


def ints(column: pd.Series) -> Ints:
    """Read a column of known whole numbers."""
    return column.to_numpy(dtype=np.int64)


def figures_column(values: Ints, known: Bools) -> pd.arrays.IntegerArray:
    """Write figures as a column, NA where unknown."""
    return pd.arrays.IntegerArray(np.where(known, values, 0), ~known)


def codes_of(column: pd.Series, kinds: Sequence[StrEnum]) -> Ints:
    """Return each value's place in `kinds`; another value is an error."""
    codes = pd.Index([kind.value for kind in kinds]).get_indexer(pd.Index(column))
    if (codes == NONE).any():
        raise ValueError(f"{column.name} has values other than {', '.join(kinds)}")
    return codes.astype(np.int64)


def categorical(codes: Ints, kinds: Sequence[StrEnum]) -> "pd.Categorical[str]":
    """Write codes as a column of words, NA for NONE."""
    return pd.Categorical.from_codes(codes, categories=pd.Index([kind.value for kind in kinds]))
