"""What a reader has to say about a file: codes and facts, which the views put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Fact = str | int | tuple[str, ...]
Facts = Mapping[str, Fact]
NO_FACTS: Facts = {}
SHOWN_CHARS = 200


class RefusalCode(StrEnum):
    """Why nothing of the file can be read. Facts in brackets."""

    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    """[size, limit] in bytes."""
    WRONG_CONTAINER = "wrong_container"
    """[container]: zip, docx, ods, xlsb, ole2 (xls), pdf, html, rtf, gzip, image, parquet,
    sqlite."""
    TOO_MANY_COLUMNS = "too_many_columns"
    """[found, limit]"""
    TOO_MANY_ROWS = "too_many_rows"
    """[found, limit]"""
    COLUMN_MISSING = "column_missing"
    """[field, accepted: the headings that would be recognised]"""
    HEADING_TWICE = "heading_twice"
    """Two columns for one field. [field, headings, positions: counted from 1]"""
    NO_SUCH_HEADING = "no_such_heading"
    """The options name a heading or a field that is not there. [field, heading]"""
    AMOUNTS_IN_THOUSANDS = "amounts_in_thousands"
    """The heading says TEUR, k€, Mio.; column is that heading. [unit]"""
    HEADING_IN_OTHER_CURRENCY = "heading_in_other_currency"
    """[found, expected]; column is that heading."""
    BOTH_NUMBER_FORMATS = "both_number_formats"
    """Comma and point both as decimal mark in one column. [other_row, other_value]"""
    BOTH_DATE_ORDERS = "both_date_orders"
    """Day first and month first in one column. [other_row, other_value]"""
    PROTECTED = "protected"
    """A workbook with a password."""
    DAMAGED = "damaged"
    """A workbook that is cut off or otherwise broken."""
    UNSAFE_XML = "unsafe_xml"
    """A workbook whose XML declares entities: bombs and stolen files are made so."""
    TOO_LARGE_INSIDE = "too_large_inside"
    """Unpacked, or packed too tightly. [limit in bytes]"""
    TOO_MANY_PARTS = "too_many_parts"
    """[found, limit] in the archive of a workbook."""
    TOO_MANY_SHEETS = "too_many_sheets"
    """[found, limit]"""
    SHEET_RANGE_TOO_LARGE = "sheet_range_too_large"
    """[range, limit in cells]"""
    TOO_SLOW = "too_slow"
    """A workbook that takes more time or memory to read than any honest one."""
    NO_SUCH_SHEET = "no_such_sheet"
    """[sheet, accepted]"""
    UNREADABLE = "unreadable"
    """Quotation marks that cannot be told apart; [reason] is for the log."""


class ProblemCode(StrEnum):
    """Why one row is refused. Facts in brackets."""

    CELLS_MISSING = "cells_missing"
    """[expected, found]; value is the row as read."""
    CELLS_TOO_MANY = "cells_too_many"
    """[expected, found]; often a separator inside an unquoted text."""
    QUOTE_NOT_CLOSED = "quote_not_closed"
    """A quotation mark opens in this row and swallows the rest of the file."""
    CELL_TOO_LONG = "cell_too_long"
    """[limit, found]"""
    MISSING = "missing"
    """A required cell is empty."""
    TEXT_TOO_LONG = "text_too_long"
    """[limit, found]"""
    CONTROL_CHARACTER = "control_character"
    """[character: as U+0000]; also the marks that reverse the reading direction."""
    BROKEN_CHARACTER = "broken_character"
    """Bytes that are no text in the file's encoding (shown as U+FFFD)."""
    NO_LETTERS = "no_letters"
    """A name without a letter or a digit."""
    SCIENTIFIC_ID = "scientific_id"
    """A spreadsheet turned the id into 1,23E+11; its digits are lost."""
    SAME_ID = "same_id"
    """The same client id with other values. [other_row]"""
    OWN_SPONSOR = "own_sponsor"
    EXCEL_ERROR = "excel_error"
    """#DIV/0!, #N/A and the like."""
    FORMULA = "formula"
    """A formula instead of its value."""
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    """A workbook's formula that no spreadsheet has calculated and stored."""
    MERGED_CELLS = "merged_cells"
    """Whose value is it? [range]"""
    NOT_A_NUMBER = "not_a_number"
    """[accepted: examples]"""
    WRITTEN_SHORT = "written_short"
    """1,2 Mio or 250k. [suggestion: the number written out]"""
    OTHER_CURRENCY = "other_currency"
    """[found, expected]"""
    NEGATIVE = "negative"
    TOO_MANY_DECIMALS = "too_many_decimals"
    """[limit]"""
    TOO_LARGE = "too_large"
    """[limit]"""
    OTHER_NUMBER_FORMAT = "other_number_format"
    """Cannot be read in the format chosen or settled for the column. [number_format]"""
    OUT_OF_RANGE = "out_of_range"
    """[lowest, highest], for satisfaction [scale] too."""
    NOT_WHOLE = "not_whole"
    """A mark or a count with a fraction. [lowest, highest]"""
    RANK_INCOMPLETE = "rank_incomplete"
    """Of the number of providers and our place among them only one is given."""
    RANK_BEYOND_PROVIDERS = "rank_beyond_providers"
    """[providers]"""
    SCALE_MISSING = "scale_missing"
    """A satisfaction without scale in a file with a scale column. [accepted]"""
    NOT_A_DATE = "not_a_date"
    """[accepted: examples]"""
    NO_SUCH_DAY = "no_such_day"
    TWO_DIGIT_YEAR = "two_digit_year"
    """[accepted: examples]"""
    DATE_AS_DIGITS = "date_as_digits"
    """20260301, or a spreadsheet's serial number. [accepted: examples]"""
    YEAR_OUT_OF_RANGE = "year_out_of_range"
    """[lowest, highest]"""
    IN_THE_FUTURE = "in_the_future"
    """[today]; something observed cannot carry a later date."""
    OTHER_DATE_ORDER = "other_date_order"
    """[date_order]"""
    ENDS_BEFORE_START = "ends_before_start"
    """Former since a day before client since. [client_since]"""
    UNKNOWN_WORD = "unknown_word"
    """[accepted: the words that would be understood]"""


class QuestionKind(StrEnum):
    """What only the person can settle; each is the option that takes the answer."""

    ENCODING = "encoding"
    SEPARATOR = "separator"
    COLUMNS = "columns"
    """No heading is known, or there is none: examples are the cells of the first row."""
    NUMBER_FORMAT = "number_format"
    DATE_ORDER = "date_order"
    PERCENT_AS = "percent_as"
    SATISFACTION_SCALE = "satisfaction_scale"
    SHEET = "sheet"
    """Several sheets hold data: examples are their first rows."""
    HIDDEN_ROWS = "hidden_rows"


class NoteCode(StrEnum):
    """What was read with a remark."""

    TIMES_DROPPED = "times_dropped"
    ROUNDED = "rounded"
    """Percents and satisfaction rounded to two decimals."""
    READ_AS_PERCENT = "read_as_percent"
    READ_AS_FRACTION = "read_as_fraction"
    SCALE_SETTLED = "scale_settled"
    """[scale]: the only known one that takes all values."""
    LOOKS_DOUBLE_ENCODED = "looks_double_encoded"
    """[suggestion: the first value repaired]"""
    SAME_ROW_TWICE = "same_row_twice"
    """Read once."""
    SAME_NAME = "same_name"
    """Several client ids with one name."""
    REVENUE_ABOVE_MANAGED = "revenue_above_managed"
    MANAGED_ABOVE_WALLET = "managed_above_wallet"
    SATISFACTION_WITHOUT_DATE = "satisfaction_without_date"
    WALLET_WITHOUT_DATE = "wallet_without_date"
    JUDGED_WITHOUT_DATE = "judged_without_date"
    """Trust, coachability, referrals, or our place among providers."""
    DATE_AHEAD = "date_ahead"
    MACROS_IGNORED = "macros_ignored"
    LINKS_NOT_FOLLOWED = "links_not_followed"
    OBJECTS_IGNORED = "objects_ignored"
    HIDDEN_SHEETS = "hidden_sheets"
    """Not read. [names]"""
    HIDDEN_COLUMNS = "hidden_columns"
    """Read like the others. [names: their letters]"""
    HIDDEN_ROWS = "hidden_rows"
    """Read or left out, as chosen. [choice]"""
    CELLS_WITHOUT_HEADING = "cells_without_heading"
    """Beside the last heading; not read."""
    MORE_PROBLEMS = "more_problems"
    """The list of problems was cut; count is the number of refused rows it does not describe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Nothing of the file is read."""

    code: RefusalCode
    column: str | None = None
    """The heading as it stands in the file."""
    row: int | None = None
    value: str | None = None
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One row is not read, and why."""

    code: ProblemCode
    row: int
    """The line in the file; the heading is line 1."""
    column: str | None = None
    """The heading as it stands in the file; None if the whole row is meant."""
    value: str = ""
    """As read, cut after 200 characters."""
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A value from the file and what each choice would make of it."""

    row: int
    value: str
    readings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The file can be read in several ways; nothing is read until the person has chosen."""

    kind: QuestionKind
    column: str | None = None
    others: tuple[str, ...] = ()
    """Further columns of which the same is asked; one answer holds for all."""
    elsewhere: str | None = None
    """The choice that the other columns of the file show, if they show one."""
    examples: tuple[Example, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something worth knowing about rows that are read."""

    code: NoteCode
    column: str | None = None
    count: int = 0
    rows: tuple[int, ...] = ()
    """The first five."""
    facts: Facts = field(default_factory=dict)


class RefusedFileError(Exception):
    """Carries a refusal from the step that found it to the reader."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class OpenQuestionError(Exception):
    """Carries a question without whose answer no further step makes sense."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.kind)
        self.question = question
