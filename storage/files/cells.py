"""Columns of text: trimming, the unknown, and keeping track of the rows that are refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from storage.files.findings import (
    NO_FACTS,
    Facts,
    NoteCode,
    ProblemCode,
    QuestionKind,
    RefusalCode,
)

Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Reason = tuple[ProblemCode, Facts]

INVISIBLE = "\u200b\u2060\ufeff"
UNKNOWN = (
    "", "-", "–", "—", "n/a", "n.a.", "na", "k.a.", "k. a.", "keine angabe", "null", "none",
    "unbekannt", "unknown",
)  # fmt: skip
UNKNOWN_STARTS = list(
    {(each.encode() or b"\0")[0] for word in UNKNOWN for each in (word, word.upper())}
)
"""First bytes; 0 stands for an empty cell."""
EXCEL_ERROR = (
    r"^#(?:DIV/0!|N/A|NV|VALUE!|WERT!|REF!|BEZUG!|NAME\?|NUM!|ZAHL!|NULL!|SPILL!|ÜBERLAUF!)$"
)


@dataclass(slots=True)
class Refusals:
    """Which cells of a column are refused; the first reason found for a cell stands."""

    bad: Mask
    found: list[tuple[NDArray[np.intp], Callable[[int, str], Reason]]] = field(default_factory=list)
    """The cells, and why: told by the cell's place and its text."""

    @classmethod
    def none(cls, rows: int) -> "Refusals":
        return cls(np.zeros(rows, bool))

    def add(self, where: Mask, code: ProblemCode, facts: Facts = NO_FACTS) -> None:
        """Refuse cells that all have the same reason."""
        self.explain(where, lambda _: (code, facts))

    def explain(self, where: Mask, why: Callable[[str], Reason]) -> None:
        """Refuse cells whose reason depends on what they say."""
        self._add(where, lambda _, text: why(text))

    def each(self, code: ProblemCode, facts: Mapping[int, Facts]) -> None:
        """Refuse single cells by their places, each with facts of its own."""
        where = np.zeros_like(self.bad)
        where[list(facts)] = True
        self._add(where, lambda place, _: (code, facts[place]))

    def _add(self, where: Mask, why: Callable[[int, str], Reason]) -> None:
        fresh = where & ~self.bad
        if fresh.any():
            self.bad |= fresh
            self.found.append((np.flatnonzero(fresh), why))


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Cells that are read, with something to say about them."""

    code: NoteCode
    where: Mask
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Cells that can be read in several ways, and how each choice would read them."""

    kind: QuestionKind
    where: Mask
    choices: tuple[str, ...]
    reading: Callable[[str, str], str]
    """Of a cell and a choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two cells that cannot both be read in one way."""

    code: RefusalCode
    one: int
    other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as read, or what keeps it from being read."""

    values: Any
    """A pyarrow array, null where unknown or refused."""
    refusals: Refusals
    remarks: tuple[Remark, ...] = ()
    doubt: Doubt | None = None
    conflict: Conflict | None = None
    format: str | None = None
    """The number format or date order in which the column was read, if it shows one."""


def bytes_of(cells: Any) -> tuple[Bytes, Places, Places]:
    """Return all bytes of a column of text, and where in them each cell begins and ends."""
    _, offsets, data = cells.buffers()
    ends = np.frombuffer(offsets, np.int32, len(cells) + 1, 4 * cells.offset).astype(np.int64)
    return np.frombuffer(data or b"", np.uint8), ends[:-1], ends[1:]


def first_bytes(cells: Any) -> Bytes:
    """Return each cell's first byte, 0 for an empty one."""
    data, starts, ends = bytes_of(cells)
    return _bytes_at(data, starts, starts < ends)


def last_bytes(cells: Any) -> Bytes:
    """Return each cell's last byte, 0 for an empty one."""
    data, starts, ends = bytes_of(cells)
    return _bytes_at(data, ends - 1, starts < ends)


def beyond_latin(cells: Any) -> Mask:
    """Tell which cells hold more than printable ASCII and the letters from À to ÿ.

    The others are in one Unicode form already, and hold nothing invisible.
    """
    data, starts, ends = bytes_of(cells)
    used = data[starts[0] : ends[-1]] if len(cells) else data[:0]
    odd = (used < ord(" ")) | (used == 0x7F) | (used == 0xC2) | (used > 0xC3)
    return _cells_at(np.flatnonzero(odd), starts, ends)


def with_letters(cells: Any, letters: str) -> Mask:
    """Tell which cells hold one of some letters from À to ÿ."""
    data, starts, ends = bytes_of(cells)
    used = data[starts[0] : ends[-1]] if len(cells) else data[:0]
    leads = np.flatnonzero(used[:-1] == 0xC3)
    wanted = [letter.encode()[1] for letter in letters]
    return _cells_at(leads[np.isin(used[leads + 1], wanted)], starts, ends)


def _cells_at(places: Places, starts: Places, ends: Places) -> Mask:
    found = np.zeros(len(starts), bool)
    if len(places):
        found[np.searchsorted(ends, places + starts[0], side="right")] = True
    return found


def trimmed(cells: Any) -> Any:
    """Cut spaces of all kinds and invisible marks from both ends."""
    where = np.zeros(len(cells), bool)
    for edges in (first_bytes(cells), last_bytes(cells)):
        where |= ((edges <= ord(" ")) & (edges > 0)) | (edges > ord("~"))
    if not where.any():
        return cells
    some = cells.filter(pa.array(where))
    cut = pc.utf8_trim_whitespace(pc.utf8_trim(pc.utf8_trim_whitespace(some), INVISIBLE))
    return cells if cut.nbytes == some.nbytes else scattered(cells, where, cut)


def known(cells: Any) -> Any:
    """Make null what says that nothing is known: empty, a dash, k.A., n/a, NULL."""
    where = np.isin(first_bytes(cells), UNKNOWN_STARTS)
    if not where.any():
        return cells
    lower = pc.utf8_lower(cells.filter(pa.array(where)))
    where[where] = mask(pc.is_in(lower, value_set=pa.array(UNKNOWN)))
    return blank(cells, where)


def _bytes_at(data: Bytes, places: Places, where: Mask) -> Bytes:
    if not len(data):
        return np.zeros(len(places), np.uint8)
    return np.where(where, data.take(places, mode="clip"), 0).astype(np.uint8)


def mask(condition: Any) -> Mask:
    """Turn a pyarrow condition into numpy; null counts as no."""
    filled: Mask = pc.fill_null(condition, False).to_numpy(zero_copy_only=False)
    return filled


def matches(cells: Any, pattern: str, *, among: Mask | None = None) -> Mask:
    """Tell which cells match a regular expression; ``among`` spares the others the search."""
    if among is None or among.all():
        return mask(pc.match_substring_regex(cells, pattern))
    found = np.zeros(len(cells), bool)
    if among.any():
        found[among] = mask(pc.match_substring_regex(cells.filter(pa.array(among)), pattern))
    return found


def longer(cells: Any, limit: int) -> Mask:
    """Tell which cells have more characters than the limit."""
    _, starts, ends = bytes_of(cells)
    found: Mask = ends - starts > limit
    if found.any():
        found[found] = mask(pc.greater(pc.utf8_length(cells.filter(pa.array(found))), limit))
    return found


def repeated(values: Any) -> Mask:
    """Tell which values stand more than once; the unknown is not counted."""
    codes = pc.dictionary_encode(values).indices
    numbers = pc.fill_null(codes, -1).to_numpy(zero_copy_only=False)
    often = np.append(np.bincount(numbers[numbers >= 0]) > 1, False)
    found: Mask = often[numbers]
    return found


def blank(cells: Any, where: Mask) -> Any:
    """Make the marked cells unknown."""
    if not where.any():
        return cells
    return pc.if_else(pa.array(where), pa.scalar(None, cells.type), cells)


def scattered(values: Any, where: Mask, replacements: Any) -> Any:
    """Put ``replacements`` in order into the marked cells."""
    return pc.replace_with_mask(values, pa.array(where), replacements)
