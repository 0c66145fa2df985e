"""What a number means: money, a percent, or a satisfaction on its scale."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from storage.files.cells import Column, Doubt, Mask, Remark, blank, known, last_bytes, scattered
from storage.files.findings import NoteCode, ProblemCode, QuestionKind
from storage.files.numbers import LARGEST, Numbers, hundredths, read_numbers
from storage.files.options import (
    PERCENT_READINGS,
    SCALES,
    ReadOptions,
    Scale,
)
from storage.files.tables import Typed

RANGES: dict[Scale, tuple[int, int]] = {
    "csi": (0, 100),
    "csat": (1, 5),
    "nps": (0, 10),
    "school": (1, 6),
}
PERCENT_SIGN = r"[\s\x{A0}\x{202F}]*%$"


def read_money(
    cells: Any, typed: Typed | None = None, *, options: ReadOptions, may_be_negative: bool
) -> Column:
    """Read amounts as whole cents; three decimals are refused, not rounded.

    A spreadsheet's own numbers are rounded, since it calculates with more digits than it shows.
    """
    numbers = _numbers(cells, options, typed)
    if not may_be_negative:
        numbers.refusals.add(numbers.values < 0, ProblemCode.NEGATIVE)
    numbers.refusals.add(numbers.long, ProblemCode.TOO_MANY_DECIMALS, {"limit": 2})
    values, rounded = _rounded(numbers.values)
    return _column(numbers, values, remarks=(rounded,))


def read_percents(cells: Any, typed: Typed | None = None, *, options: ReadOptions) -> Column:
    """Read percents as whole hundredths of a percent.

    ``12 %`` and ``12`` are percents; a plain ``0,12`` may be a fraction, which the person says.
    """
    cells = known(cells)
    signed = last_bytes(cells) == ord("%")
    unsigned = cells
    if signed.any():
        cut = pc.replace_substring_regex(cells.filter(pa.array(signed)), PERCENT_SIGN, "")
        unsigned = scattered(cells, signed, cut)
    numbers = _numbers(unsigned, options, typed, takes_percent=True)
    plain = ~signed & ~np.isnan(numbers.values)
    small = plain & (numbers.values <= 1) & (numbers.values > 0)
    if not _may_be_fractions(numbers.values, plain):
        return _percent_column(numbers, numbers.values, ())
    if options.percent_as is None:
        return _column(numbers, numbers.values, doubt=_percent_doubt(small))
    read_as = {"percent": NoteCode.READ_AS_PERCENT, "fraction": NoteCode.READ_AS_FRACTION}
    remark = Remark(code=read_as[options.percent_as], where=plain)
    factor = np.where(plain & (options.percent_as == "fraction"), 100, 1)
    return _percent_column(numbers, numbers.values * factor, (remark,))


def read_counts(
    cells: Any, typed: Typed | None = None, *, options: ReadOptions, lowest: int, highest: int
) -> Column:
    """Read marks and counts: whole numbers from the lowest to the highest."""
    numbers = _numbers(cells, options, typed)
    limits = {"lowest": lowest, "highest": highest}
    _refuse_outside(numbers, lowest, highest)
    numbers.refusals.add(numbers.values % 1 > 0, ProblemCode.NOT_WHOLE, limits)
    column = _column(numbers, numbers.values)
    return replace(column, values=pc.divide(column.values, 100))


def read_rank(
    cells: Any, typed: Typed | None = None, *, options: ReadOptions, highest: int
) -> Column:
    """Read a place among others as hundredths: ties share the mean place."""
    numbers = _numbers(cells, options, typed)
    _refuse_outside(numbers, 1, highest)
    numbers.refusals.add(numbers.long, ProblemCode.TOO_MANY_DECIMALS, {"limit": 2})
    values, rounded = _rounded(numbers.values)
    return _column(numbers, values, remarks=(rounded,))


def _refuse_outside(numbers: Numbers, lowest: int, highest: int) -> None:
    outside = (numbers.values < lowest) | (numbers.values > highest)
    facts = {"lowest": lowest, "highest": highest}
    numbers.refusals.add(outside, ProblemCode.OUT_OF_RANGE, facts)


def read_satisfaction(
    cells: Any,
    scales: Any | None,
    typed: Typed | None = None,
    *,
    heading_scale: Scale | None,
    options: ReadOptions,
) -> tuple[Column, Column]:
    """Read satisfaction as hundredths of its own scale, and the scale of each row.

    The row's own scale comes first, then the person's choice, then the heading.
    """
    numbers = _numbers(cells, options, typed)
    scored = ~np.isnan(numbers.values)
    scale = options.satisfaction_scale or heading_scale
    settled: tuple[Remark, ...] = ()
    doubt = None
    if scales is None and scale is None:
        scale = _only_scale(numbers.values)
        if scale:
            code = NoteCode.SCALE_SETTLED
            settled = (Remark(code=code, where=scored, facts={"scale": scale}),)
        elif scored.any():
            doubt = _scale_doubt(scored, numbers.values)
    own = scales if scales is not None else pa.nulls(len(cells), pa.string())
    used = pc.if_else(pa.array(scored), pc.coalesce(own, pa.scalar(scale, pa.string())), None)
    _refuse_off_scale(numbers, used, scored, unscaled_is_wrong=doubt is None)
    values, rounded = _rounded(numbers.values)
    score = _column(numbers, values, remarks=(*settled, rounded), doubt=doubt)
    return score, Column(values=used, refusals=numbers.refusals)


def _numbers(
    cells: Any, options: ReadOptions, typed: Typed | None, *, takes_percent: bool = False
) -> Numbers:
    """Read the cells that are text; a spreadsheet's numbers need no reading."""
    if typed is not None:
        is_number = ~np.isnan(typed.values) & (takes_percent | ~typed.is_percent)
        cells = blank(cells, is_number)
    numbers = read_numbers(
        cells,
        chosen=options.number_format,
        currency=options.currency,
        short=options.short_amounts,
    )
    if typed is not None:
        numbers.values[is_number] = typed.values[is_number]
        numbers.refusals.add(
            is_number & (np.abs(numbers.values) > LARGEST),
            ProblemCode.TOO_LARGE,
            {"limit": LARGEST},
        )
    return numbers


def _column(
    numbers: Numbers,
    values: NDArray[np.float64],
    *,
    remarks: tuple[Remark, ...] = (),
    doubt: Doubt | None = None,
) -> Column:
    return Column(
        values=hundredths(np.where(numbers.refusals.bad, np.nan, values)),
        refusals=numbers.refusals,
        remarks=remarks,
        doubt=numbers.doubt or doubt,
        conflict=numbers.conflict,
        format=numbers.number_format,
    )


def _may_be_fractions(values: NDArray[np.float64], plain: Mask) -> bool:
    """A value below 1 may be a fraction, and so may a 1 if nothing larger stands beside it."""
    below = plain & (values < 1) & (values > 0)
    ones, above = plain & (values == 1), plain & (values > 1)
    return bool(below.any() or (ones.any() and not above.any()))


def _percent_column(
    numbers: Numbers, values: NDArray[np.float64], remarks: tuple[Remark, ...]
) -> Column:
    numbers.refusals.add(values < 0, ProblemCode.NEGATIVE)
    limits = {"lowest": 0, "highest": 100}
    numbers.refusals.add(values > 100, ProblemCode.OUT_OF_RANGE, limits)
    values, rounded = _rounded(values)
    return _column(numbers, values, remarks=(*remarks, rounded))


def _rounded(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], Remark]:
    exact = np.rint(values * 100) / 100
    return exact, Remark(code=NoteCode.ROUNDED, where=np.abs(values - exact) > 1e-8)


def _percent_doubt(where: Mask) -> Doubt:
    def reading(text: str, read_as: str) -> str:
        return f"{text} %" if read_as == "percent" else f"{text} × 100 %"

    kind = QuestionKind.PERCENT_AS
    return Doubt(kind=kind, where=where, choices=PERCENT_READINGS, reading=reading)


def _only_scale(values: NDArray[np.float64]) -> Scale | None:
    """The one known scale that takes all values, if there is just one."""
    if np.isnan(values).all():
        return None
    low, high = np.nanmin(values), np.nanmax(values)
    fitting = [scale for scale, (low_, high_) in RANGES.items() if low_ <= low and high <= high_]
    return fitting[0] if len(fitting) == 1 else None


def _scale_doubt(where: Mask, values: NDArray[np.float64]) -> Doubt:
    low, high = np.nanmin(values), np.nanmax(values)
    fitting = tuple(s for s in SCALES if RANGES[s][0] <= low and high <= RANGES[s][1])

    def reading(text: str, scale: str) -> str:
        return f"{text} ({scale})"

    kind = QuestionKind.SATISFACTION_SCALE
    return Doubt(kind=kind, where=where, choices=fitting or SCALES, reading=reading)


def _refuse_off_scale(
    numbers: Numbers, used: Any, scored: Mask, *, unscaled_is_wrong: bool
) -> None:
    for scale, (lowest, highest) in RANGES.items():
        here = pc.fill_null(pc.equal(used, scale), False).to_numpy(zero_copy_only=False)
        off = here & ((numbers.values < lowest) | (numbers.values > highest))
        facts = {"scale": scale, "lowest": lowest, "highest": highest}
        numbers.refusals.add(off, ProblemCode.OUT_OF_RANGE, facts)
    if unscaled_is_wrong:
        unscaled = scored & pc.is_null(used).to_numpy(zero_copy_only=False)
        numbers.refusals.add(unscaled, ProblemCode.SCALE_MISSING, {"accepted": SCALES})
