"""The usual ways to write an amount, read by their bytes: 1.234,56 and 1,234.56, 1234.5 and 1234.

Most cells of a column look like this, and a file may have millions of them; whatever else stands
in a cell, or could be read in two ways, is left to ``storage.files.numbers``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.files.cells import Bytes, Mask, bytes_of

WIDTH = 20
"""Fifteen digits, four grouping marks and a decimal mark: a float still holds each cent."""
DIGITS = 15
COMMA, POINT, ZERO = ord(","), ord("."), ord("0")


@dataclass(frozen=True, slots=True)
class Usual:
    """The amounts of a column that are written in one of the usual ways."""

    values: NDArray[np.float64]
    """NaN where the cell is another one's business."""
    comma: Mask
    """The comma is the decimal mark."""
    point: Mask
    is_read: Mask


def read_usual(cells: Any) -> Usual:
    """Read plain digits, and digits with one or two decimals, grouped by thousands or not."""
    table, lengths = _from_the_right(cells)
    fitting = (lengths > 0) & (lengths <= WIDTH)
    marks = (table[:3] == COMMA) | (table[:3] == POINT)
    decimals = np.where(marks[1], 1, np.where(marks[2], 2, 0)).astype(np.uint8)
    found = Usual(np.full(len(cells), np.nan), *(np.zeros(len(cells), bool) for _ in range(3)))
    for count in range(3):
        rows = np.flatnonzero(fitting & (decimals == count))
        if len(rows) == len(cells):
            _read(found, rows, table, lengths, count)
        elif len(rows):
            _read(found, rows, table.take(rows, axis=1), lengths[rows], count)
    return found


def _from_the_right(cells: Any) -> tuple[Bytes, Bytes]:
    """Lay the cells' bytes out in rows: the last bytes first, 0 where a cell has no more."""
    data, starts, ends = bytes_of(cells)
    lengths = np.minimum(ends - starts, WIDTH + 1).astype(np.uint8)
    table = np.zeros((max(3, min(WIDTH, int(lengths.max(initial=0)))), len(cells)), np.uint8)
    if len(data):
        for place in range(len(table)):
            table[place] = data.take(ends - 1 - place, mode="clip")
            table[place] *= lengths > place
    return table, lengths


def _read(
    found: Usual, rows: NDArray[np.intp], table: Bytes, lengths: Bytes, decimals: int
) -> None:
    """Read the cells that have so many decimals, if the rest of them is digits or groups."""
    begin = decimals + 1 if decimals else 0
    digits = table - ZERO  # anything else than a digit wraps around to 10 and more
    is_digit = digits < 10
    digits *= is_digit
    places = range(begin, len(table))
    is_sound = is_digit[:decimals].all(axis=0) & (lengths > begin)
    is_plain = is_sound & (lengths <= DIGITS + begin - decimals)
    for at in places:
        is_plain &= is_digit[at] | (lengths <= at)
    values = _whole(digits, decimals, places)
    is_read = is_plain
    if decimals:
        comma = table[decimals] == COMMA
        grouping = np.where(comma, POINT, COMMA).astype(np.uint8)
        groups = [at for at in places if (at - begin) % 4 == 3]
        is_grouped = is_sound & (lengths > begin + 3) & ((lengths - begin) % 4 != 0)
        for at in places:
            fits = table[at] == grouping if at in groups else is_digit[at]
            is_grouped &= fits | (lengths <= at)
        if is_grouped.any():
            some = _whole(digits, decimals, [at for at in places if at not in groups])
            values = np.where(is_grouped, some, values)
        is_read = is_plain | is_grouped
        found.comma[rows], found.point[rows] = is_read & comma, is_read & ~comma
    found.values[rows[is_read]] = values[is_read] / 10.0**decimals
    found.is_read[rows] = is_read


def _whole(digits: Bytes, decimals: int, places: Iterable[int]) -> NDArray[np.float64]:
    """Put digits together to whole numbers: the decimals, then the digits at these places."""
    values = np.zeros(digits.shape[1])
    for power, at in enumerate((*range(decimals), *places)):
        values += digits[at] * 10.0**power
    return values
