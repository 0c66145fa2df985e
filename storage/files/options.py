"""What the person chose for a file, and how large a file may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

NumberFormat = Literal["de", "en", "ch"]
DateOrder = Literal["dmy", "mdy"]
PercentAs = Literal["percent", "fraction"]
HiddenRows = Literal["leave_out", "read"]
Scale = Literal["csi", "csat", "nps", "school"]

NUMBER_FORMATS: tuple[NumberFormat, ...] = ("de", "en", "ch")
DATE_ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy")
PERCENT_READINGS: tuple[PercentAs, ...] = ("percent", "fraction")
SCALES: tuple[Scale, ...] = ("csi", "csat", "nps", "school")
SEPARATORS = (";", ",", "\t", "|")
ENCODINGS = ("utf-8", "cp1252", "cp850", "mac_roman", "utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """A person's answers to the questions a file raised; None means nobody was asked yet.

    A choice settles only what the column's own values leave open.
    """

    encoding: str | None = None
    separator: str | None = None
    number_format: NumberFormat | None = None
    date_order: DateOrder | None = None
    percent_as: PercentAs | None = None
    satisfaction_scale: Scale | None = None
    short_amounts: bool = False
    """1,2 Mio and 250k are read."""
    two_digit_years: bool = False
    """01.03.26 is read: the latest such year that is at most the next one."""
    compact_dates: bool = False
    """20260301 is read."""
    sheet: str | None = None
    """Of a workbook with several sheets."""
    hidden_rows: HiddenRows | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """Field to heading, for headings that are not recognised by themselves."""
    header: bool = True
    """False: the first row is data, and the headings are "1", "2", "3" …"""
    currency: str = "EUR"
    """The firm's currency; amounts marked with another one are refused, never converted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a file may be; one digit more is refused, never cut."""

    file_bytes: int
    rows: int
    workbook_bytes: int = 10_000_000
    columns: int = 200
    cell_chars: int = 32_767
    name_chars: int = 200
    problems: int = 10_000
    """So many problems are described; rows beyond are refused all the same, and counted."""


TERMINAL_LIMITS = Limits(file_bytes=200_000_000, rows=1_000_000, workbook_bytes=50_000_000)
SLACK_LIMITS = Limits(file_bytes=10_000_000, rows=50_000)
