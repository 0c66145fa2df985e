"""Dates as people write them: ISO, German, with month names, and those with an open order.

``03/04/2026`` says nothing about its order; a ``25/12/2026`` in the same column does.
"""

import re
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from storage.files.cells import (
    EXCEL_ERROR,
    Column,
    Conflict,
    Doubt,
    Mask,
    Reason,
    Refusals,
    Remark,
    known,
    mask,
)
from storage.files.findings import NO_FACTS, NoteCode, ProblemCode, QuestionKind, RefusalCode
from storage.files.options import DATE_ORDERS, DateOrder, ReadOptions

FIRST_YEAR, LAST_YEAR = 1900, 2100
ACCEPTED = ("2026-03-01", "01.03.2026", "1. März 2026", "March 1, 2026")
NO_DAY = np.iinfo(np.int64).min
EPOCH = date(1970, 1, 1)

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar january jänner jaenner jan jän",
            "februar february feber feb",
            "märz maerz march mär mrz mar",
            "april apr",
            "mai may",
            "juni june jun",
            "juli july jul",
            "august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "dezember december dez dec",
        ),
        start=1,
    )
    for name in names.split()
}
MONTH = r"(?P<month>[^\W\d_]+)\.?"
YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})")
POINTED = re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4}|\d{2})")
NAMED = (
    re.compile(r"(?P<day>\d{1,2})(?:\.|st|nd|rd|th)?[\s-]*" + MONTH + r",?[\s-]*(?P<year>\d{4})"),
    re.compile(MONTH + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"),
)
SHORT_YEAR = re.compile(r"(\d{1,2}(?:\.\s?|[/-])\d{1,2}(?:\.\s?|[/-]))(\d{2})")
COMPACT = r"^(\d{4})(\d{2})(\d{2})$"
OPEN = re.compile(r"(?P<first>\d{1,2})([/-])(?P<second>\d{1,2})\2(?P<year>\d{4}|\d{2})")
TIME = (
    r"(?:T|,?\s+)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Uhr|[AaPp][Mm])?"
    r"\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?$"
)


def read_dates(cells: Any, *, options: ReadOptions, today: date) -> Column:
    """Read a column of text as dates; each distinct text is read once."""
    cells = _written_out(known(cells), options, today)
    chosen = options.date_order
    cells, had_times = _without_times(cells)
    distinct = pc.dictionary_encode(cells)
    indices = pc.fill_null(distinct.indices, -1).to_numpy(zero_copy_only=False)
    texts = distinct.dictionary.to_pylist()
    orders = np.array([order_of(text) or "" for text in texts], dtype="<U4")
    order, conflict = _settle(orders, indices, chosen)
    refusals = Refusals.none(len(cells))
    undecided = np.zeros(len(cells), bool)
    days = np.full(len(texts) + 1, NO_DAY)  # the last one is for the unknown, index -1
    if conflict is None and order is None:
        undecided = np.append(orders == "open", False)[indices]
    if conflict is None:
        wrong = np.zeros(len(texts) + 1, bool)
        for number, text in enumerate(texts):
            found = read_date(text, order=order)
            if isinstance(found, date):
                days[number] = (found - EPOCH).days
            else:
                wrong[number] = orders[number] != "open" or order is not None
        refusals.explain(
            wrong[indices],
            lambda text: _reason(_written_out(pa.array([text]), options, today)[0].as_py(), order),
        )
    return Column(
        values=pa.array(days.view("datetime64[D]")[indices]),
        refusals=refusals,
        remarks=(Remark(code=NoteCode.TIMES_DROPPED, where=had_times),),
        doubt=_doubt(undecided),
        conflict=conflict,
        format=order,
    )


def read_date(text: str, *, order: DateOrder | None) -> date | Reason:
    """Read one date, or say why not."""
    for pattern in (YEAR_FIRST, POINTED, *NAMED):
        if match := pattern.fullmatch(text):
            return _day(match["year"], match["month"], match["day"])
    if match := OPEN.fullmatch(text):
        return _day_by_order(match, order)
    if re.match(EXCEL_ERROR, text):
        return ProblemCode.EXCEL_ERROR, NO_FACTS
    if text.startswith("="):
        return ProblemCode.FORMULA, NO_FACTS
    code = ProblemCode.DATE_AS_DIGITS if re.fullmatch(r"\d{5,8}", text) else ProblemCode.NOT_A_DATE
    return code, {"accepted": ACCEPTED}


def order_of(text: str) -> str | None:
    """Tell which order a date shows: dmy, mdy, open (both are possible), or None."""
    match = OPEN.fullmatch(text)
    if not match or match["first"] == match["second"]:
        return None
    first, second = int(match["first"]), int(match["second"])
    if first > 12 or second > 12:
        return None if first > 12 and second > 12 else ("dmy" if first > 12 else "mdy")
    return None if first == second else "open"


def reading_of(text: str, order: str) -> str:
    """Write an ambiguous date as it would be read, in ISO."""
    found = read_date(re.sub(TIME, "", text), order="mdy" if order == "mdy" else "dmy")
    return found.isoformat() if isinstance(found, date) else ""


def _doubt(undecided: Mask) -> Doubt | None:
    if not undecided.any():
        return None
    kind = QuestionKind.DATE_ORDER
    return Doubt(kind=kind, where=undecided, choices=DATE_ORDERS, reading=reading_of)


def _settle(
    orders: NDArray[np.str_], indices: NDArray[np.int64], chosen: DateOrder | None
) -> tuple[DateOrder | None, Conflict | None]:
    """Decide the column's order by its values, or by the choice if they leave it open."""
    shown = set(orders.tolist())
    both = {"dmy", "mdy"} <= shown
    if chosen and (both or "open" in shown):
        return chosen, None
    if both:
        one, other = (int(np.isin(indices, np.flatnonzero(orders == o)).argmax()) for o in _BOTH)
        return None, Conflict(code=RefusalCode.BOTH_DATE_ORDERS, one=one, other=other)
    if "dmy" in shown:
        return "dmy", None
    return ("mdy" if "mdy" in shown else None), None


_BOTH = ("dmy", "mdy")


def _written_out(cells: Any, options: ReadOptions, today: date) -> Any:
    """Write short forms out, if the person chose that they are read."""
    if options.compact_dates:
        cells = pc.replace_substring_regex(cells, COMPACT, r"\1-\2-\3")
    return _with_century(cells, today) if options.two_digit_years else cells


def _with_century(cells: Any, today: date) -> Any:
    """Write 01.03.26 as 01.03.2026: the latest such year that is at most the next one."""
    distinct = pc.dictionary_encode(cells)
    found = []
    for text in distinct.dictionary.to_pylist():
        match = SHORT_YEAR.match(text)
        if match and not text[match.end() :][:1].isdigit():
            year = today.year + 1 - (today.year + 1 - int(match[2])) % 100
            text = f"{match[1]}{year}{text[match.end() :]}"
        found.append(text)
    return pa.array(found, pa.string()).take(distinct.indices)


def _without_times(cells: Any) -> tuple[Any, Mask]:
    timed = mask(pc.match_substring(cells, ":"))
    if not timed.any():
        return cells, timed
    cut = pc.replace_substring_regex(cells, TIME, "")
    return cut, mask(pc.not_equal(pc.binary_length(cut), pc.binary_length(cells)))


def _day_by_order(match: re.Match[str], order: DateOrder | None) -> date | Reason:
    first, second, year = match["first"], match["second"], match["year"]
    shown = order_of(match.group())
    if order and shown in _BOTH and shown != order:
        return ProblemCode.OTHER_DATE_ORDER, {"date_order": order}
    if shown == "open" and order is None:
        return ProblemCode.NOT_A_DATE, {"accepted": ACCEPTED}
    month_first = (order or shown) == "mdy"
    return _day(year, first, second) if month_first else _day(year, second, first)


def _day(year: str, month: str, day: str) -> date | Reason:
    if len(year) == 2:
        return ProblemCode.TWO_DIGIT_YEAR, {"accepted": ACCEPTED}
    number = int(month) if month.isdecimal() else MONTHS.get(month.casefold())
    if number is None:
        return ProblemCode.NOT_A_DATE, {"accepted": ACCEPTED}
    try:
        found = date(int(year), number, int(day))
    except ValueError:
        return ProblemCode.NO_SUCH_DAY, NO_FACTS
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        return ProblemCode.YEAR_OUT_OF_RANGE, {"lowest": FIRST_YEAR, "highest": LAST_YEAR}
    return found


def _reason(text: str, order: DateOrder | None) -> Reason:
    found = read_date(re.sub(TIME, "", text), order=order)
    if isinstance(found, date):
        raise ValueError(f"asked why a date was refused that was read: {found}")
    return found
