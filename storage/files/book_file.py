"""Reads a whole client file: typed columns for the good rows, findings for the others.

Nothing is raised for what a person wrote: a file that cannot be read at all has ``refusals``,
one that can be read in several ways has ``questions``, and in both cases no rows.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from storage.files.decoding import decode
from storage.files.findings import (
    Note,
    OpenQuestionError,
    Problem,
    Question,
    Refusal,
    RefusalCode,
    RefusedFileError,
)
from storage.files.headings import map_headings
from storage.files.options import Limits, ReadOptions
from storage.files.rows import Rows, no_rows, read_rows
from storage.files.tables import Table, read_header, read_table
from storage.files.workbook import ZIP, read_workbook


@dataclass(kw_only=True)
class BookFile:
    """A client file as read.

    ``frame`` has one line per good row, in the file's order: ``row`` (int64, the line in the file)
    and the fields the file has, by their canonical names. Empty is unknown, never 0.

    - client_id, name, advisor, sponsor, wallet_source, satisfaction_scale, criterion, relation: str
    - revenue, managed, wallet, income: Int64, cents
    - wallet_share, saving_rate, business_share: Int64, hundredths of a percent
    - trust, coachability, referrals, providers: Int64
    - provider_rank: Int64, hundredths
    - satisfaction: Int64, hundredths of its own scale (csat 4,5 is 450)
    - client_since, former_since, born_on, last_review_on, last_contact_on, and the days of what
      was observed: datetime64[s]
    """

    file_hash: str
    frame: pd.DataFrame = field(default_factory=no_rows)
    row_count: int = 0
    """Rows in the file without heading and blank lines: good, refused and repeated ones."""
    refused_rows: int = 0
    mapping: dict[str, str] = field(default_factory=dict)
    """Field to heading as it stands in the file."""
    ignored: tuple[str, ...] = ()
    """Headings that were not read."""
    refusals: tuple[Refusal, ...] = ()
    questions: tuple[Question, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    encoding: str | None = None
    separator: str | None = None
    """None for a workbook, as the encoding is."""
    sheet: str | None = None
    """The sheet of a workbook that was read."""
    formats: dict[str, str] = field(default_factory=dict)
    """Field to the number format (de, en, ch) or date order (dmy, mdy) its values show."""

    @property
    def is_readable(self) -> bool:
        """Whether rows can be taken from the file without a further answer."""
        return not self.refusals and not self.questions

    def forget_rows(self) -> None:
        """Give the rows' memory back; what was found out about them stays."""
        self.frame = no_rows()


def read_book(data: bytes, *, options: ReadOptions, limits: Limits, today: date) -> BookFile:
    """Read a CSV file or a workbook of clients."""
    book = BookFile(file_hash=hashlib.sha256(data).hexdigest())
    try:
        is_workbook = data.startswith(ZIP)
        allowed = limits.workbook_bytes if is_workbook else limits.file_bytes
        if len(data) > allowed:
            raise _too_much(RefusalCode.FILE_TOO_LARGE, len(data), allowed)
        take = _workbook if is_workbook else _text
        table, positions = take(data, book, options, limits)
        rows = read_rows(table, positions, options=options, limits=limits, today=today)
    except RefusedFileError as error:
        book.refusals = (error.refusal,)
    except OpenQuestionError as error:
        book.questions = (error.question,)
    else:
        _fill(book, table, positions, rows)
        del table, rows
    pa.default_memory_pool().release_unused()  # a large file leaves much behind
    return book


def cells_of(
    data: bytes, rows: Collection[int], *, options: ReadOptions, limits: Limits
) -> tuple[tuple[str, ...], dict[int, list[str]]]:
    """Return the headings of a file that could be read, and the cells of some rows as they are."""
    take = _workbook if data.startswith(ZIP) else _text
    table, _ = take(data, BookFile(file_hash=""), options, limits)
    wanted = np.isin(table.lines, list(rows))
    columns = [column.filter(pa.array(wanted)).to_pylist() for column in table.columns]
    cells = [list(row) for row in zip(*columns, strict=True)]
    return table.headings, dict(zip(table.lines[wanted].tolist(), cells, strict=True))


def _workbook(
    data: bytes, book: BookFile, options: ReadOptions, limits: Limits
) -> tuple[Table, dict[str, int]]:
    book.sheet, table, book.notes = read_workbook(data, options=options, limits=limits)
    return table, map_headings(table.headings, options=options)


def _text(
    data: bytes, book: BookFile, options: ReadOptions, limits: Limits
) -> tuple[Table, dict[str, int]]:
    text, book.encoding = decode(data, chosen=options.encoding)
    header = read_header(text, options=options)
    book.separator = header.separator
    if len(header.headings) > limits.columns:
        found = len(header.headings)
        raise _too_much(RefusalCode.TOO_MANY_COLUMNS, found, limits.columns)
    positions = map_headings(header.headings, options=options)
    return read_table(text, header, max_problems=limits.problems), positions


def _fill(book: BookFile, table: Table, positions: dict[str, int], rows: Rows) -> None:
    book.mapping = {field: table.headings[position] for field, position in positions.items()}
    taken = set(positions.values())
    book.ignored = tuple(
        heading
        for position, heading in enumerate(table.headings)
        if position not in taken and heading
    )
    book.row_count, book.refused_rows = rows.count, rows.refused
    book.refusals, book.questions = rows.refusals, rows.questions
    book.problems, book.notes = rows.problems, book.notes + rows.notes
    book.formats = rows.formats
    if book.is_readable:
        book.frame = rows.frame


def _too_much(code: RefusalCode, found: int, limit: int) -> RefusedFileError:
    key = "size" if code is RefusalCode.FILE_TOO_LARGE else "found"
    return RefusedFileError(Refusal(code=code, facts={key: found, "limit": limit}))
