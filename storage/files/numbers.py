"""Numbers as people write them in German, English and Swiss files.

Whether comma or point is the decimal mark is settled by the column itself: ``1.234,56`` tells,
``1.234`` alone does not. What the column leaves open is the person's choice, never a guess.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from storage.files.cells import (
    EXCEL_ERROR,
    Conflict,
    Doubt,
    Mask,
    Reason,
    Refusals,
    blank,
    known,
    mask,
    matches,
    scattered,
)
from storage.files.digits import Usual, read_usual
from storage.files.findings import NO_FACTS, ProblemCode, QuestionKind, RefusalCode
from storage.files.headings import CURRENCIES
from storage.files.options import NUMBER_FORMATS, NumberFormat

LARGEST = 10**13
ACCEPTED = ("1234.56", "1.234,56", "1,234.56", "1'234.56")

PLAIN = r"^-?\d+(?:[.,]\d\d?)?$"
GROUPING = " \u00a0\u202f\u2009'’"
CURRENCY = r"(?:€|\$|£|S?Fr\.|(?i:eur|chf|usd|gbp)|[A-Z]{3})"
WRAPPED = (
    r"^(?P<open>\()?\s*(?P<sign>[+−-])?\s*(?P<currency>" + CURRENCY + r")?[\s\x{A0}\x{202F}]*"
    r"(?P<inner_sign>[−-])?(?P<digits>[\d.,]?[\d.,'’ \x{A0}\x{202F}\x{2009}]*\d|\d)"
    r"(?:[.,][–—-]{1,2})?[\s\x{A0}\x{202F}]*(?P<currency_after>" + CURRENCY + r")?\s*"
    r"(?P<sign_after>[−-])?(?P<close>\))?$"
)
GROUPED_BY_SPACE = r"^\d{1,3}(?:[" + GROUPING + r"]\d{3})+(?:[.,]\d+)?$"

_TELLS = r"^-?(?:\d{{1,3}}(?:{group}\d{{3}})+{mark}\d+|\d{{1,3}}(?:{group}\d{{3}}){{2,}}"
_TELLS += r"|\d*{mark}(?:\d{{1,2}}|\d{{4,}})|(?:0|\d{{4,}})?{mark}\d{{3}})$"
COMMA_IS_DECIMAL = _TELLS.format(group=r"\.", mark=",")
POINT_IS_DECIMAL = _TELLS.format(group=",", mark=r"\.")
OPEN_COMMA = r"^-?[1-9]\d{0,2},\d{3}$"
OPEN_POINT = r"^-?[1-9]\d{0,2}\.\d{3}$"

SHORT = re.compile(
    r"(?P<digits>\d[\d.,]*)\s*(?P<unit>k|tsd\.?|m|mio\.?|mill\.?|mn|mrd\.?|bn|t€|teur)"
    r"\s*(?:€|eur|chf|usd)?",
    re.IGNORECASE,
)
WRAPPED_SHORT = re.compile(
    r"(?P<before>[−-]?\s*[€$£]?\s*)(?P<short>\d[\d.,]*\s*[A-Za-z]+(?:€|\.)?)"
    r"\s*(?P<currency>€|[A-Z]{3})?"
)
SHORT_UNITS = {"k": 3, "t": 3, "m": 6, "b": 9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A column of numbers, or what keeps it from being read."""

    values: NDArray[np.float64]
    """NaN where unknown or refused; cents are exact up to the largest amount."""
    long: Mask
    """Written with three decimals or more."""
    refusals: Refusals
    number_format: NumberFormat | None
    """None if no value shows a mark."""
    doubt: Doubt | None = None
    conflict: Conflict | None = None


@dataclass(frozen=True, slots=True)
class _Shapes:
    """What the marks in each text say, and which texts are numbers at all."""

    comma: Mask
    point: Mask
    open_comma: Mask
    open_point: Mask
    readable: Mask

    @classmethod
    def of_usual(cls, usual: Usual) -> "_Shapes":
        nowhere = np.zeros_like(usual.is_read)
        return cls(usual.comma, usual.point, nowhere, nowhere.copy(), usual.is_read)

    def put(self, where: Mask, others: "_Shapes") -> None:
        for name in ("comma", "point", "open_comma", "open_point", "readable"):
            getattr(self, name)[where] = getattr(others, name)


def read_numbers(
    cells: Any, *, chosen: NumberFormat | None, currency: str, short: bool = False
) -> Numbers:
    """Read a column of text as numbers; ``short`` reads 1,2 Mio as well."""
    cells = known(cells)
    if short:
        cells = _spelled_out(cells)
    refusals = Refusals.none(len(cells))
    usual = read_usual(cells)
    odd = ~usual.is_read & mask(pc.is_valid(cells))
    shapes = _Shapes.of_usual(usual)
    digits = _odd_digits(cells, odd, shapes, refusals, currency)
    is_open = shapes.open_comma | shapes.open_point
    number_format, conflict = _settle(shapes, chosen)
    undecided = is_open if number_format is None and conflict is None else np.zeros_like(is_open)
    if number_format:
        _refuse_other_format(shapes, number_format, refusals)
    numbers = _with_point(digits, number_format)
    fit = mask(pc.is_valid(numbers)) & ~(refusals.bad | undecided)[odd] & (conflict is None)
    values = np.where(conflict is None, usual.values, np.nan)
    values[odd] = _floats(numbers, fit)
    refusals.add(np.abs(values) > LARGEST, ProblemCode.TOO_LARGE, {"limit": LARGEST})
    long = np.zeros_like(odd)
    if number_format:
        long[odd] = fit & matches(numbers, r"\.\d{3,}$")
    return Numbers(
        values=np.where(refusals.bad, np.nan, values),
        long=long,
        refusals=refusals,
        number_format=number_format,
        doubt=_doubt(undecided),
        conflict=conflict,
    )


def hundredths(values: NDArray[np.float64]) -> Any:
    """Turn numbers into whole hundredths; unknown stays unknown.

    A float has 53 bits, so that a cent is exact up to 10^13 (10^15 cents, 50 bits).
    """
    unknown = np.isnan(values)
    whole = np.rint(np.where(unknown, 0, values) * 100).astype(np.int64)
    return pa.array(whole, mask=unknown)


def reading_of(text: str, number_format: str) -> str:
    """Write an ambiguous number as it would be read: 1.234 is 1234 in German."""
    if number_format == "de":
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", "") if number_format == "en" else text


def _odd_digits(cells: Any, where: Mask, shapes: _Shapes, refusals: Refusals, currency: str) -> Any:
    """Tell the marks of the odd cells apart; return their digits, stripped of all around them."""
    odd = cells.filter(pa.array(where))
    found = _shapes_of(odd)
    wrapped = ~found.readable
    if wrapped.any():
        inner = Refusals.none(int(wrapped.sum()))
        digits = _unwrapped(odd.filter(pa.array(wrapped)), inner, currency)
        digits = blank(digits, inner.bad)
        stripped = _shapes_of(digits)
        inner.explain(~stripped.readable, _why_not_a_number)
        found.put(wrapped, stripped)
        odd = scattered(odd, wrapped, digits)
        places = np.flatnonzero(where)[wrapped]
        refusals.bad[places] = inner.bad
        refusals.found += [(places[at], why) for at, why in inner.found]
    shapes.put(where, found)
    return odd


def _shapes_of(texts: Any) -> _Shapes:
    plain = matches(texts, PLAIN)
    comma, point = (plain & mask(pc.match_substring(texts, mark)) for mark in ",.")
    shapes = _Shapes(comma, point, np.zeros_like(plain), np.zeros_like(plain), plain)
    for pattern, shape in (
        (COMMA_IS_DECIMAL, shapes.comma),
        (POINT_IS_DECIMAL, shapes.point),
        (OPEN_COMMA, shapes.open_comma),
        (OPEN_POINT, shapes.open_point),
    ):
        shape |= matches(texts, pattern, among=~shapes.readable)
        shapes.readable[shape] = True
    return shapes


def _unwrapped(texts: Any, refusals: Refusals, currency: str) -> Any:
    """Return the digits with their marks, a minus in front where there is one anywhere."""
    parts = pc.extract_regex(texts, WRAPPED)
    part = {name: pc.struct_field(parts, name) for name in _GROUPS}
    named = [_currency_codes(part[name]) for name in ("currency", "currency_after")]
    for codes in named:
        foreign = mask(pc.not_equal(codes, currency)) & mask(pc.not_equal(codes, ""))
        refusals.explain(foreign, lambda text: _other_currency(text, currency))
    unbalanced = mask(pc.not_equal(pc.equal(part["open"], "("), pc.equal(part["close"], ")")))
    refusals.explain(unbalanced, _why_not_a_number)
    digits = part["digits"]
    spaced = matches(digits, GROUPED_BY_SPACE)
    joined = pc.replace_substring_regex(digits, "[" + GROUPING + "]", "")
    digits = pc.if_else(pa.array(spaced), joined, digits)
    negative = mask(pc.equal(part["open"], "("))
    for name in ("sign", "inner_sign", "sign_after"):
        negative |= mask(pc.is_in(part[name], value_set=pa.array(["-", "−"])))
    minus = pa.array(np.where(negative, "-", ""), pa.string())
    return pc.binary_join_element_wise(minus, digits, "")


_GROUPS = tuple(re.findall(r"\?P<(\w+)>", WRAPPED))


def _currency_codes(names: Any) -> Any:
    codes = pc.utf8_upper(names)
    for sign, code in (*CURRENCIES.items(), ("FR.", "CHF"), ("SFR.", "CHF")):
        codes = pc.if_else(pc.equal(codes, sign.upper()), code, codes)
    return codes


def _other_currency(text: str, currency: str) -> Reason:
    names = [CURRENCIES.get(name, name) for name in re.findall(r"[€$£]|[A-Za-z]{2,3}", text)]
    found = next((name.upper() for name in names if name.upper() != currency), "")
    return ProblemCode.OTHER_CURRENCY, {"found": found, "expected": currency}


def _doubt(undecided: Mask) -> Doubt | None:
    if not undecided.any():
        return None
    kind = QuestionKind.NUMBER_FORMAT
    return Doubt(kind=kind, where=undecided, choices=NUMBER_FORMATS, reading=reading_of)


def _settle(
    shapes: _Shapes, chosen: NumberFormat | None
) -> tuple[NumberFormat | None, Conflict | None]:
    """Decide the column's decimal mark by its values, or by the choice if they leave it open."""
    comma, point = shapes.comma.any(), shapes.point.any()
    is_open = shapes.open_comma.any() or shapes.open_point.any()
    if chosen and (is_open or (comma and point)):
        return chosen, None
    if comma and point:
        one, other = int(shapes.comma.argmax()), int(shapes.point.argmax())
        return None, Conflict(code=RefusalCode.BOTH_NUMBER_FORMATS, one=one, other=other)
    if comma:
        return "de", None
    if point:
        return "ch" if chosen == "ch" else "en", None
    return None, None


def _refuse_other_format(shapes: _Shapes, number_format: NumberFormat, refusals: Refusals) -> None:
    other = shapes.point if number_format == "de" else shapes.comma
    if number_format == "ch":
        other = other | shapes.open_comma  # a comma groups nothing in Switzerland
    facts = {"number_format": number_format}
    refusals.add(other, ProblemCode.OTHER_NUMBER_FORMAT, facts)


def _with_point(digits: Any, number_format: NumberFormat | None) -> Any:
    if number_format == "de":
        return pc.replace_substring(pc.replace_substring(digits, ".", ""), ",", ".")
    return pc.replace_substring(digits, ",", "") if number_format else digits


def _floats(numbers: Any, fit: Mask) -> NDArray[np.float64]:
    fitting = numbers if fit.all() else pc.if_else(pa.array(fit), numbers, None)
    values: NDArray[np.float64] = pc.cast(fitting, pa.float64()).to_numpy(zero_copy_only=False)
    return values


def _why_not_a_number(text: str) -> Reason:
    if re.match(EXCEL_ERROR, text):
        return ProblemCode.EXCEL_ERROR, NO_FACTS
    if text.startswith("="):
        return ProblemCode.FORMULA, NO_FACTS
    short = SHORT.fullmatch(text.lstrip("€$£ "))
    suggestion = short and _written_out(short["digits"], short["unit"])
    if suggestion:
        return ProblemCode.WRITTEN_SHORT, {"suggestion": suggestion}
    return ProblemCode.NOT_A_NUMBER, {"accepted": ACCEPTED}


def _spelled_out(cells: Any) -> Any:
    """Write abbreviated amounts out; what cannot be written in one way only stays as it is."""
    distinct = pc.dictionary_encode(cells)
    texts = distinct.dictionary.to_pylist()
    return pa.array([_long(text) for text in texts], pa.string()).take(distinct.indices)


def _long(text: str) -> str:
    match = WRAPPED_SHORT.fullmatch(text)
    short = match and SHORT.fullmatch(match["short"])
    written = short and _written_out(short["digits"], short["unit"])
    if not match or not written:
        return text
    return f"{match['before']}{written} {match['currency'] or ''}".strip()


def _written_out(digits: str, unit: str) -> str | None:
    """Write 1,2 Mio as 1200000; None if the digits themselves could be read in two ways."""
    match = re.fullmatch(r"(\d+)(?:[.,](\d{1,2}))?", digits)
    if not match:
        return None
    unit = unit.lower()
    zeros = 9 if unit.startswith("mrd") else SHORT_UNITS[unit[0]]
    whole, decimals = match[1], match[2] or ""
    return str(int(whole + decimals.ljust(zeros, "0")))
