"""Compares a block of a client file with what is known of its clients, column by column.

An empty cell means unknown and never erases what is known. Values without a day of their own count
as of the day of the import, and only when they differ from the last one known.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlmodel import Session

from storage.bulk import (
    FACTS,
    FIGURES,
    UNKNOWN,
    FactKind,
    Ints,
    Known,
    Mask,
    Row,
    plain,
)
from storage.importing import Change

EPOCH = date(1970, 1, 1).toordinal()
DAY_BITS, KEY_BITS = 20, 4
FIRST_DAY = -(1 << DAY_BITS - 1)
"""Client id, key and day of a fact fit one number, by which facts are found."""
NO_NUMBER = np.int64(UNKNOWN)
DAYS = ("client_since", "former_since", "born_on", "last_review_on", "last_contact_on")


class Block:
    """Some rows of a file, in columns; a field that the file has not is unknown everywhere."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.size = len(frame)
        self.columns = {name: _column(frame[name]) for name in frame.columns}
        self.lines: Ints = self.columns["row"]
        self.numbers: list[str] = self.columns["client_id"].tolist()

    def whole(self, field: str) -> Ints:
        """Return a column of numbers or days."""
        found = self.columns.get(field)
        return np.full(self.size, UNKNOWN) if found is None else found

    def texts(self, field: str) -> NDArray[np.object_]:
        """Return a column of texts, None where nothing stands."""
        found = self.columns.get(field)
        return np.full(self.size, None, object) if found is None else found


def _column(values: Any) -> Any:
    if values.dtype.kind == "M":
        return values.to_numpy().astype("datetime64[D]").astype(np.int64)
    if isinstance(values.dtype, pd.Int64Dtype):
        return values.to_numpy(np.int64, na_value=UNKNOWN)
    if values.dtype.kind == "i":
        return values.to_numpy()
    column = values.astype(object).to_numpy(copy=True)
    column[values.isna().to_numpy()] = None
    return column


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChange:
    """What a block changes of one kind of fact, in columns as long as the block."""

    kind: FactKind
    where: Mask
    keys: NDArray[np.object_]
    """None if the kind has no key of its own."""
    days: Ints
    values: Mapping[str, Ints]
    """What will be known, by column of the table."""
    last: Mapping[str, Ints]
    """What was known last, or on the row's own day."""
    had_last: Mask
    before: Mapping[str, Ints]
    """What stands in the very row that the change writes."""
    had_before: Mask

    def after_at(self, at: int) -> tuple[Any, ...]:
        """Return key, day and values that a row brings."""
        key = (self.keys[at],) if self.kind.key else ()
        return (*key, _day(self.days[at]), *_values_at(self.values, at))

    def last_at(self, at: int) -> tuple[Any, ...] | None:
        """Return the values known last."""
        return _values_at(self.last, at) if self.had_last[at] else None

    def before_at(self, at: int) -> tuple[Any, ...] | None:
        """Return the values of the row that will be overwritten."""
        return _values_at(self.before, at) if self.had_before[at] else None


class Comparison:
    """What the rows of a block would change."""

    def __init__(
        self, session: Session, block: Block, known: Known, advisors: Ints, *, today: date
    ) -> None:
        self.block, self.known, self.today = block, known, _number(today)
        self.advisors = advisors
        self.at = known.places(block.numbers)
        self.is_new: Mask = self.at < 0
        ids = known.columns["id"]
        self.ids: Ints = np.where(self.is_new, -1, _taken(ids, self.at))
        self.figures: dict[str, Mask] = {}
        """By the field of the file."""
        for field, column in FIGURES.items():
            self._compare_figure(field, column)
        differs = advisors != self.known_column("advisor_id")
        self.figures["advisor"] = differs
        self.facts = dict(self._changed_facts())
        self.criterion = self._changed_criteria()
        self.tie, self.old_ties = self._changed_ties()
        masks = (*self.figures.values(), *(each.where for each in self.facts.values()))
        self.is_changed: Mask = np.logical_or.reduce([*masks, self.criterion, self.tie])

    def known_column(self, column: str) -> Any:
        """Return what is known of each row's client: a figure, or None for a text."""
        values = self.known.columns[column]
        if values.dtype == object:
            found = np.full(self.block.size, None, object)
            found[~self.is_new] = values[self.at[~self.is_new]]
            return found
        return np.where(self.is_new, NO_NUMBER, _taken(values, self.at))

    def given_column(self, field: str) -> Any:
        """Return what the file says of a figure."""
        return self.block.texts(field) if field == "name" else self.block.whole(field)

    def merged_column(self, field: str) -> Any:
        """Return a figure as it will be known."""
        given, known = self.given_column(field), self.known_column(FIGURES[field])
        if field == "name":
            return given
        return np.where(given == UNKNOWN, known, given)

    def change_at(self, at: int) -> Change:
        """Describe what one row would change."""
        values = dict(self._values_at(at))
        block = self.block
        return Change(
            row=int(block.lines[at]),
            external_id=block.numbers[at],
            name=block.columns["name"][at],
            values=values,
        )

    def digest(self, rows: Ints) -> bytes:
        """Sum up what these rows would change: equal for equal changes."""
        summed = hashlib.blake2b(self.block.lines[rows].tobytes(), digest_size=16)
        summed.update(repr([self.block.numbers[at] for at in rows.tolist()]).encode())
        for column in self._changed_columns():
            some = column[rows]
            summed.update(repr(some.tolist()).encode() if some.dtype == object else some.tobytes())
        return summed.digest()

    # comparing

    def _compare_figure(self, field: str, column: str) -> None:
        given, known = self.given_column(field), self.known_column(column)
        is_given = given != UNKNOWN if given.dtype != object else given != np.array(None)
        self.figures[field] = is_given & (given != known)

    def _changed_facts(self) -> Iterator[tuple[str, FactChange]]:
        for name, kind in FACTS.items():
            fields = kind.fields
            values = {column: self.block.whole(fields[column]) for column in kind.values}
            is_given = np.logical_or.reduce([each != UNKNOWN for each in values.values()])
            if is_given.any():
                yield name, self._fact(kind, values, is_given)

    def _fact(self, kind: FactKind, given: dict[str, Ints], is_given: Mask) -> FactChange:
        own_days = self.block.whole(kind.fields.get(kind.day, ""))
        has_day = own_days != UNKNOWN
        days = np.where(has_day, own_days, self.today)
        keys = self.block.texts(kind.fields[kind.key] if kind.key else "")
        if kind.default_key:
            keys = np.where(keys == np.array(None), kind.default_key, keys)
        history = _History(self.known, kind, self.ids, keys)
        same_day = history.on(days)
        last = np.where(has_day, same_day, history.latest())
        had_last, had_before = last >= 0, same_day >= 0
        lasts = {c: np.where(had_last, _taken(v, last), UNKNOWN) for c, v in history.values.items()}
        merged = {
            column: np.where(given[column] == UNKNOWN, lasts[column], given[column])
            for column in kind.values
        }
        differs = np.logical_or.reduce([merged[each] != lasts[each] for each in kind.values])
        return FactChange(
            kind=kind,
            where=is_given & (differs | ~had_last),
            keys=keys,
            days=days,
            values=merged,
            last=lasts,
            had_last=had_last,
            before={c: _taken(v, same_day) for c, v in history.values.items()},
            had_before=had_before,
        )

    def _changed_criteria(self) -> Mask:
        given = self.block.texts("criterion")
        where: Mask = given != np.array(None)
        if where.any():
            known = self.known.criteria()
            for at in np.flatnonzero(where & ~self.is_new):
                where[at] = (int(self.ids[at]), given[at]) not in known
        return where

    def _changed_ties(self) -> tuple[Mask, dict[int, str]]:
        """Tell which rows bring or change a relation, and what it was before."""
        sponsors, relations = self.block.texts("sponsor"), self.block.texts("relation")
        where: Mask = sponsors != np.array(None)
        before: dict[int, str] = {}
        if where.any():
            known = self.known.ties()
            for at in np.flatnonzero(where & ~self.is_new):
                tie = known.get((int(self.ids[at]), sponsors[at]))
                where[at] = tie != relations[at]
                if tie is not None:
                    before[int(at)] = tie
        return where, before

    # telling

    def _changed_columns(self) -> Iterator[Any]:
        for field, where in self.figures.items():
            given = self.advisors if field == "advisor" else self.given_column(field)
            known = self.known_column("advisor_id" if field == "advisor" else FIGURES[field])
            yield from (where, only(given, where), only(known, where))
        for each in self.facts.values():
            yield each.where
            for column in (each.keys, each.days, *each.values.values(), *each.last.values()):
                yield only(column, each.where)
        for where, fields in (
            (self.criterion, ("criterion",)),
            (self.tie, ("sponsor", "relation")),
        ):
            yield where
            yield from (only(self.block.texts(field), where) for field in fields)

    def _values_at(self, at: int) -> Iterator[tuple[str, tuple[Any, Any]]]:
        for field, column in FIGURES.items():
            if self.figures[field][at]:
                one = slice(at, at + 1)
                before, after = self.known_column(column)[one], self.given_column(field)[one]
                is_day = field in DAYS
                yield field, (plain(before, days=is_day)[0], plain(after, days=is_day)[0])
        if self.figures["advisor"][at]:
            known = int(self.known_column("advisor_id")[at])
            yield "advisor", (None if known == UNKNOWN else known, int(self.advisors[at]))
        for name, change in self.facts.items():
            if change.where[at]:
                yield name, (change.last_at(at), change.after_at(at))
        if self.criterion[at]:
            yield "criterion", (None, self.block.texts("criterion")[at])
        if self.tie[at]:
            tie = self.block.texts("sponsor")[at], self.block.texts("relation")[at]
            yield "sponsor", (None, tie)

    def known_row(self, at: int) -> Row:
        """Return a known client's row as plain values, days as ISO."""
        row: Row = {}
        for column, values in self.known.columns.items():
            value = values[self.at[at]]
            if values.dtype == object:
                row[column] = value
            elif value == UNKNOWN:
                row[column] = None
            else:
                is_day = column in (*DAYS, "revenue_on")
                row[column] = _day(value).isoformat() if is_day else int(value)
        return row


class _History:
    """Finds the facts of a kind by client, key and day."""

    def __init__(self, known: Known, kind: FactKind, ids: Ints, keys: NDArray[np.object_]) -> None:
        columns = known.history(kind)
        words = columns[kind.key] if kind.key else ()
        self.codes = {word: code for code, word in enumerate(sorted({*words, *keys} - {None}))}
        owners = columns["client_id"]
        facts = (owners << KEY_BITS | self._coded(words, len(owners))) << DAY_BITS
        facts |= columns[kind.day] - FIRST_DAY
        order = np.argsort(facts)
        self.facts = facts[order]
        self.values = {column: columns[column][order] for column in kind.values}
        wanted = np.maximum(ids, 0) << KEY_BITS | self._coded(keys, len(ids))
        self.wanted = np.where(ids < 0, -1, wanted)

    def on(self, days: Ints) -> Ints:
        """Say where the fact of each row's client, key and day stands, or -1."""
        return self._found(self.wanted << DAY_BITS | days - FIRST_DAY, step=0)

    def latest(self) -> Ints:
        """Say where the latest fact of each row's client and key stands, or -1."""
        return self._found(self.wanted + 1 << DAY_BITS, step=-1)

    def _found(self, codes: Ints, *, step: int) -> Ints:
        if not len(self.facts):
            return np.full(len(codes), -1)
        places = np.searchsorted(self.facts, codes) + step
        found = self.facts[np.clip(places, 0, len(self.facts) - 1)]
        same = found == codes if step == 0 else found >> DAY_BITS == self.wanted
        return np.where(same & (places >= 0) & (self.wanted >= 0), places, -1)

    def _coded(self, words: Iterable[Any], rows: int) -> Ints:
        if not self.codes:
            return np.zeros(rows, np.int64)
        return np.array([self.codes.get(word, 0) for word in words], np.int64)


def only(column: Any, where: Mask) -> Any:
    """Blank out what does not change."""
    return np.where(where, column, None if column.dtype == object else NO_NUMBER)


def _taken(values: Any, places: Ints) -> Any:
    """Take values by place; a place that is none gives any value, or the unknown."""
    return values[places] if len(values) else np.full(len(places), UNKNOWN)


def _values_at(columns: Mapping[str, Ints], at: int) -> tuple[Any, ...]:
    values = (int(column[at]) for column in columns.values())
    return tuple(None if value == UNKNOWN else value for value in values)


def _day(number: Any) -> date:
    return date.fromordinal(EPOCH + int(number))


def _number(day: date) -> int:
    return day.toordinal() - EPOCH
