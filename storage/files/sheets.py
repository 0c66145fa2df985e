"""Reads the XML of a workbook cell by cell; runs only in the limited child (``xlsx_child``).

Own code on expat, because a cell's text alone is not enough: which rows are hidden or merged, which
formula has no stored value, and which number is a date. Document types and entities are refused.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import IO
from xml.parsers import expat

CHUNK = 1 << 16
DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
PERCENT_FORMATS = (9, 10)
NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
CURRENCY_IN_FORMAT = re.compile(r"\[\$([^\]-]+)|([€$£])|\b(EUR|CHF|USD|GBP|PLN|CZK|SEK|DKK|NOK)\b")
CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP", "Fr.": "CHF", "SFr.": "CHF"}
LONGEST_NUMBER = 10**15
"""A spreadsheet keeps 15 digits; what is longer has lost some."""
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")

Handler = Callable[[dict[str, str]], None]


class UnsafeXmlError(Exception):
    """The XML declares a document type or entities, which no workbook needs."""


@dataclass(frozen=True, slots=True)
class Format:
    """What a cell's number format says about its number."""

    is_date: bool = False
    is_percent: bool = False
    digits: int = 0
    """A format of zeros only: so many digits are shown."""
    currency: str | None = None


PLAIN = Format()


@dataclass(slots=True)
class Cell:
    """A cell as read. Kinds: s text, n number, p percent, f formula without a value."""

    column: int
    kind: str
    text: str


@dataclass(slots=True)
class Row:
    """A row with its number in the sheet; empty cells are left out."""

    number: int
    is_hidden: bool
    cells: list[Cell]


@dataclass(slots=True)
class Facts:
    """What stands in a sheet beside its cells."""

    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)


class Xml:
    """One XML part, fed in chunks; subclasses collect what they need."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.EntityDeclHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.texts: list[str] | None = None
        self._names: dict[str, str] = {}

    def feed(self, source: IO[bytes]) -> None:
        """Parse all of a part."""
        while chunk := source.read(CHUNK):
            self.parser.Parse(chunk, False)
        self.parser.Parse(b"", True)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element, named without its prefix."""

    def end(self, name: str) -> None:
        """End an element."""

    def collect(self) -> None:
        """Collect text from here on."""
        self.texts = []
        self.parser.CharacterDataHandler = self.texts.append

    def collected(self) -> str:
        """Return the text since `collect`, and collect no more."""
        self.parser.CharacterDataHandler = None
        found, self.texts = "".join(self.texts or ()), None
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.start(self._local(name), attributes)

    def _end(self, name: str) -> None:
        self.end(self._local(name))

    def _local(self, name: str) -> str:
        local = self._names.get(name)
        if local is None:
            local = self._names[name] = name.rpartition(":")[2]
        return local


class Workbook(Xml):
    """The list of sheets: name, relation, whether it is hidden; and which day is day 0."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, bool]] = []
        self.starts_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note sheets and the day count."""
        if name == "sheet":
            relation = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), relation, hidden))
        elif name == "workbookPr":
            self.starts_1904 = attributes.get("date1904", "0") in ("1", "true")


class Relations(Xml):
    """Where a part's relations lead: id to kind and target."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note a relation."""
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.targets[attributes.get("Id", "")] = (kind, attributes.get("Target", ""))


class Styles(Xml):
    """What each cell style means for a number."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[int, str] = {}
        self.formats: list[Format] = []
        self._in_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note number formats and the styles that use them."""
        if name == "numFmt":
            self.codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            number = int(attributes.get("numFmtId", "0"))
            self.formats.append(_format(number, self.codes.get(number, "")))

    def end(self, name: str) -> None:
        """Leave the cell styles."""
        if name == "cellXfs":
            self._in_cells = False


class Strings(Xml):
    """The texts that cells share."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._parts: list[str] = []
        self._aloud = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Collect the runs of a text, without how it is read aloud."""
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._aloud = True
        elif name == "t" and not self._aloud:
            self.collect()

    def end(self, name: str) -> None:
        """Put the runs together."""
        if name == "t" and not self._aloud:
            self._parts.append(self.collected())
        elif name == "rPh":
            self._aloud = False
        elif name == "si":
            self.found.append(unescaped("".join(self._parts)))


class Sheet(Xml):
    """One sheet; each row is handed to `take` when it ends."""

    def __init__(
        self,
        strings: list[str],
        formats: list[Format],
        *,
        starts_1904: bool,
        currency: str,
        take: Callable[[Row], None],
    ) -> None:
        super().__init__()
        self.strings, self.formats = strings, formats
        self.starts_1904, self.currency, self.take = starts_1904, currency, take
        self.facts = Facts()
        self._row = Row(0, False, [])
        self._column = -1
        self._type, self._style = "n", ""
        self._value, self._formula = "", ""
        self._has_value = self._has_formula = self._aloud = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin a row, a cell, or a part of it."""
        if name == "c":
            self._begin_cell(attributes)
        elif name in ("v", "f") or (name == "t" and not self._aloud):
            self.collect()
        elif name == "rPh":
            self._aloud = True
        elif name == "row":
            number = int(attributes.get("r", self._row.number + 1))
            self._row = Row(number, attributes.get("hidden", "0") in ("1", "true"), [])
            self._column = -1
        elif name == "col" and attributes.get("hidden", "0") in ("1", "true"):
            place = int(attributes.get("min", "1")) - 1, int(attributes.get("max", "1")) - 1
            self.facts.hidden_columns.append(place)
        elif name == "mergeCell":
            self.facts.merged.append(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        """End a cell's part, a cell, or a row."""
        if name == "v":
            self._value, self._has_value = self.collected(), True
        elif name == "t" and not self._aloud:
            self._value, self._has_value = self._value + self.collected(), True
        elif name == "f":
            self._formula, self._has_formula = self.collected(), True
        elif name == "rPh":
            self._aloud = False
        elif name == "c":
            self._end_cell()
        elif name == "row" and self._row.cells:
            self.take(self._row)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        match = REFERENCE.fullmatch(attributes.get("r", ""))
        self._column = column_number(match[1]) if match else self._column + 1
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._value = self._formula = ""
        self._has_value = self._has_formula = False

    def _end_cell(self) -> None:
        kind, text = "s", self._value
        if not self._has_value or (self._has_formula and not text and self._type != "str"):
            if not self._has_formula:
                return
            kind, text = "f", f"={self._formula}"
        elif self._type == "s":
            text = self.strings[int(text)]
        elif self._type == "n":
            kind, text = self._number(text)
        elif self._type == "b":
            text = "TRUE" if text == "1" else "FALSE"
        elif self._type == "d":
            text = text.removesuffix("T00:00:00")
        else:
            text = unescaped(text)
        if text:
            self._row.cells.append(Cell(self._column, kind, text))

    def _number(self, text: str) -> tuple[str, str]:
        style = int(self._style or 0)
        form = self.formats[style] if style < len(self.formats) else PLAIN
        value = float(text)
        if form.is_date:
            day = read_serial(value, starts_1904=self.starts_1904)
            return ("s", day) if day else ("s", text)
        if form.is_percent:
            return "p", written(value * 100)
        if form.currency and form.currency != self.currency:
            return "s", f"{written(value)} {form.currency}"
        if form.digits and value.is_integer() and value >= 0:
            return "n", str(int(value)).zfill(form.digits)
        return "n", written(value)


def written(value: float) -> str:
    """Write a number as a spreadsheet holds it, with at most 15 digits and a point."""
    if abs(value) >= LONGEST_NUMBER:
        return f"{value:.2E}"
    if value.is_integer():
        return str(int(value))
    short = f"{value:.15g}"
    return short if "e" not in short else f"{value:.15f}".rstrip("0").rstrip(".")


def read_serial(serial: float, *, starts_1904: bool) -> str | None:
    """Write a date cell's number as an ISO day, with a time if it has one; None if it is no day.

    Serial 60 is the 29 February 1900 that never was.
    """
    if starts_1904:
        first = date(1904, 1, 1)
    else:
        first = date(1899, 12, 31) if serial < 60 else date(1899, 12, 30)
    if not 0 <= serial < 2_958_466 or (not starts_1904 and int(serial) == 60):
        return None
    at = datetime(first.year, first.month, first.day) + timedelta(  # noqa: DTZ001 - no zone in a cell
        seconds=round(serial * 86_400)
    )
    return at.strftime(
        "%Y-%m-%d" if at.hour == at.minute == at.second == 0 else "%Y-%m-%d %H:%M:%S"
    )


def column_number(letters: str) -> int:
    """Return the place of a column, from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """Return a column's letters."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def ranges(references: list[str]) -> Iterator[tuple[str, range, range]]:
    """Read ranges such as B2:C3 as rows (from 1) and columns (from 0)."""
    for reference in references:
        match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})", reference)
        if match:
            columns = range(column_number(match[1]), column_number(match[3]) + 1)
            yield reference, range(int(match[2]), int(match[4]) + 1), columns


def unescaped(text: str) -> str:
    """Undo how a workbook writes characters that XML does not allow."""
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _format(number: int, code: str) -> Format:
    shown = NOT_SHOWN.sub("", code)
    first = shown.partition(";")[0]
    found = CURRENCY_IN_FORMAT.search(code)
    sign = next((part.strip() for part in found.groups() if part), "") if found else ""
    return Format(
        is_date=number in DATE_FORMATS
        or (bool(re.search(r"[ymdhs]", first, re.IGNORECASE)) and first.lower() != "general"),
        is_percent=number in PERCENT_FORMATS or "%" in first,
        digits=len(first) if re.fullmatch(r"0{2,}", first) else 0,
        currency=CURRENCIES.get(sign, sign) or None,
    )


def _refuse(*_: object) -> None:
    raise UnsafeXmlError
