"""A book as frames of integers, made of values or by the store; positions and columns in them.

Money is in cents (``_cents``), shares, rates and indexes are in hundredths of a per cent (``_bp``),
scores in hundredths, days are counted from 1970-01-01. A column that may be unknown is ``Int64``.
Only this module and ``book`` import pandas: looking up one client needs none of it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.model import Client

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]
"""Places in a short list of words."""
Bools = npt.NDArray[np.bool_]

EPOCH = date(1970, 1, 1)
NONE = -1
"""The code of no value; as a position it reads the zero that `taken` appends."""
PLACES_PER_CLIENT = 64
"""Ids are looked up in a table as long as it has no more places than this for each client."""


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


class Roster:
    """The clients of a book, each with its place in it."""

    def __init__(self, client_id: Ints) -> None:
        self.client_id = client_id
        self._before = int(client_id.min(initial=0)) - 1
        span = int(client_id.max(initial=0)) - self._before
        self._table: Ints | None = None
        if span <= PLACES_PER_CLIENT * (len(client_id) + 1):
            self._table = np.full(span + 2, NONE, dtype=np.int64)
            self._table[client_id - self._before] = np.arange(len(client_id))

    def __len__(self) -> int:
        return len(self.client_id)

    def places(self, client_id: pd.Series) -> Ints:
        """Return each client's place in the book, or NONE."""
        ids = ints(client_id)
        if self._table is None:
            return pd.Index(self.client_id).get_indexer(pd.Index(ids)).astype(np.int64)
        return self._table.take(ids - self._before, mode="clip")  # both ends are nobody's


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a frame in an order of their own; columns are taken when they are read."""

    frame: pd.DataFrame
    order: Ints

    def figures(self, name: str) -> Figures:
        """Return a column of whole numbers that may be unknown."""
        column = figures_of(self.frame[name])
        return Figures(column.values[self.order], column.known[self.order])

    def ints(self, name: str) -> Ints:
        """Return a column of known whole numbers."""
        return ints(self.frame[name])[self.order]

    def codes(self, name: str, kinds: Sequence[StrEnum]) -> Codes:
        """Return a column of words as places in `kinds`."""
        return codes_of(self.frame[name], kinds)[self.order]


@dataclass(frozen=True, slots=True)
class Facts(Rows):
    """Facts about a book's clients, ordered by client, then day."""

    row: Ints
    """The client's place in the book."""
    day: Ints
    tie: Ints
    """What orders facts of one day."""

    def none(self) -> "Facts":
        """Return no fact of these."""
        return Facts(self.frame, *(each[:0] for each in (self.order, self.row, self.day, self.tie)))


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
    facts: pd.DataFrame, on: str, roster: Roster, day: int, *, tie: Codes | None = None
) -> Facts:
    """Order what was known of a book's clients by a day by client, then day.

    Facts of one day stand in the order of `tie`, then in that of recording.
    """
    row, days = roster.places(facts["client_id"]), ints(facts[on])
    ties = np.zeros(len(row), dtype=np.int8) if tie is None else tie
    unknown = (row == NONE) | (days > day)
    row, days, ordered_ties, order = in_order(row, days, ties, without=unknown)
    return Facts(facts, order, row, days, ordered_ties)


def in_order(*columns: npt.NDArray[np.integer[Any]], without: Bools | None = None) -> list[Ints]:
    """Sort by columns, the first before the second; return them and where each row stood.

    Equal ones stay as they stand. One integer that holds all columns and the position sorts, and
    is taken apart again, many times faster than rows are moved.
    """
    columns = (*columns, np.arange(len(columns[0])))
    least = [int(each.min(initial=0)) for each in columns]
    most = [int(each.max(initial=0)) for each in columns]
    widths = [(high - low).bit_length() for low, high in zip(least, most, strict=True)]
    if sum(widths) > 63:
        order = np.lexsort(columns[::-1])
        order = order if without is None else order[~without[order]]
        return [each[order].astype(np.int64) for each in columns]
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column, low, width in zip(columns, least, widths, strict=True):
        key <<= width
        key += column
        key -= low
    if without is not None:
        key[np.flatnonzero(without)] = NONE
    key.sort()
    key = key[np.searchsorted(key, 0) :]
    return _parts(key, least, widths)


def _parts(key: Ints, least: list[int], widths: list[int]) -> list[Ints]:
    parts: list[Ints] = []
    for low, width in zip(reversed(least), reversed(widths), strict=True):
        part = key & ((1 << width) - 1)
        part += low
        parts.append(part)
        key >>= width
    return parts[::-1]


def last_of(row: Ints, clients: int) -> Ints:
    """Return the position of each client's last fact, or NONE."""
    position = np.full(clients, NONE, dtype=np.int64)
    position[row] = np.arange(len(row))
    return position


def last_said(row: Ints, said: Bools, where: Bools, clients: int) -> Bools:
    """Return what each client's last fact of those in `where` says; without any, no."""
    last = np.zeros(clients, dtype=bool)
    chosen = np.flatnonzero(where)
    last[row[chosen]] = said[chosen]
    return last


def is_last(*columns: Ints) -> Bools:
    """Tell which of ordered facts are the last with the same values."""
    last = np.ones(len(columns[0]), dtype=bool)
    last[:-1] = np.logical_or.reduce([each[1:] != each[:-1] for each in columns])
    return last


def steps_reached(figures: Figures, limits: Sequence[Decimal]) -> Codes:
    """Count how many limits, in hundredths of which the figures are, each figure reaches."""
    reached = np.zeros(len(figures.values), dtype=np.int8)
    for limit in limits:
        reached += figures.values >= hundredths(limit)
    return reached


def hundredths(limit: Decimal) -> int:
    """Return the least whole number of hundredths that reaches a limit."""
    return math.ceil(limit * 100)


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
    if column.dtype == np.int64:
        return Figures(ints(column), np.ones(len(column), dtype=bool))
    array = column.astype("Int64").array
    return Figures(array.to_numpy(dtype=np.int64, na_value=0), ~array.isna())


def ints(column: pd.Series) -> Ints:
    """Read a column of known whole numbers."""
    return column.to_numpy(dtype=np.int64)


def figures_column(values: Ints, known: Bools) -> pd.arrays.IntegerArray:
    """Write figures as a column, NA where unknown."""
    return pd.arrays.IntegerArray(values * known, ~known)


def codes_of(column: pd.Series, kinds: Sequence[StrEnum]) -> Codes:
    """Return each word's place in `kinds`; another word is an error."""
    words = column.astype("category").cat
    place = {kind.value: number for number, kind in enumerate(kinds)}
    known = np.array([place.get(each, NONE) for each in words.categories] + [NONE], dtype=np.int8)
    codes = known[words.codes]
    if (codes == NONE).any():
        raise ValueError(f"{column.name} has values other than {', '.join(kinds)}")
    return codes


def categorical(codes: Codes, words: Sequence[str]) -> "pd.Categorical[str]":
    """Write codes as a column of words, NA for NONE."""
    return pd.Categorical.from_codes(codes, dtype=_kind(tuple(words)))


@lru_cache(maxsize=64)
def _kind(words: tuple[str, ...]) -> Any:
    return pd.CategoricalDtype([str(each) for each in words])
